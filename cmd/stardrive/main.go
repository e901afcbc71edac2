// Command stardrive is the whole program: `stardrive serve` is the daemon, every
// other command is a client of it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/stardrive/stardrive/internal/app"
	"github.com/stardrive/stardrive/internal/cli"
	"github.com/stardrive/stardrive/internal/worker"
)

// version is set by the build.
var version = "dev"

func main() {
	if len(os.Args) > 1 && os.Args[1] == worker.Verb { // how the daemon starts what looks into files
		os.Exit(app.Work(os.Args[2:]))
	}
	// The first signal asks for an orderly end; after it, signals kill again.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Deps{Version: version, Ops: app.Definitions(), Serve: app.Serve}))
}
