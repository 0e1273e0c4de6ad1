# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's settings: the same everywhere, but for what guichet.config reads."""

from __future__ import annotations

from pathlib import Path

from guichet.config import read

CONFIGURATION = read()
_HERE = Path(__file__).parent

SECRET_KEY = CONFIGURATION.secret_key
DEBUG = False
# guichet.tenancy.middleware answers 404 to every host that is no tenant's.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = ["guichet.apps.Guichet"]
MIDDLEWARE = [
    "guichet.tenancy.headers.Headers",
    "guichet.tenancy.middleware.OneTenant",
    "guichet.language.Language",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "guichet.tenancy.nul.NoNul",
    "guichet.tenancy.changes.OwnChanges",
]
ROOT_URLCONF = "guichet.urls"
WSGI_APPLICATION = "guichet.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "context_processors": ["guichet.tenancy.context.shown"],
            "builtins": ["django.templatetags.i18n", "guichet.templatetags.desk"],
            "libraries": {},
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": CONFIGURATION.database.get("name", "guichet"),
        "HOST": CONFIGURATION.database.get("host", "/run/postgresql"),
        "PORT": CONFIGURATION.database.get("port", ""),
        "USER": CONFIGURATION.database.get("user", "guichet_app"),
        "PASSWORD": CONFIGURATION.database.get("password", ""),
        # The whole request is one transaction (guichet.tenancy.middleware), and each view that may
        # change something has a savepoint in it (guichet.tenancy.changes).
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SESSION_ENGINE = "guichet.sessions"
SESSION_COOKIE_NAME = "__Host-guichet"  # RFC 6265bis §4.1.3.2: this host, this path, TLS
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 2 * 3600  # of a citizen's form; agents have their own limits
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "guichet.views.errors.forgery"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

LANGUAGE_CODE = "fr"
# Each name in its own language; the addresses say which one is meant (guichet.language).
LANGUAGES = [("fr", "Français"), ("en", "English")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# One file and its form; more is refused before it is read (guichet.files counts again).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 11_000_000
FILE_UPLOAD_HANDLERS = ["guichet.uploads.Bounded"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = CONFIGURATION.mail.get("host", "127.0.0.1")
EMAIL_PORT = CONFIGURATION.mail.get("port", 25)
EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's names every path that fails, and some paths are secrets: ours names the view.
    "loggers": {"django.request": {"level": "CRITICAL"}, "django.security": {"level": "ERROR"}},
}
