// Command actions compares copying with cp and rsync and prints a table. It exits
// 1 if a verified copy is over its budget.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/stardrive/stardrive/test/bench/actions"
)

func main() {
	o := actions.Options{Log: os.Stderr}
	flag.StringVar(&o.Dir, "dir", "tmp", "a folder on the disk to be measured, with room for twice the bytes")
	large := flag.Int64("large", 10<<10, "MiB of the large file; 0: none")
	flag.IntVar(&o.Small, "small", 100_000, "small files; 0: none")
	flag.StringVar(&o.Tree, "tree", "/usr/share", "a folder of all sorts of files, which is only read; empty: none")
	flag.BoolVar(&o.Cold, "cold", true, "empty the caches of the system before each copy, as root")
	flag.Parse()
	o.Large = *large << 20
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "actions:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o actions.Options) error {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return err
	}
	rows, err := actions.Run(ctx, o)
	if err != nil {
		return err
	}
	over, err := actions.Show(os.Stdout, rows)
	if err == nil && over {
		err = errors.New("over budget")
	}
	return err
}
