package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/errs"
)

// stopVerb stops the daemon and waits until it is gone, so that what follows
// may move its data. It never starts one.
func stopVerb(sp *spec) {
	sp.group = "daemon"
	sp.run = func(c *call) error {
		cl, err := c.running(c.ctx)
		if errs.Is(err, errs.Unavailable) {
			return c.tell("no daemon was running", false)
		}
		if err != nil {
			return err
		}
		defer cl.close()
		// A daemon that breaks off its answer is one that ends: what counts is that it goes.
		if _, err := cl.call(c.ctx, c.def.Name, c.in); err != nil && !errs.Is(err, errs.Unavailable) {
			return err
		}
		if err := c.gone(c.ctx, cl); err != nil {
			return err
		}
		return c.tell("the daemon has stopped", true)
	}
}

func (c *call) tell(message string, stopped bool) error {
	if c.json {
		return c.printJSON(json.RawMessage(fmt.Sprintf(`{"stopped":%t}`, stopped)))
	}
	c.note("%s", message)
	return nil
}

// gone waits until the daemon has let go of its lock.
func (s *shell) gone(ctx context.Context, cl *client) error {
	p, err := s.layout()
	if err != nil {
		return err
	}
	// Looking at the daemon's lock means to take it for a moment, which must not
	// be in the way of another daemon.
	lock, err := lockFile(ctx, p.SpawnLock(), stopTimeout)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	for began := time.Now(); time.Since(began) < stopTimeout; {
		if _, err := cl.health(ctx); absent(err) && unlocked(p.DaemonLock()) {
			return nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return errs.New(errs.Unavailable, "the daemon has not ended after %s", stopTimeout).Try("Its log is " + p.Log() + ".")
}

func (s *shell) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of this program and of the running daemon", GroupID: "more",
		Args: cobra.NoArgs,
		RunE: s.runE(func(cmd *cobra.Command, _ []string) error {
			daemon := ""
			if p, err := s.layout(); err == nil {
				c := newClient(p, "")
				defer c.close()
				if h, err := c.health(cmd.Context()); err == nil {
					daemon = h.Version
				}
			}
			if s.json {
				b, _ := json.Marshal(struct {
					Version string `json:"version"`
					Daemon  string `json:"daemon"`
					Go      string `json:"go"`
					OS      string `json:"os"`
					Arch    string `json:"arch"`
				}{s.deps.Version, daemon, runtime.Version(), runtime.GOOS, runtime.GOARCH})
				return s.printJSON(b)
			}
			fmt.Fprintf(s.stdout, "stardrive %s (%s, %s/%s)\n", s.deps.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if daemon != "" {
				fmt.Fprintf(s.stdout, "daemon %s\n", clean(daemon))
			}
			return nil
		}),
	}
}
