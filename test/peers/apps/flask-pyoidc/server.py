import os
import secrets

import flask
from flask import Flask, jsonify
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
from flask_pyoidc.user_session import UserSession

app = Flask(__name__)
app.config.update(
    OIDC_REDIRECT_URI=os.environ["BASE_URL"] + "/callback",
    SECRET_KEY=secrets.token_hex(32),
    SESSION_COOKIE_NAME="flask-pyoidc",
)

client = ClientMetadata(
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    post_logout_redirect_uris=[os.environ["BASE_URL"] + "/logout"],
)


def sigma(**more):
    return ProviderConfiguration(issuer=os.environ["ISSUER"], client_metadata=client, **more)


scope = ["openid", "profile", "email"]
auth = OIDCAuthentication(
    {
        "default": sigma(auth_request_params={"scope": scope}, session_refresh_interval_seconds=900),
        "payroll": sigma(auth_request_params={"scope": scope, "acr_values": "urn:sigma:acr:mfa"}),
    },
    app,
)


def who():
    user = UserSession(flask.session)
    return jsonify({**user.id_token, **user.userinfo})


@app.route("/")
@auth.oidc_auth("default")
def home():
    return who()


@app.route("/payroll")
@auth.oidc_auth("payroll")
def payroll():
    return who()


@app.route("/logout")
@auth.oidc_logout
def logout():
    return "Signed out"


@app.route("/silent")
def silent():
    # As if a quarter of an hour had gone by.
    flask.session["last_session_refresh"] = 0
    return flask.redirect("/")


@app.route("/refresh")
@auth.oidc_auth("default")
def refresh():
    auth.valid_access_token(force_refresh=True)
    return who()


app.run(port=int(os.environ["PORT"]))
