package httpapi

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	sessionLife  = 30 * 24 * time.Hour
	loginLife    = 10 * time.Minute
	maxSessions  = 64
	maxLogins    = 16
	loginBurst   = 5           // wrong tokens at once
	loginRefresh = time.Second // then one try each
)

// caller is who makes a request. Callers of the socket and holders of the
// bearer token have no session.
type caller struct{ session *session }

type callerKey struct{}

func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}

// identify finds out who calls. A wrong bearer token is refused even beside a
// good cookie.
func (s *Server) identify(o *origin, r *http.Request) (caller, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		token, ok := strings.CutPrefix(auth, "Bearer ")
		if ok && sameSecret(token, s.o.Token) {
			return caller{}, nil
		}
		return caller{}, errStranger()
	}
	if o.peer {
		return caller{}, nil
	}
	if c, err := r.Cookie(s.cookieName()); err == nil {
		if ses := s.sessions.find(c.Value, s.o.Now()); ses != nil {
			return caller{session: ses}, nil
		}
	}
	return caller{}, errStranger()
}

func errStranger() error {
	return refuse(http.StatusUnauthorized, errs.Denied, "not logged in").try("Run `stardrive open` to log in.")
}

// sameSecret compares in constant time, whatever the lengths.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// newSecret returns 256 random bits as text.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// secretKey is what is kept of a secret, so that looking it up tells nothing.
type secretKey [sha256.Size]byte

func keyOf(secret string) secretKey { return sha256.Sum256([]byte(secret)) }

// session is one login of a browser.
type session struct {
	key     secretKey
	expires time.Time
	done    chan struct{} // closed at its end
}

// sessions are the logins and the one-time tokens that make them. Both live in
// memory only: a restart of the daemon asks for a new login.
type sessions struct {
	mu      sync.Mutex
	open    map[secretKey]*session
	tokens  map[secretKey]time.Time // one-time token → expiry
	tries   float64                 // wrong tokens still allowed
	counted time.Time               // when tries was right
}

func newSessions() *sessions {
	return &sessions{open: map[secretKey]*session{}, tokens: map[secretKey]time.Time{}, tries: loginBurst}
}

// newToken makes a one-time login token. The oldest gives way when there are many.
func (s *sessions) newToken(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.tokens, func(_ secretKey, end time.Time) bool { return !now.Before(end) })
	if len(s.tokens) >= maxLogins {
		delete(s.tokens, oldest(s.tokens, func(t time.Time) time.Time { return t }))
	}
	token := newSecret()
	s.tokens[keyOf(token)] = now.Add(loginLife)
	return token
}

// login burns token and opens a session; the secret goes into the cookie.
func (s *sessions) login(token string, now time.Time) (secret string, expires time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries = min(loginBurst, s.tries+float64(max(0, now.Sub(s.counted)))/float64(loginRefresh))
	s.counted = now
	if s.tries < 1 {
		e := refuse(http.StatusTooManyRequests, errs.Unavailable, "too many wrong login tokens")
		e.retry = loginRefresh
		return "", time.Time{}, e
	}
	key := keyOf(token)
	end, ok := s.tokens[key]
	delete(s.tokens, key)
	if !ok || !now.Before(end) {
		s.tries--
		return "", time.Time{}, refuse(http.StatusUnauthorized, errs.Denied, "this login link was used before or has expired").
			try("Run `stardrive open` for a new one.")
	}
	s.sweep(now)
	if len(s.open) >= maxSessions {
		s.end(oldest(s.open, func(x *session) time.Time { return x.expires }))
	}
	secret = newSecret()
	ses := &session{key: keyOf(secret), expires: now.Add(sessionLife), done: make(chan struct{})}
	s.open[ses.key] = ses
	return secret, ses.expires, nil
}

func oldest[V any](m map[secretKey]V, when func(V) time.Time) secretKey {
	return slices.MinFunc(slices.Collect(maps.Keys(m)), func(a, b secretKey) int { return when(m[a]).Compare(when(m[b])) })
}

// find returns the session of a cookie, or nil.
func (s *sessions) find(secret string, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.open[keyOf(secret)]
	if ses != nil && !now.Before(ses.expires) {
		s.end(ses.key)
		return nil
	}
	return ses
}

// logout ends a session; streams that belong to it end too.
func (s *sessions) logout(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(ses.key)
}

func (s *sessions) sweep(now time.Time) {
	for key, ses := range s.open {
		if !now.Before(ses.expires) {
			s.end(key)
		}
	}
}

// end removes a session once. The lock is held.
func (s *sessions) end(key secretKey) {
	if ses := s.open[key]; ses != nil {
		delete(s.open, key)
		close(ses.done)
	}
}

// cookieName carries the port, because browsers share cookies between the ports
// of one host.
func (s *Server) cookieName() string { return "__Host-stardrive-" + s.port }

func (s *Server) cookie(value string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/", Expires: expires,
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}
}
