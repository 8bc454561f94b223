package main

import (
	"crypto/rand"
	"net/http"
	"sync"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// session is what the application keeps of one browser.
type session struct {
	tokens *oidc.Tokens[*oidc.IDTokenClaims]
	shown  map[string]any
}

// sessions by the text in the browser's cookie.
var sessions sync.Map

func sessionOf(w http.ResponseWriter, r *http.Request) *session {
	name := "roster-session"
	if cookie, err := r.Cookie(name); err == nil {
		if kept, ok := sessions.Load(cookie.Value); ok {
			return kept.(*session)
		}
	}
	id, made := rand.Text(), &session{}
	sessions.Store(id, made)
	http.SetCookie(w, &http.Cookie{Name: name, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return made
}
