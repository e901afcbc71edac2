package httpapi

import (
	"log/slog"
	"net"
	"os"
)

// ownersOnly accepts connections of the own user and of root. The socket's mode
// says the same; this holds when somebody widens it.
type ownersOnly struct {
	net.Listener
	log *slog.Logger
}

func (l *ownersOnly) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if u, ok := c.(*net.UnixConn); ok && trusted(u, os.Getuid()) {
			return c, nil
		}
		l.log.Warn("A connection of another user was refused")
		_ = c.Close() // refused
	}
}
