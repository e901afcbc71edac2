// Package peers puts stardrive beside the programs that people use for the same
// questions, on the same files in the same run: what it takes to index, what a
// question takes, and whether all that they find is found. It treats all of
// them as black boxes.
package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// Options say what to compare.
type Options struct {
	Bin   string    // the program
	Names string    // a folder with many names
	Texts string    // a folder with documents; "": texts are not compared
	Words []string  // asked of names
	Said  []string  // asked of texts
	Log   io.Writer // what is being done, line by line
}

// Row is one question or work, done by stardrive and one other.
type Row struct {
	Work   string
	Peer   string
	Ours   time.Duration
	Theirs time.Duration
	Hits   [2]int   // ours, theirs; -1: no question
	Missed []string // what they find and stardrive does not, as far as it is not explained
	Note   string
}

// run is one comparison under way.
type run struct {
	Options
	temp string
	d    *daemon.Daemon
	rows []Row
}

// Run compares with each program that is installed, and tells which are not.
// It stops what it started.
func Run(ctx context.Context, o Options) (rows []Row, err error) {
	temp, err := os.MkdirTemp("", "sd-peers-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	r := &run{Options: o, temp: temp}
	if r.d, err = daemon.Start(ctx, o.Bin, filepath.Join(temp, "data")); err != nil {
		return nil, err
	}
	defer r.d.Kill()
	if err := r.names(ctx); err != nil {
		return r.rows, fmt.Errorf("names: %w", err)
	}
	if r.Texts != "" {
		if err := r.texts(ctx); err != nil {
			return r.rows, fmt.Errorf("texts: %w", err)
		}
	}
	return r.rows, nil
}

func (r *run) logf(format string, args ...any) { fmt.Fprintf(r.Log, format+"\n", args...) }

// output runs a program and returns what it prints. That it found nothing, which
// it tells by exit code 1, is no error.
func output(ctx context.Context, program string, args ...string) ([]byte, time.Duration, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && complaint.Len() == 0 {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.Bytes(), took, err
}

// median runs work some times and returns the time in the middle.
func median(work func() (time.Duration, error)) (time.Duration, error) {
	var times []time.Duration
	for range 5 {
		took, err := work()
		if err != nil {
			return 0, err
		}
		times = append(times, took)
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// missing returns what theirs has and ours does not.
func missing(theirs []string, ours map[string]bool) (missed []string) {
	for _, p := range theirs {
		if !ours[p] {
			missed = append(missed, p)
		}
	}
	return missed
}

// Print writes the table for people.
func Print(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tours\tbeside\ttheirs\tratio\thits ours\ttheirs\tmissed\tnote")
	for _, x := range rows {
		hits := [3]string{"-", "-", "-"}
		if x.Hits[0] >= 0 {
			hits = [3]string{fmt.Sprint(x.Hits[0]), fmt.Sprint(x.Hits[1]), fmt.Sprint(len(x.Missed))}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.3f\t%s\t%s\t%s\t%s\n", x.Work, round(x.Ours), x.Peer, round(x.Theirs),
			x.Ours.Seconds()/x.Theirs.Seconds(), hits[0], hits[1], hits[2], x.Note)
		for _, p := range x.Missed[:min(3, len(x.Missed))] {
			fmt.Fprintf(t, "\tmissed: %q\n", p)
		}
	}
	return t.Flush()
}

func round(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
