"""Settings of the staff and participant site. Every number a policy can change stands here with its source.

The environment overrides: DATABASE_URL, WAYMARK_SECRET_KEY, WAYMARK_HOSTS, WAYMARK_VAR, WAYMARK_DEMO, WAYMARK_ORIGINS,
WAYMARK_TLS, WAYMARK_PROXIES, WAYMARK_LAW_READINGS, WAYMARK_TILES, WAYMARK_FETCH_INSIDE.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from waymark.sites.databases import database

HOME = Path(__file__).resolve().parents[3]
VAR = Path(os.environ.get("WAYMARK_VAR", HOME / "var"))
VAR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """The key of this installation: from the environment, else made once and kept in var/ for its owner alone."""
    if given := os.environ.get("WAYMARK_SECRET_KEY"):
        return given
    kept = VAR / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
DEMO = os.environ.get("WAYMARK_DEMO") == "1"  # sign-in page lists the demo accounts, no second factor
ALLOWED_HOSTS = os.environ.get("WAYMARK_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("WAYMARK_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "waymark.web",
    "waymark.audit",
    "waymark.accounts",
    "waymark.people",
    "waymark.cases",
    "waymark.monitoring",
    "waymark.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "waymark.audit.middleware.OriginMiddleware",
    "waymark.accounts.middleware.SessionLockMiddleware",
    "waymark.accounts.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "waymark.sites.staff.urls"
WSGI_APPLICATION = "waymark.sites.staff.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "waymark.web.context.page",
                "waymark.sites.staff.navigation.navigation",
            ],
        },
    },
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL"), VAR / "waymark.sqlite3")}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # with Django's 300 a flood of failures would push a lockout out
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Where sources of law differ, the readings this agency takes, by their names (docs/law/217.703.md); not named: the
# project's own. A wrong name or value keeps Waymark from starting (cases/checks.py).
LAW_READINGS: dict[str, Any] = json.loads(os.environ.get("WAYMARK_LAW_READINGS", "{}"))

# Language and time. Dates of law are plain dates in the court's own calendar.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
TIME_ZONE = "America/Chicago"
USE_TZ = True

# Static files and uploads.
NODE_MODULES = HOME / "node_modules"
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # before anything is collected, its absence would be a warning at every start
STATICFILES_DIRS = [
    ("uswds/css", NODE_MODULES / "@uswds" / "uswds" / "dist" / "css"),
    ("uswds/js", NODE_MODULES / "@uswds" / "uswds" / "dist" / "js"),
    ("uswds/fonts", NODE_MODULES / "@uswds" / "uswds" / "dist" / "fonts"),
    ("uswds/img", NODE_MODULES / "@uswds" / "uswds" / "dist" / "img"),
    ("htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("leaflet", NODE_MODULES / "leaflet" / "dist"),
    ("uplot", NODE_MODULES / "uplot" / "dist"),
    ("topojson", NODE_MODULES / "topojson-client" / "dist"),
    ("atlas", NODE_MODULES / "us-atlas"),
]
MEDIA_ROOT = VAR / "documents"  # never served as files: cases/views hands them out after the access check
DOCUMENT_BYTES_MAX = 25 * 1024 * 1024

# Monitoring: how long what bracelets said is kept, and where (docs/decisions/0007).
MONITORING_HOT_DAYS = 30  # in the database; older readings lie in compacted files
MONITORING_REEVALUATED_DAYS = 28  # how far back a late reading or a change of plan is followed up; less than the above
MONITORING_KEPT_DAYS = 3 * 365  # readings and messages, unless a legal hold stands
MONITORING_BYTES_MAX = 16 * 1024 * 1024  # of one message
MONITORING_SILENT_AFTER_SECONDS = 15 * 60  # a feed is shown as silent
MONITORING_FETCHES_INSIDE = os.environ.get("WAYMARK_FETCH_INSIDE") == "1"  # feeds at addresses of our own network

# Signing in. Numbers: CJIS Security Policy v6.0 (area AC and IA); where its editions differ the stricter stands here.
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",  # Django's own, by user name or e-mail
]
LOGIN_URL = "demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_ADAPTER = "waymark.accounts.adapter.AccountAdapter"  # accounts are made by an administrator, never by sign-up
ACCOUNT_FORMS = {"login": "waymark.accounts.sign_in_forms.SignInForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key"}  # AC-7: five failures within 15 minutes
LOCKOUT_SECONDS = 15 * 60  # AC-7: lock the account for 15 minutes (accounts/lockout.py)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Waymark"
MFA_ADAPTER = "waymark.accounts.adapter.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the address was entered by an administrator, nobody signs up with another's
MFA_FORMS = {
    "authenticate": "waymark.accounts.sign_in_forms.CodeForm",
    "authenticate_webauthn": "waymark.accounts.sign_in_forms.KeyForm",
    "reauthenticate": "waymark.accounts.sign_in_forms.CodeAgainForm",
    "reauthenticate_webauthn": "waymark.accounts.sign_in_forms.KeyAgainForm",
    "add_webauthn": "waymark.accounts.sign_in_forms.AddKeyForm",
    "login_webauthn": "waymark.accounts.sign_in_forms.PasskeySignInForm",
}
SECOND_FACTOR_REQUIRED = not DEMO  # IA-2: staff must enrol a second factor
SESSION_LOCK_SECONDS = 30 * 60  # AC-11: session lock after 30 minutes without activity
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Transport. A deployment behind TLS sets WAYMARK_TLS=1.
TLS = os.environ.get("WAYMARK_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("WAYMARK_PROXIES", "0"))  # our proxies that add X-Forwarded-For
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Maps: the address of a tile server, such as https://tiles.example.org/{z}/{x}/{y}.png; empty: counties alone.
TILES = os.environ.get("WAYMARK_TILES", "")
TILE_HOSTS = [f"{urlsplit(TILES).scheme}://{urlsplit(TILES).netloc}"] if TILES else []

# No inline script, no inline style, nothing from another host but a tile server that was named.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *TILE_HOSTS],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
