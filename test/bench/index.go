package bench

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // to count rows

	"github.com/stardrive/stardrive/test/daemon"
)

// find runs the reference: one line for every entry, as the budget words it.
// A first run warms the cache and counts; the better of two more, which write
// to /dev/null, is the time.
func (r *run) find(ctx context.Context) (best time.Duration, lines int64, err error) {
	var n counter
	for i := range 3 {
		cmd := exec.CommandContext(ctx, "find", r.tree, "-printf", `%s %T@ %i %p\n`)
		if i == 0 {
			cmd.Stdout = &n
		}
		began := time.Now()
		if err := cmd.Run(); err != nil {
			return 0, 0, fmt.Errorf("find: %w", err)
		}
		if took := time.Since(began); i == 1 || i > 1 && took < best {
			best = took
		}
	}
	return best, int64(n), nil
}

// counter counts lines.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(bytes.Count(b, []byte{'\n'}))
	return len(b), nil
}

// firstScan: from the command to the moment when a search finds all there is.
func (r *run) firstScan(ctx context.Context) error {
	find, lines, err := r.find(ctx)
	if err != nil {
		return err
	}
	if r.d, err = daemon.Start(ctx, r.Bin, r.data); err != nil {
		return err
	}
	var l daemon.Location
	began := time.Now()
	if err := r.d.CLI(ctx, &l, "location", "add", r.tree, "--wait"); err != nil {
		return err
	}
	indexed := time.Since(began)
	if err := r.searchable(ctx); err != nil {
		return err
	}
	took := time.Since(began)
	r.report.ratio("index, metadata, searchable at the end", took, "find -printf", find, 5, 2.5,
		fmt.Sprintf("%.0f entries/s; job %.2f s, command %.2f s", float64(lines)/took.Seconds(), l.Job.Seconds, indexed.Seconds()))
	if got := l.Files + l.Folders; got != lines || l.Errors != 0 {
		return fmt.Errorf("indexed %d files and %d folders with %d errors, find sees %d entries", l.Files, l.Folders, l.Errors, lines)
	}
	peak, err := status(r.d.PID(), "VmHWM")
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
	find, lines, err := r.find(ctx)
	if err != nil {
		return err
	}
	var l daemon.Location
	began := time.Now()
	if err := r.d.CLI(ctx, &l, "location", "rescan", r.tree, "--wait"); err != nil {
		return err
	}
	took := time.Since(began)
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
