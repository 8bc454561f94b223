// A program on somebody's own machine: it signs in by the browser, which comes back to a port that is free just then
// (RFC 8252 section 7.3), and refreshes.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	ctx      = context.Background()
	issuer   = os.Getenv("ISSUER")
	clientID = os.Getenv("CLIENT_ID")
)

func main() {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:    clientID,
		Endpoint:    provider.Endpoint(),
		RedirectURL: "http://" + listener.Addr().String() + "/callback",
		Scopes:      []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopeOfflineAccess},
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	fmt.Println(config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "consent")))

	answered := make(chan string)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := r.URL.Query(); r.URL.Path == "/callback" && answer.Get("state") == state {
			fmt.Fprintln(w, "You can close this window.")
			answered <- answer.Get("code")
		}
	}))
	token, err := config.Exchange(ctx, <-answered, oauth2.VerifierOption(verifier))
	if err != nil {
		log.Fatal(err)
	}
	tell(provider, token)

	// Later, and without the browser.
	token, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		log.Fatal(err)
	}
	tell(provider, token)
}

// tell prints who it is, on one line.
func tell(provider *oidc.Provider, token *oauth2.Token) {
	var claims map[string]any
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil {
		err = info.Claims(&claims)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(claims)
	}
	if err != nil {
		log.Fatal(err)
	}
}
