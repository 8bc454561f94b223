from urllib.parse import urlencode

from django.conf import settings
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationRequestView


class Backend(OIDCAuthenticationBackend):
    def create_user(self, claims):
        return self.update_user(super().create_user(claims), claims)

    def update_user(self, user, claims):
        user.first_name = claims.get("given_name", claims["name"])
        user.last_name = claims.get("family_name", "")
        user.save()
        return user


def sign_out_url(request):
    parameters = {
        "id_token_hint": request.session["oidc_id_token"],
        "post_logout_redirect_uri": settings.LOGOUT_REDIRECT_URL,
    }
    return settings.ISSUER + "/session/end?" + urlencode(parameters)


class StepUp(OIDCAuthenticationRequestView):
    def get_extra_params(self, request):
        return {"acr_values": "urn:sigma:acr:mfa"}
