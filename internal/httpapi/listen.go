package httpapi

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Listen opens the unix socket at path ("" for none) and loopback TCP at addr
// ("" for none; port 0 picks a free one), and with TCP a second port for
// previews. It is called once, before Serve. Errors: Invalid for an address
// that other machines could reach, Denied for a socket folder that others can
// open, Conflict when another daemon is there.
func (s *Server) Listen(ctx context.Context, path, addr string) error {
	if path != "" {
		l, err := listenSocket(ctx, path)
		if err != nil {
			return err
		}
		s.addresses.Socket = path
		s.open(&ownersOnly{Listener: l, log: s.o.Log}, &origin{peer: true, routes: s.apiRoutes()})
	}
	if addr != "" {
		if err := s.listenTCP(ctx, addr); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return nil
}

// listenTCP opens the port of the web interface on both loopback addresses, so
// that nobody else can answer for "localhost", and a free port for previews.
func (s *Server) listenTCP(ctx context.Context, addr string) error {
	host, port, err := loopback(addr)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	main, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return errBusy(addr, err)
	}
	s.port = portOf(main)
	s.addresses.HTTP = "http://" + net.JoinHostPort(host, s.port)
	web := &origin{hosts: hostsOf(s.port), routes: s.apiRoutes()}
	s.open(main, web)
	if twin, err := lc.Listen(ctx, "tcp", net.JoinHostPort(other(host), s.port)); err == nil {
		s.open(twin, web)
	} else {
		s.o.Log.Info("Only one loopback address is served", "address", host, "err", err)
	}
	side, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return errBusy(host, err)
	}
	s.addresses.Content = "http://" + net.JoinHostPort(host, portOf(side))
	s.open(side, &origin{hosts: hostsOf(portOf(side)), content: true, routes: s.previewRoutes()})
	return nil
}

func portOf(l net.Listener) string {
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// loopback splits addr and refuses what is not this machine alone. Names are
// not resolved: a name server must not decide who can reach us.
func loopback(addr string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil {
		return "", "", errs.New(errs.Invalid, "%q is not an address such as 127.0.0.1:7700", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", errs.New(errs.Invalid, "%q is not a port", port).At(addr)
	}
	switch host {
	case "localhost":
		host = "127.0.0.1"
	case "127.0.0.1", "::1":
	default:
		return "", "", errs.New(errs.Invalid, "only this machine may reach the daemon; listen on 127.0.0.1, [::1] or localhost").At(addr)
	}
	return host, port, nil
}

func other(host string) string {
	if host == "::1" {
		return "127.0.0.1"
	}
	return "::1"
}

func errBusy(addr string, err error) error {
	const windowsInUse = syscall.Errno(10048) // WSAEADDRINUSE, which package syscall does not name
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsInUse) {
		return (&errs.Error{Path: addr, Kind: errs.Conflict, Err: err}).
			Try("Choose another port, or --listen 127.0.0.1:0 for any.")
	}
	return (&errs.Error{Path: addr, Kind: errs.Unavailable, Err: err})
}

// listenSocket opens the unix socket: mode 0600 in a folder of mode 0700, which
// is created if need be. A socket that nobody answers is left over and replaced.
func listenSocket(ctx context.Context, path string) (net.Listener, error) {
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := clearSocket(path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, (&errs.Error{Path: path, Kind: errs.Unavailable, Err: err}).Try("Use a data folder with a shorter path.")
	}
	// Between the two calls only the folder's mode protects the socket, and does.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(&errs.Error{Path: path, Kind: errs.KindOf(err), Err: err}, l.Close())
	}
	return l, nil
}

func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &errs.Error{Path: dir, Kind: errs.KindOf(err), Err: err}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return &errs.Error{Path: dir, Kind: errs.KindOf(err), Err: err}
	}
	if open := info.Mode().Perm() & 0o077; open != 0 && hasModes {
		return errs.New(errs.Denied, "other users can open this folder").At(dir).Try("Run chmod 700 on it.")
	}
	return nil
}

// clearSocket removes a socket whose daemon is gone.
func clearSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &errs.Error{Path: path, Kind: errs.KindOf(err), Err: err}
	case info.Mode().Type() != fs.ModeSocket && hasModes:
		return errs.New(errs.Conflict, "something that is not a socket is in the way").At(path)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = c.Close() // only asked whether somebody is there
		return errs.New(errs.Conflict, "another daemon answers at this socket").At(path).Try("Run `stardrive stop` first.")
	}
	if err := os.Remove(path); err != nil {
		return &errs.Error{Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}
