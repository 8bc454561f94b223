import os
import secrets

AUTHENTICATION_BACKENDS = ["social_core.backends.open_id_connect.OpenIdConnectAuth"]
SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = os.environ["ISSUER"]
SOCIAL_AUTH_OIDC_KEY = os.environ["CLIENT_ID"]
SOCIAL_AUTH_OIDC_SECRET = os.environ["CLIENT_SECRET"]

# What the address of a button may add to the request: ?acr_values=urn:sigma:acr:mfa
SOCIAL_AUTH_OIDC_AUTH_EXTRA_ARGUMENTS = {"prompt": "", "acr_values": ""}
SOCIAL_AUTH_OIDC_AUTH_EXTRA_ARGUMENTS_OVERRIDE_ALLOWLIST = ["prompt", "acr_values"]

if "OWN_SWITCHES" in os.environ:
    SOCIAL_AUTH_OIDC_USE_PKCE = True
    SOCIAL_AUTH_OIDC_TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_post"
LOGIN_REDIRECT_URL = "/"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "social_django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SECRET_KEY = secrets.token_hex(32)
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "urls"
SESSION_COOKIE_NAME = "social-auth"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
