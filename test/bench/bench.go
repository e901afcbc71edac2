// Package bench measures the whole program against the budgets of the design,
// and against a tool that does comparable work on the same machine in the same
// minute. It treats stardrive as a black box: processes, sockets, /proc, and a
// look into the database file to count rows. Only the texts of files it puts
// there itself, since to have so many read would take hours.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
	"github.com/stardrive/stardrive/test/daemon"
)

// Options say what to measure.
type Options struct {
	Bin     string    // the program
	Dir     string    // where the tree is kept from run to run; "": a temporary folder
	Entries int       // size of the tree
	Queries int       // per class
	Only    string    // the steps to measure, with commas between them, beside the first scan; "": all
	Log     io.Writer // what is being done, line by line
}

// run is one measurement under way.
type run struct {
	Options
	report *Report
	tree   string
	data   string
	words  words // of the tree, counted by a naive walk
	d      *daemon.Daemon
}

// Run makes the tree if it is not there yet, measures, and stops every daemon
// that it started.
func Run(ctx context.Context, o Options) (*Report, error) {
	temp, err := os.MkdirTemp("", "sd-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if o.Dir == "" {
		o.Dir = temp
	}
	r := &run{Options: o, report: newReport(ctx), data: filepath.Join(temp, "data")}
	defer r.stop()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"tree", r.prepare},
		{"first scan", r.firstScan},
		{"rescan", r.rescan},
		{"queries", r.queries},
		{"queries while scanning", r.whileScanned},
		{"large folder", r.largeFolder},
		{"deletes", r.deletes},
		{"change on disk", r.changes},
		{"idle memory", r.idle},
		{"restart", r.restart},
		{"tags", r.tags},
		{"texts", r.texts},
		{"facts", r.facts},
		{"pictures", r.pictures},
		{"documents", r.documents},
	} {
		if r.Only != "" && !slices.Contains(strings.Split(r.Only, ","), step.name) && step.name != "tree" && step.name != "first scan" {
			continue
		}
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return r.report, fmt.Errorf("%s: %w", step.name, err)
		}
		r.logf("%s: done after %.1f s", step.name, time.Since(began).Seconds())
	}
	return r.report, nil
}

func (r *run) logf(format string, args ...any) { fmt.Fprintf(r.Log, format+"\n", args...) }

func (r *run) stop() {
	if r.d != nil {
		r.d.Kill()
	}
}

// prepare makes the tree, or takes the one of an earlier run if it is still
// what the seed says.
func (r *run) prepare(context.Context) error {
	const seed = 1
	r.tree = filepath.Join(r.Dir, fmt.Sprintf("tree-%d-%d-%d", treegen.Version, r.Entries, seed))
	o := treegen.Options{Entries: r.Entries, Seed: seed}
	want := treegen.Plan(o)
	r.report.Tree = want
	if _, err := os.Stat(r.tree); err == nil {
		found, err := treegen.Scan(r.tree)
		if err == nil && found.Matches(want) {
			r.logf("tree %s: %d entries, as the seed says", r.tree, found.Entries)
			return r.countWords()
		}
		r.logf("tree %s is not what the seed says: made again", r.tree)
		if err := os.RemoveAll(r.tree); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(r.tree, 0o755); err != nil {
		return err
	}
	if _, err := treegen.Write(r.tree, o); err != nil {
		return err
	}
	return r.countWords()
}
