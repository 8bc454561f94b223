// An application that connects by the quick start of goth (its examples/main.go).
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"

	"github.com/gorilla/pat"
	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
	"github.com/markbates/goth/providers/openidConnect"
)

var (
	key          = os.Getenv("CLIENT_ID")
	secret       = os.Getenv("CLIENT_SECRET")
	baseURL      = os.Getenv("BASE_URL")
	discoveryURL = os.Getenv("ISSUER") + "/.well-known/openid-configuration"
)

func main() {
	p := pat.New()

	sigma, err := openidConnect.New(key, secret, baseURL+"/auth/openid-connect/callback", discoveryURL, "profile", "email")
	if err != nil {
		log.Fatal(err)
	}
	goth.UseProviders(sigma)

	p.Get("/auth/{provider}/callback", func(res http.ResponseWriter, req *http.Request) {
		user, err := gothic.CompleteUserAuth(res, req)
		if err != nil {
			fmt.Fprintln(res, err)
			return
		}
		signIn(res, user)
		http.Redirect(res, req, "/", http.StatusFound)
	})

	p.Get("/auth/{provider}", func(res http.ResponseWriter, req *http.Request) {
		gothic.BeginAuthHandler(res, req)
	})

	// What differs from request to request is another provider, for it is said once.
	for name, option := range map[string][2]string{
		"silent":  {"prompt", "none"},
		"payroll": {"acr_values", "urn:sigma:acr:mfa"},
	} {
		callback := baseURL + "/auth/" + name + "-oidc/callback"
		other, err := openidConnect.NewNamed(name, key, secret, callback, discoveryURL, "profile", "email")
		if err != nil {
			log.Fatal(err)
		}
		other.SetAuthCodeOptions(map[string]string{option[0]: option[1]})
		goth.UseProviders(other)
	}

	p.Get("/refresh", func(res http.ResponseWriter, req *http.Request) {
		user, _ := signedIn(req)
		token, err := sigma.RefreshToken(user.RefreshToken)
		if err != nil {
			http.Error(res, err.Error(), http.StatusBadGateway)
			return
		}
		user.AccessToken, user.RefreshToken = token.AccessToken, token.RefreshToken
		signIn(res, user)
		http.Redirect(res, req, "/", http.StatusFound)
	})

	p.Get("/logout", func(res http.ResponseWriter, req *http.Request) {
		user, _ := signedIn(req)
		gothic.Logout(res, req)
		http.SetCookie(res, &http.Cookie{Name: "roster", Path: "/", MaxAge: -1})
		http.Redirect(res, req, sigma.OpenIDConfig.EndSessionEndpoint+"?"+url.Values{
			"id_token_hint":            {user.IDToken},
			"post_logout_redirect_uri": {baseURL + "/"},
		}.Encode(), http.StatusFound)
	})

	p.Get("/", func(res http.ResponseWriter, req *http.Request) {
		if user, ok := signedIn(req); ok {
			json.NewEncoder(res).Encode(map[string]any{"name": user.Name, "email": user.Email, "id": user.UserID, "acr": user.RawData["acr"]})
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), p))
}

// users who are signed in, by the text in their browser's cookie: goth keeps none.
var users sync.Map

func signIn(res http.ResponseWriter, user goth.User) {
	id := rand.Text()
	users.Store(id, user)
	http.SetCookie(res, &http.Cookie{Name: "roster", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func signedIn(req *http.Request) (goth.User, bool) {
	if cookie, err := req.Cookie("roster"); err == nil {
		if user, ok := users.Load(cookie.Value); ok {
			return user.(goth.User), true
		}
	}
	return goth.User{}, false
}
