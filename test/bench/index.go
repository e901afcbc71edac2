package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // to count rows

	"github.com/stardrive/stardrive/test/daemon"
)

// find runs the reference: one line for every entry, as the budget words it.
func (r *run) find(ctx context.Context, to io.Writer) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, "find", r.tree, "-printf", `%s %T@ %i %p\n`)
	cmd.Stdout = to // nil: /dev/null
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("find: %w", err)
	}
	return time.Since(began), nil
}

// besideFind runs work between two runs of find, whose mean is the reference:
// others may be busy on this machine. A first run warms the cache and counts.
func (r *run) besideFind(ctx context.Context, work func() error) (ours, ref time.Duration, lines int64, err error) {
	var n counter
	if _, err := r.find(ctx, &n); err != nil {
		return 0, 0, 0, err
	}
	before, err := r.find(ctx, nil)
	if err != nil {
		return 0, 0, 0, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return 0, 0, 0, err
	}
	ours = time.Since(began)
	after, err := r.find(ctx, nil)
	return ours, (before + after) / 2, int64(n), err
}

// counter counts lines.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(bytes.Count(b, []byte{'\n'}))
	return len(b), nil
}

// firstScan: from the command to the moment when a search finds all there is.
func (r *run) firstScan(ctx context.Context) (err error) {
	if r.d, err = daemon.Start(ctx, r.Bin, r.data); err != nil {
		return err
	}
	var l daemon.Location
	var command time.Duration
	took, find, lines, err := r.besideFind(ctx, func() error {
		began := time.Now()
		if err := r.d.CLI(ctx, &l, "location", "add", r.tree, "--mode", "shallow", "--wait"); err != nil {
			return err
		}
		command = time.Since(began)
		return r.searchable(ctx)
	})
	if err != nil {
		return err
	}
	r.report.ratio("index, metadata, searchable at the end", took, "find -printf", find, 5, 2.5,
		fmt.Sprintf("%.0f entries/s; job %.2f s, command %.2f s", float64(lines)/took.Seconds(), l.Job.Seconds, command.Seconds()))
	if got := l.Files + l.Folders; got != lines || l.Errors != 0 {
		return fmt.Errorf("indexed %d files and %d folders with %d errors, find sees %d entries", l.Files, l.Folders, l.Errors, lines)
	}
	peak, err := daemon.Memory(r.d.PID(), "VmHWM")
	if err != nil {
		return err
	}
	r.report.add(Row{Work: "peak memory while indexing", Value: mb(peak), Unit: "MB", Budget: 200, Goal: 100, Note: r.memoryNote()})
	return nil
}

// searchable waits until the naive count of a word is what a search finds.
func (r *run) searchable(ctx context.Context) error {
	deadline := time.Now().Add(30 * time.Second)
	for _, w := range r.words {
		for {
			found, err := r.search(ctx, w.text, 1)
			if err != nil {
				return err
			}
			if found.Total == w.count {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("%d entries have %q in their name, the search finds %d", w.count, w.text, found.Total)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return nil
}

// rescan: nothing has changed, so nothing may be written.
func (r *run) rescan(ctx context.Context) error {
	before, err := r.newestSeq(ctx)
	if err != nil {
		return err
	}
	var l daemon.Location
	took, find, lines, err := r.besideFind(ctx, func() error {
		return r.d.CLI(ctx, &l, "location", "rescan", r.tree, "--wait")
	})
	if err != nil {
		return err
	}
	r.report.ratio("rescan, nothing changed", took, "find -printf", find, 2, 1, fmt.Sprintf("job %.2f s", l.Job.Seconds))
	if got := l.Files + l.Folders; got != lines {
		return fmt.Errorf("after a rescan %d files and %d folders, find sees %d entries", l.Files, l.Folders, lines)
	}
	rows, err := r.rowsSince(ctx, before)
	if err != nil {
		return err
	}
	r.report.add(Row{Work: "rescan, nothing changed: entry rows written", Value: float64(rows), Unit: "rows"})
	return nil
}

func (r *run) newestSeq(ctx context.Context) (int64, error) {
	return r.ask(ctx, "SELECT max((SELECT coalesce(max(seq),0) FROM entry), (SELECT coalesce(max(seq),0) FROM tombstone))")
}

func (r *run) rowsSince(ctx context.Context, seq int64) (int64, error) {
	return r.ask(ctx, "SELECT (SELECT count(*) FROM entry WHERE seq > ?1) + (SELECT count(*) FROM tombstone WHERE seq > ?1 AND noun = 'entry')", seq)
}

// ask reads one number from the library's database, beside the daemon.
func (r *run) ask(ctx context.Context, query string, args ...any) (n int64, err error) {
	found, err := filepath.Glob(filepath.Join(r.data, "libraries", "*", "library.db"))
	if err != nil || len(found) != 1 {
		return 0, fmt.Errorf("want one library.db below %s, found %q", r.data, found)
	}
	db, err := sql.Open("sqlite", "file:"+found[0]+"?mode=ro")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return n, db.QueryRowContext(ctx, query, args...).Scan(&n)
}
