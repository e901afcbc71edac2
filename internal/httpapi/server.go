package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Limits of a connection. A response has no overall deadline, since a film may
// take hours; each piece of it has (see recorder).
const (
	headerPatience = 10 * time.Second
	idlePatience   = 2 * time.Minute
	maxHeader      = 64 << 10
	maxConns       = 1024 // a listener
	stopPatience   = 5 * time.Second
)

// Server is the daemon's HTTP side. Make it with [New], then [Server.Listen],
// then [Server.Serve]. All methods may be called from many goroutines once
// Listen has returned.
type Server struct {
	o         Options
	sessions  *sessions
	ticketKey []byte
	stopping  chan struct{} // closed when Serve begins to stop: streams end
	fronts    []front

	readPatience time.Duration // how long a step of a body may take
	stopPatience time.Duration // how long requests may finish at the stop
	heartbeat    time.Duration // how long a stream is silent at most

	addresses Addresses
	port      string // of the web interface
}

// front is one listener and the server behind it.
type front struct {
	listener net.Listener
	http     *http.Server
}

// Addresses tell where a server listens; what it does not is "".
type Addresses struct {
	Socket  string // path of the unix socket
	HTTP    string // "http://127.0.0.1:7700", the web interface and API
	Content string // "http://127.0.0.1:7701", previews of files
}

// New returns a server that does not listen yet.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{
		o: o, sessions: newSessions(), ticketKey: make([]byte, 32), stopping: make(chan struct{}),
		readPatience: readPatience, stopPatience: stopPatience, heartbeat: heartbeat,
	}
	_, _ = rand.Read(s.ticketKey) // never fails
	return s, nil
}

// Addresses tells where the server listens.
func (s *Server) Addresses() Addresses { return s.addresses }

// LoginLink returns a link that logs a browser in once, within ten minutes.
// Unavailable when the server does not listen on TCP.
func (s *Server) LoginLink() (string, error) {
	if s.addresses.HTTP == "" {
		return "", errNoTCP()
	}
	return s.addresses.HTTP + "/#login=" + s.sessions.newToken(s.o.Now()), nil
}

// pages are the origins of the web interface, which may embed previews.
func (s *Server) pages() []string {
	return []string{s.addresses.HTTP, "http://localhost:" + s.port}
}

// Serve answers requests until ctx ends, then stops: streams end at once,
// requests get five seconds to finish, what is left is cut. All its goroutines
// have ended when it returns. It is nil after an ordered stop. Serve is called
// once.
func (s *Server) Serve(ctx context.Context) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	failed := make(chan error, len(s.fronts))
	var running sync.WaitGroup
	for _, f := range s.fronts {
		f.http.BaseContext = func(net.Listener) context.Context { return base }
		running.Go(func() {
			if err := f.http.Serve(f.listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case e := <-failed:
		err = errs.New(errs.Unavailable, "the web server stopped: %w", e)
	}
	s.stop(ctx, cut)
	running.Wait()
	return err
}

// stop ends streams, waits for requests, then cuts.
func (s *Server) stop(ctx context.Context, cut context.CancelFunc) {
	close(s.stopping)
	patience, done := context.WithTimeout(context.WithoutCancel(ctx), s.stopPatience)
	defer done()
	var all sync.WaitGroup
	for _, f := range s.fronts {
		all.Go(func() {
			if err := f.http.Shutdown(patience); err != nil {
				s.o.Log.Warn("Requests were cut off at the stop", "err", err)
				cut()
				_ = f.http.Close() // closes what Shutdown could not wait for
			}
		})
	}
	all.Wait()
}

// Close gives the listeners back when Serve was never called.
func (s *Server) Close() error {
	var all []error
	for _, f := range s.fronts {
		if err := f.listener.Close(); !errors.Is(err, net.ErrClosed) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func (s *Server) open(l net.Listener, o *origin) {
	s.fronts = append(s.fronts, front{
		listener: &bounded{Listener: l, slots: make(chan struct{}, maxConns)},
		http: &http.Server{
			Handler:           s.handler(o),
			ReadHeaderTimeout: headerPatience,
			IdleTimeout:       idlePatience,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
		},
	})
}

// bounded turns connections away above a number, so that idle ones cannot use
// up the process's file descriptors.
type bounded struct {
	net.Listener
	slots chan struct{}
}

func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case b.slots <- struct{}{}:
			return &boundedConn{Conn: c, free: sync.OnceFunc(func() { <-b.slots })}, nil
		default:
			_ = c.Close() // too many: this one may come again
		}
	}
}

type boundedConn struct {
	net.Conn
	free func()
}

func (c *boundedConn) Close() error {
	defer c.free()
	return c.Conn.Close()
}
