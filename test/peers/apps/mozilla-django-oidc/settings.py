import os
import secrets

ISSUER = os.environ["ISSUER"]
BASE_URL = os.environ["BASE_URL"]

AUTHENTICATION_BACKENDS = ["oidc.Backend"]
OIDC_RP_CLIENT_ID = os.environ["CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid profile email"
OIDC_OP_AUTHORIZATION_ENDPOINT = ISSUER + "/auth"
OIDC_OP_TOKEN_ENDPOINT = ISSUER + "/token"
OIDC_OP_USER_ENDPOINT = ISSUER + "/me"
OIDC_OP_JWKS_ENDPOINT = ISSUER + "/jwks"

OIDC_STORE_ID_TOKEN = True
OIDC_OP_LOGOUT_URL_METHOD = "oidc.sign_out_url"
LOGOUT_REDIRECT_URL = BASE_URL + "/"

OIDC_USE_PKCE = "OWN_SWITCHES" in os.environ
LOGIN_REDIRECT_URL = "/"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "mozilla_django_oidc"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mozilla_django_oidc.middleware.SessionRefresh",
]
SECRET_KEY = secrets.token_hex(32)
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "urls"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "mozilla-django-oidc"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
