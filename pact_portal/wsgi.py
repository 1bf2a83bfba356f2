"""The door for a WSGI server such as gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pact_portal.settings")

application = get_wsgi_application()
application.request_class = import_string("pact_portal.foundation.serving.requests.Utf8Request")
