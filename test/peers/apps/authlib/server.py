import os
import secrets

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, session

app = Flask(__name__)
app.config.update(SECRET_KEY=secrets.token_hex(32), SESSION_COOKIE_NAME="authlib")
base_url = os.environ["BASE_URL"]

oauth = OAuth(app)
oauth.register(
    "sigma",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email"},
)

if "OWN_SWITCHES" in os.environ:
    oauth.sigma.client_kwargs["code_challenge_method"] = "S256"


@app.route("/login")
def login():
    return oauth.sigma.authorize_redirect(base_url + "/callback")


@app.route("/callback")
def callback():
    token = oauth.sigma.authorize_access_token()
    session["user"] = token["userinfo"]
    if "OWN_SWITCHES" in os.environ:
        session["user"] = oauth.sigma.userinfo()
    session["id_token"] = token["id_token"]
    session["refresh_token"] = token.get("refresh_token")
    return redirect("/")


@app.route("/logout")
def logout():
    id_token = session.get("id_token")
    session.clear()
    return oauth.sigma.logout_redirect(base_url + "/", id_token_hint=id_token)


@app.route("/")
def home():
    return jsonify(session.get("user"))


@app.route("/silent")
def silent():
    return oauth.sigma.authorize_redirect(base_url + "/callback", prompt="none")


@app.route("/payroll")
def payroll():
    return oauth.sigma.authorize_redirect(base_url + "/callback", acr_values="urn:sigma:acr:mfa")


@app.route("/refresh")
def refresh():
    token = oauth.sigma.fetch_access_token(grant_type="refresh_token", refresh_token=session["refresh_token"])
    session["refresh_token"] = token["refresh_token"]
    return jsonify(session["user"])


app.run(port=int(os.environ["PORT"]))
