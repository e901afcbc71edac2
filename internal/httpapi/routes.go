package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// LibraryHeader names the library a request is about, by name or id; the query
// parameter "library" does the same where a browser cannot set headers.
const LibraryHeader = "Stardrive-Library"

// apiRoutes is everything the daemon answers, but previews.
func (s *Server) apiRoutes() table {
	var t table
	t.add("POST /v1/op/{name}", Policy{Access: Session, Body: op.MaxInput}, s.op)
	t.add("GET /v1/events", Policy{Access: Session}, s.events)
	t.add("GET /v1/content/{entry}", Policy{Access: Session}, s.content)
	t.add("GET /v1/content", Policy{Access: Session}, s.contentAt)
	t.add("GET /v1/sidecar/{entry}/{kind}", Policy{Access: Session}, s.sidecar)
	t.add("PUT /v1/upload/{upload}/{file}", Policy{Access: Session, Body: maxPiece, Bytes: true}, s.upload)
	t.add("GET /v1/zip/{id}", Policy{Access: Session}, s.zip)
	t.add("GET /v1/openapi.json", Policy{Access: Session}, s.openapi)
	t.add("GET /v1/health", Policy{Access: Open}, s.health)
	t.add("POST /v1/login", Policy{Access: Open, Body: 4 << 10}, s.login)
	t.add("POST /v1/logout", Policy{Access: Session, Body: 4 << 10}, s.logout)
	t.add("/v1/", Policy{Access: Session, Body: ignored}, noRoute)
	t.add("/", Policy{Access: Open, Page: true}, s.page)
	return t
}

// previewRoutes is everything the content origin answers.
func (s *Server) previewRoutes() table {
	var t table
	t.add("GET /c/{ticket}/{name}", Policy{Access: Ticket}, s.preview)
	t.add("/", Policy{Access: Ticket}, func(http.ResponseWriter, *http.Request) error { return errStranger() })
	return t
}

func noRoute(_ http.ResponseWriter, r *http.Request) error {
	return errs.New(errs.NotFound, "there is nothing at %s %s", r.Method, r.URL.Path)
}

// library finds the library a request names.
func (s *Server) library(r *http.Request) (Library, error) {
	return s.o.Libraries(r.Context(), libraryRef(r))
}

func libraryRef(r *http.Request) string {
	if ref := r.Header.Get(LibraryHeader); ref != "" {
		return ref
	}
	return r.URL.Query().Get("library")
}

// op calls an operation: of the daemon, or of the library the request names.
func (s *Server) op(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	def, ok := s.o.Daemon.Lookup(name)
	if !ok {
		if _, known := s.o.Definitions.Lookup(name); !known {
			return errNoOp(name)
		}
		lib, err := s.library(r)
		if err != nil {
			return errs.In(name, err)
		}
		if def, ok = lib.Ops().Lookup(name); !ok {
			return errNoOp(name)
		}
	}
	in, err := readBody(r)
	if err != nil {
		return err
	}
	out, err := def.Call(op.WithLibrary(r.Context(), libraryRef(r)), in)
	if err != nil {
		return err
	}
	return writeJSON(w, out)
}

func errNoOp(name string) error {
	return errs.New(errs.NotFound, "there is no operation %q", name).Try("Run `stardrive op list` to see them all.")
}

func readBody(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refuse(http.StatusRequestEntityTooLarge, errs.Invalid, "the request is too large")
	}
	if err != nil {
		return nil, errs.New(errs.Invalid, "the request broke off: %w", err)
	}
	return b, nil
}

func writeJSON(w http.ResponseWriter, b []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err := w.Write(b)
	return err
}

// health tells that a daemon is here, and nothing else.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	b, err := json.Marshal(Health{Status: "ok", Version: s.o.Version})
	if err != nil {
		return err
	}
	return writeJSON(w, b)
}

// Health is the answer of /v1/health.
type Health struct {
	Status  string `json:"status" jsonschema:"ok"`
	Version string `json:"version" jsonschema:"version of the daemon"`
}

// LoginIn is the request of /v1/login.
type LoginIn struct {
	Token string `json:"token" max:"200" jsonschema:"the one-time token of the login link"`
	Plain bool   `json:"plain,omitempty" jsonschema:"the browser dropped the cookie of the login with the same token a moment ago: set one that is not Secure"`
}

var decodeLogin = op.Decoder[LoginIn]()

// LoginOut is the answer of /v1/login; the session itself is a cookie.
type LoginOut struct {
	Expires time.Time `json:"expires" jsonschema:"when the login ends"`
}

// login exchanges a one-time token for a session cookie.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	in, err := decodeLogin(body)
	if err != nil {
		return err
	}
	secret, expires, err := s.sessions.login(in.Token, in.Plain, s.o.Now())
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(secret, in.Plain, expires))
	b, err := json.Marshal(LoginOut{expires.UTC()})
	if err != nil {
		return err
	}
	return writeJSON(w, b)
}

// logout ends the caller's session and the streams that hang on it.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if ses := callerOf(r).session; ses != nil {
		s.sessions.logout(ses)
		c := s.cookie("", ses.plain, time.Unix(0, 0))
		c.MaxAge = -1
		http.SetCookie(w, c)
	}
	return writeJSON(w, []byte("{}"))
}

// page serves the web interface.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return refuse(http.StatusMethodNotAllowed, errs.Invalid, "pages can only be read")
	}
	if s.o.UI == nil {
		return errs.New(errs.NotFound, "this build has no web interface")
	}
	pageHeaders(w.Header(), s.Addresses().Content)
	s.o.UI.ServeHTTP(w, r)
	return nil
}
