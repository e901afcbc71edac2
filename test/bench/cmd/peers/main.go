// Command peers puts stardrive beside plocate, fd, ripgrep and recoll on the same
// files and prints a table. It exits 1 if one of them finds what stardrive does
// not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/stardrive/stardrive/test/bench/peers"
)

func main() {
	o := peers.Options{Log: os.Stderr}
	flag.StringVar(&o.Bin, "bin", "bin/stardrive", "the program")
	flag.StringVar(&o.Names, "names", "/usr", "a folder with many names")
	words := flag.String("words", "py,main,handler,readme.md,zzqx", "what is asked of names, parted by commas")
	flag.StringVar(&o.Texts, "texts", "/usr/share/doc", "a folder with documents; empty: texts are not compared")
	said := flag.String("said", "idempotent,tessellated,maintainer,quicksort,zzqx", "what is asked of texts, parted by commas")
	flag.Parse()
	o.Said = strings.Split(*said, ",")
	o.Words = strings.Split(*words, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o peers.Options) (err error) {
	for _, p := range []*string{&o.Bin, &o.Names, &o.Texts} {
		if *p == "" {
			continue
		}
		if *p, err = filepath.Abs(*p); err != nil {
			return err
		}
	}
	rows, err := peers.Run(ctx, o)
	missed := 0
	for _, r := range rows {
		missed += len(r.Missed)
	}
	if missed > 0 {
		err = errors.Join(err, fmt.Errorf("%d hits of others were missed", missed))
	}
	return errors.Join(peers.Print(os.Stdout, rows), err)
}
