// Command bench measures stardrive against its budgets and prints a table.
// It exits 1 if a budget is missed or something is wrong.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/stardrive/stardrive/test/bench"
)

func main() {
	var o bench.Options
	flag.StringVar(&o.Bin, "bin", "bin/stardrive", "the program")
	flag.StringVar(&o.Dir, "dir", filepath.Join("tmp", "bench"), "where the tree is made, and found by the next run")
	flag.IntVar(&o.Entries, "n", 1_000_000, "entries in the tree")
	flag.IntVar(&o.Queries, "queries", 200, "queries per class")
	flag.StringVar(&o.Only, "only", "", "measure these steps alone, such as queries,facts")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o bench.Options, asJSON bool) error {
	o.Log = os.Stderr
	for _, p := range []*string{&o.Bin, &o.Dir} {
		abs, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = abs
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return err
	}
	report, failed := bench.Run(ctx, o)
	if report == nil {
		return failed
	}
	if failed != nil {
		report.Problem = failed.Error()
	}
	if err := show(os.Stdout, report, asJSON); err != nil {
		return err
	}
	if failed == nil && report.Over() > 0 {
		return fmt.Errorf("%d over budget", report.Over())
	}
	return failed
}

func show(w io.Writer, report *bench.Report, asJSON bool) error {
	if !asJSON {
		return report.Print(w)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(report)
}
