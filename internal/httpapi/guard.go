package httpapi

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// How long a client may take to send so many bytes of a body, and to take one piece of a
// response.
const (
	readPatience  = 30 * time.Second
	readStep      = 32 << 10
	writePatience = 60 * time.Second
)

// origin is one listening address with the rules that hold for it.
type origin struct {
	hosts   []string // what Host may be; nil: any (unix socket)
	peer    bool     // the other end proved to be the owner (unix socket)
	content bool     // serves user bytes only: no credentials are looked at
	routes  table
}

// handler builds the origin's front door: every request passes here.
func (s *Server) handler(o *origin) http.Handler {
	mux := http.NewServeMux()
	for _, route := range o.routes.routes {
		mux.Handle(route.Pattern, s.guarded(o, route))
	}
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guardHeaders(w.Header())
		if !o.knowsHost(r) {
			writeProblem(w, refuse(http.StatusMisdirectedRequest, errs.Denied, "this address is not served here"))
			return
		}
		if !o.content {
			if err := cross.Check(r); err != nil {
				writeProblem(w, errForeign())
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

func errForeign() error {
	return errs.New(errs.Denied, "requests from other web pages are refused")
}

// guarded applies a route's policy.
func (s *Server) guarded(o *origin, route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w, ctl: http.NewResponseController(w)}
		defer s.contain(rec, route)
		err := s.admit(o, route, rec, &r)
		if err == nil {
			err = route.serve(rec, r)
		}
		switch {
		case err != nil && !rec.started:
			writeProblem(rec, err)
		case err != nil && r.Context().Err() == nil:
			s.o.Log.Warn("Response broke off", "route", route.Pattern, "err", err)
		}
		s.o.Log.Debug("Request", "route", route.Pattern, "status", rec.status, "took", time.Since(start))
	})
}

// admit checks, in order, origin, credentials and form of a request.
func (s *Server) admit(o *origin, route Route, w *recorder, r **http.Request) error {
	if !o.content && !sameOrigin(o, route, *r) {
		return errForeign()
	}
	if route.Policy.Access == Session {
		who, err := s.identify(o, *r)
		if err != nil {
			return err
		}
		*r = (*r).WithContext(context.WithValue((*r).Context(), callerKey{}, who))
	}
	return s.limit(route, w, *r)
}

// knowsHost compares the whole Host, byte by byte: a name that resolves to us
// (DNS rebinding) is not ours.
func (o *origin) knowsHost(r *http.Request) bool {
	return o.hosts == nil || slices.Contains(o.hosts, r.Host)
}

// sameOrigin refuses requests that a browser makes for another page than ours,
// with any method. On the unix socket no browser has any business.
func sameOrigin(o *origin, route Route, r *http.Request) bool {
	from, site := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	if o.hosts == nil {
		return len(from) == 0 && len(site) == 0
	}
	if len(from) > 1 || len(from) == 1 && from[0] != "http://"+r.Host {
		return false
	}
	switch {
	case len(site) == 0 || len(site) == 1 && (site[0] == "same-origin" || site[0] == "none"):
		return true
	case len(site) > 1 || len(from) > 0:
		return false
	}
	// A link or bookmark elsewhere may open the interface itself.
	return route.Policy.Page && r.Method == http.MethodGet &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// limit bounds what the client may send and how slowly.
func (s *Server) limit(route Route, w *recorder, r *http.Request) error {
	switch {
	case route.Policy.Body == 0 && r.ContentLength != 0:
		return errs.New(errs.Invalid, "this request takes no body")
	case route.Policy.Body > 0:
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		want := "application/json"
		if route.Policy.Bytes {
			want = binary
		}
		if err != nil || kind != want {
			return refuse(http.StatusUnsupportedMediaType, errs.Invalid, "the body must be %s", want)
		}
		if r.ContentLength > route.Policy.Body {
			return refuse(http.StatusRequestEntityTooLarge, errs.Invalid, "the body is larger than %d bytes", route.Policy.Body)
		}
		body := &steady{ReadCloser: http.MaxBytesReader(w, r.Body, route.Policy.Body), ctl: w.ctl, patience: s.readPatience}
		if err := body.wait(); err != nil {
			return err
		}
		r.Body = body
	}
	return nil
}

// steady is a body of which the client sends a step each time that its patience lasts,
// however long all of it takes.
type steady struct {
	io.ReadCloser
	ctl      *http.ResponseController
	patience time.Duration
	got      int // of this step
}

func (b *steady) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		// From now on nothing is awaited but the answer: a deadline would end the request.
		_ = b.ctl.SetReadDeadline(time.Time{}) // where there is none, there is nothing to end
		return n, err
	}
	if b.got += n; err == nil && b.got >= readStep {
		b.got, err = 0, b.wait()
	}
	return n, err
}

// wait grants the client time for the next step.
func (b *steady) wait() error {
	if err := b.ctl.SetReadDeadline(time.Now().Add(b.patience)); err != nil {
		return errs.New(errs.Internal, "set the deadline: %w", err)
	}
	return nil
}

// contain turns a panic into a problem. The stack goes to the log only. A
// response that has begun is cut off, so that nobody takes it for whole.
func (s *Server) contain(w *recorder, route Route) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares like this too
		panic(p)
	}
	s.o.Log.Error("Request panicked", "route", route.Pattern, "panic", p, "stack", string(debug.Stack()))
	if w.started {
		panic(http.ErrAbortHandler)
	}
	writeProblem(w, errs.New(errs.Internal, "something unforeseen happened").Try("Look into the daemon's log for the details."))
}

// recorder notes what was answered and gives the client a deadline for every
// piece it takes.
type recorder struct {
	http.ResponseWriter
	ctl     *http.ResponseController
	started bool
	status  int
	patient time.Time // the deadline now set
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	w.started, w.status = true, status
	w.wait()
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if !w.started {
		w.started, w.status = true, http.StatusOK
	}
	w.wait()
	return w.ResponseWriter.Write(b)
}

// wait grants the client time for the next piece. A connection that cannot hold
// a deadline fails at the write itself.
func (w *recorder) wait() {
	if now := time.Now(); w.patient.Sub(now) < writePatience/2 {
		w.patient = now.Add(writePatience)
		_ = w.ctl.SetWriteDeadline(w.patient)
	}
}

// hostsOf lists the names under which a loopback port may be addressed.
func hostsOf(port string) []string {
	var hosts []string
	for _, h := range []string{"127.0.0.1", "::1", "localhost"} {
		hosts = append(hosts, net.JoinHostPort(h, port))
		if port == "80" {
			hosts = append(hosts, strings.TrimSuffix(net.JoinHostPort(h, port), ":80"))
		}
	}
	return hosts
}
