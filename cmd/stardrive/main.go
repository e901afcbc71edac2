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
)

// version is set by the build.
var version = "dev"

func main() {
	// The first signal asks for an orderly end; after it, signals kill again.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Deps{Version: version, Ops: app.Definitions(), Serve: app.Serve}))
}
