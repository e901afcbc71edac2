package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
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

// opCommand calls any operation by its name.
func (s *shell) opCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "op NAME [JSON|-]", Short: "Call any operation by its name, with JSON in and out", GroupID: "more",
		Example: "  stardrive op list\n  stardrive op entry.list '{\"path\":\"/home\"}'\n  echo '{}' | stardrive op daemon.status -",
		Args:    cobra.RangeArgs(0, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) (names []string, _ cobra.ShellCompDirective) {
			for _, n := range s.deps.Ops.Names() {
				if len(args) == 0 && strings.HasPrefix(n, begun) {
					names = append(names, n)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.RunE = s.runE(func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		in := json.RawMessage("{}")
		if len(args) == 2 {
			var err error
			if in, err = s.readJSON(args[1]); err != nil {
				return err
			}
		}
		c, err := s.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer c.close()
		out, err := c.call(cmd.Context(), args[0], in)
		if err != nil {
			return err
		}
		return s.printJSON(out)
	})
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "List all operations, with their schemas if --json is given", Args: cobra.NoArgs,
		RunE: s.runE(func(*cobra.Command, []string) error { return s.listOps() }),
	})
	return cmd
}

func (s *shell) listOps() error {
	type item struct {
		Name   string  `json:"name"`
		Title  string  `json:"title"`
		Kind   op.Kind `json:"kind"`
		Input  any     `json:"input"`
		Output any     `json:"output"`
	}
	items := []item{}
	t := newTable("NAME", "KIND", "TITLE")
	for d := range s.deps.Ops.All() {
		items = append(items, item{d.Name, d.Title, d.Kind, d.InSchema, d.OutSchema})
		t.add(d.Name, string(d.Kind), d.Title)
	}
	if !s.json {
		return t.write(s.stdout)
	}
	b, err := json.Marshal(map[string]any{"items": items, "next": ""})
	if err != nil {
		return errs.New(errs.Internal, "%w", err)
	}
	return s.printJSON(b)
}
