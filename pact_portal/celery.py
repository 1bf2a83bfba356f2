"""The worker. The broker only wakes it; what is to be done stands in the database."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pact_portal.settings")

# The broker of the embedded default, see CELERY_BROKER_URL.
TRANSPORT_ALIASES["folder"] = "pact_portal.foundation.serving.folder_queue:Transport"

app = Celery("pact_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the database connection around every task; this lets it live for so many tasks.
app.conf["CELERY_DB_REUSE_MAX"] = 1000
