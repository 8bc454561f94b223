// An application that connects by the quick start of zitadel/oidc (its example client/app).
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

var (
	issuer       = os.Getenv("ISSUER")
	clientID     = os.Getenv("CLIENT_ID")
	clientSecret = os.Getenv("CLIENT_SECRET")
	baseURL      = os.Getenv("BASE_URL")
	redirectURI  = baseURL + "/auth/callback"
	key          = []byte(rand.Text()[:16])
)

func main() {
	scopes := []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}
	cookieHandler := httphelper.NewCookieHandler(key, key, httphelper.WithUnsecure())
	options := []rp.Option{
		rp.WithCookieHandler(cookieHandler),
		rp.WithVerifierOpts(rp.WithIssuedAtOffset(5 * time.Second)),
		rp.WithSigningAlgsFromDiscovery(),
		// Without it, what refreshes sends the secret another way than what signs in.
		rp.WithAuthStyle(oauth2.AuthStyleInHeader),
	}
	if os.Getenv("OWN_SWITCHES") != "" {
		options = append(options, rp.WithPKCE(cookieHandler))
	}
	provider, err := rp.NewRelyingPartyOIDC(context.TODO(), issuer, clientID, clientSecret, redirectURI, scopes, options...)
	if err != nil {
		slog.Error("error creating provider", "error", err)
		os.Exit(1)
	}

	http.Handle("/login", rp.AuthURLHandler(rand.Text, provider))
	http.Handle("/silent", rp.AuthURLHandler(rand.Text, provider, rp.WithPromptURLParam(oidc.PromptNone)))
	http.Handle("/payroll", rp.AuthURLHandler(rand.Text, provider, rp.WithURLParam("acr_values", "urn:sigma:acr:mfa")))

	keep := func(w http.ResponseWriter, r *http.Request, tokens *oidc.Tokens[*oidc.IDTokenClaims], state string, rp rp.RelyingParty, info *oidc.UserInfo) {
		session := sessionOf(w, r)
		session.tokens, session.shown = tokens, map[string]any{"userinfo": info, "acr": tokens.IDTokenClaims.GetAuthenticationContextClassReference()}
		http.Redirect(w, r, "/", http.StatusFound)
	}
	http.Handle("/auth/callback", rp.CodeExchangeHandler(rp.UserinfoCallback(keep), provider))

	http.HandleFunc("/refresh", func(w http.ResponseWriter, r *http.Request) {
		session := sessionOf(w, r)
		tokens, err := rp.RefreshTokens[*oidc.IDTokenClaims](r.Context(), provider, session.tokens.RefreshToken, "", "")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		session.tokens = tokens
		http.Redirect(w, r, "/", http.StatusFound)
	})

	http.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		session := sessionOf(w, r)
		onward, err := rp.EndSession(r.Context(), provider, session.tokens.IDToken, baseURL+"/", "", "", nil)
		if err != nil || onward == nil {
			http.Error(w, "nowhere to sign out", http.StatusBadGateway)
			return
		}
		session.shown = nil
		http.Redirect(w, r, onward.String(), http.StatusFound)
	})

	http.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(sessionOf(w, r).shown)
	})
	slog.Error("server terminated", "error", http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
