package main

import (
	"crypto/rand"
	"net/http"
	"sync"

	"golang.org/x/oauth2"
)

// session is what the application keeps of one browser.
type session struct {
	state, nonce string
	token        *oauth2.Token
	idToken      string
	claims       map[string]any
}

// sessions by the text in the browser's cookie, which no other application on this machine reads.
var sessions sync.Map

func sessionOf(w http.ResponseWriter, r *http.Request) *session {
	name := "roster-" + clientID
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

// endSessions signs out the browsers that have this session at the provider.
func endSessions(sid string) {
	sessions.Range(func(id, kept any) bool {
		if kept.(*session).claims["sid"] == sid {
			sessions.Delete(id)
		}
		return true
	})
}
