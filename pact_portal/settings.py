"""One file of settings, grouped by subject. What differs per machine comes from the environment."""

from pathlib import Path
from typing import Any

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from pact_portal import environment
from pact_portal.environment import read

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The machine -----------------------------------------------------------------------------------------------------

DEBUG = read(environment.boolean, "DEBUG", default=False, expected="1 or 0")
SECRET_KEY = read(
    str,
    "SECRET_KEY",
    default="only for a local demo, never for a portal that others reach" if DEBUG else None,
    expected="a long random text that is kept secret",
)
if not DEBUG and len(SECRET_KEY) < 32:
    environment.refuse("SECRET_KEY", "is too short", "at least 32 random characters")

PORTAL_URL = read(
    environment.address,
    "PORTAL_URL",
    default="http://127.0.0.1:8000" if DEBUG else None,
    expected="the address that people type, such as https://pact.example",
)
ALLOWED_HOSTS = read(
    environment.names,
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]"] if DEBUG else None,
    expected="the host names of the portal, separated by commas",
)
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# Everything that the portal keeps on disk when nothing else is given: database, files, queue, mail.
DATA_DIR = read(environment.folder, "DATA_DIR", default=BASE_DIR / ".local" / "data", expected="an absolute folder")

# --- Apps ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "pact_portal.front",
    "evaluations",
    "plan",
    "partners",
    "pact_portal.foundation",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "django_prose_editor",
    "lucide",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partners.people.sessions.LastSeenMiddleware",
    "partners.access.PactAccessMiddleware",
    "partners.second_factor.SecondFactorMiddleware",
]

ROOT_URLCONF = "pact_portal.urls"
WSGI_APPLICATION = "pact_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Data ------------------------------------------------------------------------------------------------------------

DATABASES = {
    "default": read(
        environment.database,
        "DATABASE_URL",
        default=environment.database(f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"),
        expected="postgres://user:password@host:5432/name or sqlite:////folder/portal.sqlite3",
    )
}
DATABASES["default"]["ATOMIC_REQUESTS"] = False

REDIS_URL = read(environment.redis, "REDIS_URL", default="", expected="redis://host:6379/0 or unix:///folder/socket")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    # Shared by all processes on this machine, so that limits on sign-in hold across them.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(DATA_DIR / "cache"),
        }
    }

S3_BUCKET = read(str, "S3_BUCKET", default="", expected="the name of a bucket")
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": S3_BUCKET}}
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "files"
# Files are handed out by views that check who asks; no address serves this folder.
MEDIA_URL = "/media-is-not-served/"

# --- Static files ----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".local" / "collected"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG

# --- Templates and forms ---------------------------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pact_portal.foundation.pages.context.portal",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_htmx.templatetags.django_htmx",
                "lucide.templatetags.lucide",
                "pact_portal.foundation.templatetags.portal",
            ],
        },
    }
]
FORM_RENDERER = "pact_portal.foundation.forms.renderer.PortalFormRenderer"

# --- Language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Nederlands")), ("en", _("Engels"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- Accounts --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "partners.people.passwords.NotPersonal",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "partners.people.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "partners.people.passwords.NotCommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "front:home"
LOGOUT_REDIRECT_URL = "front:home"
ACCOUNT_ADAPTER = "partners.people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,50/5m/ip", "login": "60/m/ip"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# Behind so many proxies of our own; 0 takes the address of the connection itself, whatever a header says.
ALLAUTH_TRUSTED_PROXY_COUNT = read(environment.count, "TRUSTED_PROXIES", default=0, expected="a whole number")

# Who writes shows two things to come in; only a demo on one's own machine does without.
SECOND_FACTOR = read(environment.boolean, "SECOND_FACTOR", default=True, expected="1 or 0")
MFA_ADAPTER = "partners.people.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "partners.people.account_forms.ActivateAppForm",
    "add_webauthn": "partners.people.account_forms.AddPasskeyForm",
    "authenticate": "partners.people.account_forms.SecondFactorForm",
    "edit_webauthn": "partners.people.account_forms.NamePasskeyForm",
    "reauthenticate": "partners.people.account_forms.RenewSecondFactorForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Pactportaal"
# The code of half a minute ago still works, as typing takes time; each works once.
MFA_TOTP_TOLERANCE = 1
# Passkeys need https, except on this machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG and not PORTAL_URL.startswith("https://")

# Organisations whose people sign in at their own provider; see docs/adr/008.
OIDC_PROVIDERS: list[dict[str, Any]] = read(
    environment.sign_on,
    "OIDC_PROVIDERS",
    default=[],
    expected='[{"domain": "gemeente.example", "name": …, "issuer": …, "client_id": …, "client_secret": …}]',
)
ACCOUNT_FORMS = {"login": "partners.people.account_forms.SignInForm"}
SOCIALACCOUNT_ADAPTER = "partners.people.sign_on.SignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False

# --- Mail ------------------------------------------------------------------------------------------------------------

MAILERS = {
    "default": read(
        environment.mailer,
        "MAIL_URL",
        default=environment.mailer((DATA_DIR / "mail").as_uri()) if DEBUG else None,
        expected="smtp+tls://user:password@host:587, or file:///folder to write mails to disk",
    )
}
DEFAULT_FROM_EMAIL = read(
    environment.sender,
    "MAIL_FROM",
    default="Pactportaal <portaal@regio-alkmaar.example>" if DEBUG else None,
    expected="the sender of the portal's mail, such as Pactportaal <portaal@pact.example>",
)

# --- Background work -------------------------------------------------------------------------------------------------

CELERY_IMPORTS = [
    "pact_portal.foundation.mail.tasks",
    "pact_portal.foundation.documents.tasks",
    "partners.signing.tasks",
    "plan.questions.tasks",
    "plan.programmes.tasks",
    "evaluations.series.tasks",
    "plan.imports.tasks",
]
CELERY_BEAT_SCHEDULE = {
    "deliver-waiting-mail": {"task": "pact_portal.foundation.mail.tasks.deliver_waiting", "schedule": 15.0},
    "render-waiting-documents": {"task": "pact_portal.foundation.documents.tasks.render_waiting", "schedule": 15.0},
    "seal-waiting-signatures": {"task": "partners.signing.tasks.seal_waiting", "schedule": 15.0},
    "open-prepared-sheets": {"task": "partners.signing.tasks.open_prepared", "schedule": 15.0},
    "mail-question-news": {"task": "plan.questions.tasks.mail_news", "schedule": 60.0},
    "remind-signatories": {"task": "partners.signing.tasks.remind", "schedule": 3600.0},
    "ask-programme-checks": {"task": "plan.programmes.tasks.ask_checks", "schedule": 3600.0},
    "move-evaluations": {"task": "evaluations.series.tasks.tick", "schedule": 60.0},
    "sweep-imports": {"task": "plan.imports.tasks.sweep", "schedule": 15.0},
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 330
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"unacked_restore_interval": 5, "unacked_restore_throttle": 1}
else:
    # Messages are files in one folder: no server to install. The database says what is due: a lost file costs nothing.
    CELERY_BROKER_URL = "folder://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "queue"),
        "data_folder_out": str(DATA_DIR / "queue"),
        "control_folder": str(DATA_DIR / "queue-control"),
        "polling_interval": 0.05,
    }

# --- The seal --------------------------------------------------------------------------------------------------------

# Only the worker has these: the web process neither seals nor signs. A PKCS#12 file by its path, or base64 of it.
SEAL_PKCS12 = read(str, "SEAL_PKCS12", default="", expected="the path of a PKCS#12 file, or that file in base64")
SEAL_PASSPHRASE = read(str, "SEAL_PASSPHRASE", default="", expected="the passphrase of the PKCS#12 file")
# Where there is no key of one's own, a local demo makes one in DATA_DIR/seal, which readers show as unknown.
SEAL_DEMO = DEBUG
# A server of RFC 3161; empty: signatures carry the time of the portal's own clock.
TIMESTAMP_URL = read(str, "TIMESTAMP_URL", default="", expected="the address of a timestamp server (RFC 3161)")

# --- Security --------------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    # A browser also asks this of where a form is led on to: the providers of single sign-on.
    "form-action": [CSP.SELF, *environment.origins(provider["issuer"] for provider in OIDC_PROVIDERS)],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = PORTAL_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SESSION_COOKIE_AGE = 60 * 60 * 12
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Log -------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "CRITICAL"},  # what it thinks of a broken file is told to the reader
        "pyhanko": {"level": "ERROR"},  # what it thinks of a forged file is told to the reader
    },
}
