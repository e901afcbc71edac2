package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
)

const (
	startTimeout = 2 * time.Minute // a library that is upgraded at the start takes its time
	stopTimeout  = 15 * time.Second
)

// connect returns a client of the daemon of this data folder, starting the
// daemon first if none answers. Errors are errs.Unavailable when there is no
// daemon and it may not or cannot be started.
func (s *shell) connect(ctx context.Context) (*client, error) {
	p, err := s.layout()
	if err != nil {
		return nil, err
	}
	if err := p.SecureSocket(); err != nil {
		return nil, err
	}
	c := newClient(p, s.library)
	h, err := c.health(ctx)
	if absent(err) {
		if s.noStart {
			return nil, noDaemon(p.Dir).Try("Leave out --no-start, or run 'stardrive serve' first.")
		}
		h, err = s.start(ctx, c, p)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	if !s.noStart {
		c.revive = func(ctx context.Context) error { _, err := s.start(ctx, c, p); return err }
	}
	if h.Version != "" && h.Version != s.deps.Version {
		s.warn(fmt.Sprintf("the daemon is version %s, this command is version %s", h.Version, s.deps.Version),
			"Run 'stardrive stop': the next command starts the new version.")
	}
	return c, nil
}

// running returns a client only if a daemon answers already.
func (s *shell) running(ctx context.Context) (*client, error) {
	p, err := s.layout()
	if err != nil {
		return nil, err
	}
	if err := p.SecureSocket(); err != nil {
		return nil, err
	}
	c := newClient(p, s.library)
	if _, err := c.health(ctx); err != nil {
		c.close()
		if absent(err) {
			err = noDaemon(p.Dir)
		}
		return nil, err
	}
	return c, nil
}

func noDaemon(dir string) *errs.Error {
	return errs.New(errs.Unavailable, "no daemon is running").At(dir)
}

// absent reports whether err says that nobody listens on the socket, unlike a
// daemon that listens but does not answer, or a socket we may not use.
func absent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && (errors.Is(err, os.ErrNotExist) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, connRefused))
}

// start brings up a daemon and waits until it answers. Commands that start at
// the same time agree on one of them by a lock; the others wait for its daemon.
func (s *shell) start(ctx context.Context, c *client, p config.Layout) (health, error) {
	if err := checkFolder(p); err != nil {
		return health{}, err
	}
	if err := makeFolder(p.Dir); err != nil {
		return health{}, err
	}
	lock, err := lockFile(ctx, p.SpawnLock(), startTimeout)
	if err != nil {
		return health{}, err
	}
	defer func() { _ = lock.Release() }()      // the end of the process does it too
	if h, err := c.health(ctx); !absent(err) { // another command was faster
		return h, err
	}
	for attempt := 1; ; attempt++ {
		d, err := s.spawn(p)
		if err != nil {
			return health{}, err
		}
		h, err := s.await(ctx, c, d)
		if !errs.Is(err, errs.Conflict) || attempt == 3 {
			return h, err
		}
		// Another daemon may hold the folder: one that was started by hand will
		// answer, one that is ending will let go.
		if h, ok, busy := s.outlast(ctx, c, p); ok || busy != nil {
			return h, busy
		}
	}
}

// outlast waits while somebody holds the daemon's lock; ok if he answers.
func (s *shell) outlast(ctx context.Context, c *client, p config.Layout) (h health, ok bool, err error) {
	for began := time.Now(); time.Since(began) < stopTimeout; {
		if h, err := c.health(ctx); err == nil {
			return h, true, nil
		}
		if unlocked(p.DaemonLock()) {
			return h, false, nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return h, false, err
		}
	}
	return h, false, errs.New(errs.Unavailable, "a daemon holds this folder and does not answer").At(p.Dir).
		Try("End its process and try again; nothing is lost.")
}

// spawned is a daemon that has been started and may not answer yet.
type spawned struct {
	process *os.Process
	log     string
	logFrom int64 // what it wrote starts here
}

// spawn re-executes this program as a detached daemon that writes to serve.log.
// Login links are not printed there: --background.
func (s *shell) spawn(p config.Layout) (*spawned, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot find this program's own file: %w", err).Try("Run 'stardrive serve' yourself.")
	}
	log, from, err := openLog(p.Log())
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(exe, "serve", "--background", "--data", p.Dir)
	cmd.Args[0] = "stardrive"
	cmd.Dir = p.Dir // holds no other folder busy
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot start the daemon: %w", err)
	}
	return &spawned{process: cmd.Process, log: p.Log(), logFrom: from}, nil
}

// await polls until the daemon answers, ends, or the time is up.
func (s *shell) await(ctx context.Context, c *client, d *spawned) (health, error) {
	defer func() { _ = d.process.Release() }() // on Unix a no-op but for the handle
	began, said := time.Now(), false
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		code, ended := exited(d.process)
		h, err := c.health(ctx)
		if err == nil {
			return h, nil // ours, or that of another data folder user who was faster
		}
		if !absent(err) && !errs.Is(err, errs.Unavailable) {
			return h, err
		}
		switch {
		case ended:
			return h, d.failed(code)
		case time.Since(began) > startTimeout:
			return h, errs.New(errs.Unavailable, "the daemon has not answered for %s", startTimeout).Try("Look into " + d.log + ".")
		case time.Since(began) > time.Second && !said && s.screen.err:
			said = true
			s.note("Starting the daemon…")
		}
		if err := sleep(ctx, pause); err != nil {
			return h, err
		}
	}
}

// failed tells why a daemon ended before it answered.
func (d *spawned) failed(code int) error {
	kind := kindOfExit(code)
	if kind == errs.Invalid || kind == errs.NotFound {
		kind = errs.Unavailable // its usage is ours, not the user's
	}
	text := lastLines(d.log, d.logFrom, 10)
	if text == "" {
		text = fmt.Sprintf("it said nothing (exit status %d)", code)
	}
	return errs.New(kind, "the daemon did not start: %s", text).Try("The whole log is " + d.log + ".")
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return &errs.Error{Kind: errs.Cancelled, Err: errors.New("interrupted")}
	case <-t.C:
		return nil
	}
}
