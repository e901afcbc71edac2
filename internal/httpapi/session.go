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
	againLife    = 30 * time.Second
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
	for _, plain := range []bool{false, true} {
		if c, err := r.Cookie(s.cookieName(plain)); err == nil {
			if ses := s.sessions.find(c.Value, plain, s.o.Now()); ses != nil {
				return caller{session: ses}, nil
			}
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
	plain   bool // its cookie is not Secure; see [Server.cookie]
	used    bool // a request came with its cookie
	expires time.Time
	done    chan struct{} // closed at its end
}

// grant is a one-time token. One that was used stays for a moment, and may be
// used again, for a plain cookie, while nobody came with the first.
type grant struct {
	expires time.Time
	opened  *session // what it was used for
}

// sessions are the logins and the one-time tokens that make them. Both live in
// memory only: a restart of the daemon asks for a new login.
type sessions struct {
	mu      sync.Mutex
	open    map[secretKey]*session
	tokens  map[secretKey]grant
	tries   float64   // wrong tokens still allowed
	counted time.Time // when tries was right
}

func newSessions() *sessions {
	return &sessions{open: map[secretKey]*session{}, tokens: map[secretKey]grant{}, tries: loginBurst}
}

// newToken makes a one-time login token. The oldest gives way when there are many.
func (s *sessions) newToken(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.tokens, func(_ secretKey, g grant) bool { return !now.Before(g.expires) })
	if len(s.tokens) >= maxLogins {
		delete(s.tokens, oldest(s.tokens, func(g grant) time.Time { return g.expires }))
	}
	token := newSecret()
	s.tokens[keyOf(token)] = grant{expires: now.Add(loginLife)}
	return token
}

// login burns token and opens a session; the secret goes into the cookie. With
// plain it takes the token once more, if the session that it opened a moment ago
// was never used: the browser has dropped its cookie.
func (s *sessions) login(token string, plain bool, now time.Time) (secret string, expires time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries = min(loginBurst, s.tries+float64(max(0, now.Sub(s.counted)))/float64(loginRefresh))
	s.counted = now
	if s.tries < 1 {
		e := refuse(http.StatusTooManyRequests, errs.Unavailable, "too many wrong login tokens were tried, so for a moment even a right one is refused").
			try("Wait a few seconds, then open the same link again.")
		e.retry = loginRefresh
		return "", time.Time{}, e
	}
	key := keyOf(token)
	g, ok := s.tokens[key]
	delete(s.tokens, key)
	if !ok || !now.Before(g.expires) || plain != (g.opened != nil) || plain && g.opened.used {
		s.tries--
		return "", time.Time{}, refuse(http.StatusUnauthorized, errs.Denied, "this login link was used before or has expired").
			try("Run `stardrive open` for a new one.")
	}
	if plain {
		s.end(g.opened.key)
	}
	s.sweep(now)
	if len(s.open) >= maxSessions {
		s.end(oldest(s.open, func(x *session) time.Time { return x.expires }))
	}
	secret = newSecret()
	ses := &session{key: keyOf(secret), plain: plain, expires: now.Add(sessionLife), done: make(chan struct{})}
	s.open[ses.key] = ses
	if !plain {
		s.tokens[key] = grant{now.Add(againLife), ses}
	}
	return secret, ses.expires, nil
}

func oldest[V any](m map[secretKey]V, when func(V) time.Time) secretKey {
	return slices.MinFunc(slices.Collect(maps.Keys(m)), func(a, b secretKey) int { return when(m[a]).Compare(when(m[b])) })
}

// find returns the session of a cookie, or nil. A secret counts only in the kind
// of cookie that it was made for.
func (s *sessions) find(secret string, plain bool, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.open[keyOf(secret)]
	if ses == nil || ses.plain != plain {
		return nil
	}
	if !now.Before(ses.expires) {
		s.end(ses.key)
		return nil
	}
	ses.used = true
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
func (s *Server) cookieName(plain bool) string {
	if plain {
		return "stardrive-" + s.port
	}
	return "__Host-stardrive-" + s.port
}

// cookie is for the browser to keep. Most hold this machine's own addresses to
// be as safe as TLS and accept a Secure cookie; for those that drop it (Safari)
// there is a plain one. RATIONALE.md tells what that costs.
func (s *Server) cookie(value string, plain bool, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(plain), Value: value, Path: "/", Expires: expires,
		HttpOnly: true, Secure: !plain, SameSite: http.SameSiteStrictMode,
	}
}
