// An application that connects by the quick start of go-oidc and x/oauth2.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	ctx          = context.Background()
	issuer       = os.Getenv("ISSUER")
	clientID     = os.Getenv("CLIENT_ID")
	clientSecret = os.Getenv("CLIENT_SECRET")
	baseURL      = os.Getenv("BASE_URL")
)

func main() {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		log.Fatal(err)
	}
	oauth2Config := oauth2.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret,
		RedirectURL:  baseURL + "/callback",
		Endpoint:     provider.Endpoint(),
		Scopes:       []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
	idTokenVerifier := provider.Verifier(&oidc.Config{ClientID: clientID})

	var metadata struct {
		EndSessionEndpoint string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&metadata); err != nil {
		log.Fatal(err)
	}

	// verify keeps what a token answer says of the person.
	verify := func(session *session, oauth2Token *oauth2.Token, nonce string) error {
		rawIDToken, ok := oauth2Token.Extra("id_token").(string)
		if !ok {
			return errors.New("no ID token")
		}
		idToken, err := idTokenVerifier.Verify(ctx, rawIDToken)
		if err != nil {
			return err
		}
		if idToken.Nonce != nonce {
			return errors.New("nonce did not match")
		}
		session.token, session.idToken, session.claims = oauth2Token, rawIDToken, map[string]any{}
		return idToken.Claims(&session.claims)
	}

	login := func(options ...oauth2.AuthCodeOption) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			session := sessionOf(w, r)
			session.state, session.nonce = rand.Text(), rand.Text()
			options := append(options, oidc.Nonce(session.nonce))
			http.Redirect(w, r, oauth2Config.AuthCodeURL(session.state, options...), http.StatusFound)
		}
	}
	http.HandleFunc("GET /login", login())
	http.HandleFunc("GET /silent", login(oauth2.SetAuthURLParam("prompt", "none")))
	http.HandleFunc("GET /payroll", login(oauth2.SetAuthURLParam("acr_values", "urn:sigma:acr:mfa")))

	http.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		session, answer := sessionOf(w, r), r.URL.Query()
		if answer.Get("state") != session.state || answer.Has("error") {
			http.Error(w, "state did not match, or "+answer.Get("error"), http.StatusForbidden)
			return
		}
		oauth2Token, err := oauth2Config.Exchange(ctx, answer.Get("code"))
		if err == nil {
			err = verify(session, oauth2Token, session.nonce)
		}
		home(w, r, err)
	})

	http.HandleFunc("GET /refresh", func(w http.ResponseWriter, r *http.Request) {
		session := sessionOf(w, r)
		old := &oauth2.Token{RefreshToken: session.token.RefreshToken}
		oauth2Token, err := oauth2Config.TokenSource(ctx, old).Token()
		if err == nil {
			err = verify(session, oauth2Token, session.nonce)
		}
		home(w, r, err)
	})

	http.HandleFunc("GET /logout", func(w http.ResponseWriter, r *http.Request) {
		session := sessionOf(w, r)
		session.claims = nil
		http.Redirect(w, r, metadata.EndSessionEndpoint+"?"+url.Values{
			"id_token_hint":            {session.idToken},
			"post_logout_redirect_uri": {baseURL + "/"},
		}.Encode(), http.StatusFound)
	})

	http.HandleFunc("POST /backchannel-logout", func(w http.ResponseWriter, r *http.Request) {
		logoutToken, err := idTokenVerifier.VerifyLogout(r.Context(), r.PostFormValue("logout_token"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		endSessions(logoutToken.SessionID)
	})

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(sessionOf(w, r).claims)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func home(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	http.Redirect(w, r, "/", http.StatusFound)
}
