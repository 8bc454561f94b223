import jwt
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import include, path

from oidc import StepUp


def home(request):
    user = request.user
    if not user.is_authenticated:
        return JsonResponse(None, safe=False)
    # The library has verified it.
    claims = jwt.decode(request.session["oidc_id_token"], options={"verify_signature": False})
    return JsonResponse({"email": user.email, "name": user.get_full_name(), "acr": claims["acr"]})


def silent(request):
    # As if a quarter of an hour had gone by.
    request.session["oidc_id_token_expiration"] = 0
    return redirect("/")


def sign_out(request):
    return HttpResponse(
        '<form method="post" action="/oidc/logout/"><input type="hidden" name="csrfmiddlewaretoken" '
        f'value="{get_token(request)}"><button>Sign out</button></form>'
    )


urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("", home),
    path("silent", silent),
    path("payroll", StepUp.as_view()),
    path("logout", sign_out),
]
