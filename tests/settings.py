"""The settings of the tests: those of the portal, except where a test would wait or reach outside."""

from pact_portal.settings import *  # noqa: F403 - a variant of the same settings
from pact_portal.settings import DATA_DIR, STORAGES

# Without a collectstatic before every run; the image of the Dockerfile makes the manifest.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = DATA_DIR / "collected"
STATIC_ROOT.mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and only here
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
# The tests of it turn it on: everywhere else people come in as in the local demo.
SECOND_FACTOR = False
SEAL_DEMO = True  # the key of the local demo, made in the data of the tests
