package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
)

// ServeOptions is what `stardrive serve` tells the daemon.
type ServeOptions struct {
	Data       string // the data folder, absolute
	Listen     string // TCP address of the web interface; "" as the settings say
	Version    string
	Background bool   // nobody looks at its output: stderr is serve.log, never print a login link
	Ready      func() // called once, when the socket answers; returns at once
}

func (s *shell) serveCommand() *cobra.Command {
	var o ServeOptions
	index := words{list: true, name: "DIR"}
	listen := words{name: "ADDRESS"}
	var open bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the daemon in the foreground", GroupID: "daemon", Args: cobra.NoArgs,
		Long: "Run the daemon in the foreground and print a link that logs a browser in once.\n" +
			"Ctrl-C ends it in order; a second Ctrl-C ends it at once, and nothing is lost either way.",
		Example: "  stardrive serve --listen 127.0.0.1:8080 --index ~/Photos --open",
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(&listen, "listen", "TCP address of the web interface (default: as the settings say)")
	f.Var(&index, "index", "add this folder as a location unless it is one (may be repeated)")
	f.BoolVar(&open, "open", false, "open the web interface in the browser")
	f.BoolVar(&o.Background, "background", false, "print nothing on stdout")
	_ = f.MarkHidden("background")
	_ = cmd.MarkFlagDirname("index")
	cmd.RunE = s.runE(func(cmd *cobra.Command, _ []string) error {
		var folders []string
		for _, dir := range index.texts {
			abs, err := pathArg(dir)
			if err != nil {
				return err
			}
			folders = append(folders, abs)
		}
		o.Listen = listen.String()
		return s.serve(cmd.Context(), o, folders, open)
	})
	return cmd
}

// serve runs the daemon, and beside it what is to be done once it answers.
func (s *shell) serve(ctx context.Context, o ServeOptions, index []string, open bool) error {
	p, err := s.layout()
	if err != nil {
		return err
	}
	if err := checkFolder(p); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // a reader of our output that goes away must not end the daemon
	o.Data, o.Version = p.Dir, s.deps.Version
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan struct{}, 1)
	o.Ready = func() {
		select {
		case ready <- struct{}{}:
		default:
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-ready:
			s.greet(ctx, p, o.Background, index, open)
		case <-ctx.Done():
		}
	}()
	err = s.deps.Serve(ctx, o)
	stop()
	<-done
	if errs.Is(err, errs.Cancelled) {
		return nil // a signal is the normal end
	}
	return err
}

// greet prints where the daemon is, and adds the folders that are to be indexed.
// What fails here is told, and does not end the daemon.
func (s *shell) greet(ctx context.Context, p config.Layout, background bool, index []string, open bool) {
	c := newClient(p, s.library)
	defer c.close()
	if !background {
		if err := s.hello(ctx, c, p, open); err != nil && ctx.Err() == nil {
			s.fail(err)
		}
	}
	for _, dir := range index {
		_, err := c.call(ctx, "location.add", map[string]any{"path": dir})
		if err != nil && !errs.Is(err, errs.Conflict) && ctx.Err() == nil {
			s.fail(err)
		}
	}
}

// hello prints the address and a login link, and shows it in a browser if asked.
func (s *shell) hello(ctx context.Context, c *client, p config.Layout, open bool) error {
	status, err := c.call(ctx, "daemon.status", struct{}{})
	if err != nil {
		return err
	}
	link, err := c.call(ctx, "daemon.login_link", struct{}{})
	if err != nil {
		return err
	}
	url := text(link, "url")
	if s.json {
		b, _ := json.Marshal(map[string]string{"version": s.deps.Version, "data": p.Dir, "address": text(status, "address"), "url": url})
		err = s.printJSON(b)
	} else {
		_, err = fmt.Fprintf(s.stdout, "Stardrive %s is running at %s\nLog in once with: %s\n",
			s.deps.Version, clean(text(status, "address")), clean(url))
	}
	if flushed := s.stdout.Flush(); err == nil {
		err = flushed
	}
	switch {
	case open && display(s.deps.Env):
		s.openBrowser(url)
	case open:
		s.note("There is no desktop here: open the link yourself.")
	}
	return err
}
