import jwt
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from social_django.utils import load_strategy


def home(request):
    user = request.user
    if not user.is_authenticated:
        return JsonResponse(None, safe=False)
    # The library has verified it.
    claims = jwt.decode(user.social_auth.get().extra_data["id_token"], options={"verify_signature": False})
    return JsonResponse({"email": user.email, "name": user.get_full_name(), "acr": claims["acr"]})


def refresh(request):
    request.user.social_auth.get().refresh_token(load_strategy())
    return home(request)


def button(parameters=""):
    return lambda request: HttpResponse(
        f'<form method="post" action="/login/oidc/{parameters}"><input type="hidden" name="csrfmiddlewaretoken" '
        f'value="{get_token(request)}"><button>Sign in</button></form>'
    )


urlpatterns = [
    path("", include("social_django.urls", namespace="social")),
    path("", home),
    path("refresh", refresh),
    path("login", button()),
    path("silent", button("?prompt=none")),
    path("payroll", button("?acr_values=urn:sigma:acr:mfa")),
]
