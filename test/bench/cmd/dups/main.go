// Command dups puts stardrive beside jdupes, rdfind, rmlint and b3sum on the same
// tree and prints a table. It exits 1 if one of them finds a group that stardrive
// does not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/stardrive/stardrive/test/bench/dups"
	"github.com/stardrive/stardrive/test/bench/peers"
)

func main() {
	o := dups.Options{Log: os.Stderr}
	flag.StringVar(&o.Bin, "bin", "bin/stardrive", "the program")
	flag.StringVar(&o.Dir, "dir", "", "the tree; default: one is made")
	flag.IntVar(&o.Files, "files", 20000, "files of a tree that is made")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "dups:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o dups.Options) (err error) {
	if o.Bin, err = filepath.Abs(o.Bin); err != nil {
		return err
	}
	if o.Dir != "" {
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return err
		}
	}
	rows, err := dups.Run(ctx, o)
	for _, r := range rows {
		if len(r.Missed) > 0 {
			err = errors.Join(err, fmt.Errorf("%s finds what stardrive does not", r.Peer))
		}
	}
	return errors.Join(peers.Print(os.Stdout, rows), err)
}
