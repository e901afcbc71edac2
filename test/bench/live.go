package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// changes measures how long a new file takes until a search finds it, and a
// removed one until it is found no more.
func (r *run) changes(ctx context.Context) error {
	dir, err := deepFolder(r.tree)
	if err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	defer func() { _ = os.Chtimes(dir, info.ModTime(), info.ModTime()) }() // the tree is used again
	var seen, gone []time.Duration
	for i := range 20 {
		name := fmt.Sprintf("wqfresh%06dkx", i)
		path := filepath.Join(dir, name+".txt")
		began := time.Now()
		if err := os.WriteFile(path, []byte("new"), 0o600); err != nil {
			return err
		}
		took, err := r.until(ctx, name, 1, began)
		if rm := os.Remove(path); err != nil || rm != nil {
			return errors.Join(err, rm)
		}
		seen = append(seen, took)
		if took, err = r.until(ctx, name, 0, time.Now()); err != nil {
			return err
		}
		gone = append(gone, took)
	}
	p, g := percentiles(seen), percentiles(gone)
	r.report.add(Row{Work: "a change on disk is visible in a query, p95", Value: ms(p[1]), Unit: "ms", Budget: 1000, Goal: 200,
		Note: fmt.Sprintf("p50 %.0f ms; removed: p50 %.0f, p95 %.0f ms", ms(p[0]), ms(g[0]), ms(g[1]))})
	return nil
}

// until polls until the query has so many hits.
func (r *run) until(ctx context.Context, query string, hits int64, began time.Time) (time.Duration, error) {
	for {
		l, err := r.search(ctx, query, 1)
		if err != nil {
			return 0, err
		}
		took := time.Since(began)
		if l.Total == hits {
			return took, nil
		}
		if took > time.Minute {
			return took, fmt.Errorf("a minute after the change %q has %d hits, want %d", query, l.Total, hits)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// deepFolder is a folder some levels down.
func deepFolder(tree string) (string, error) {
	dir := filepath.Join(tree, "Documents")
	for range 3 {
		list, err := os.ReadDir(dir)
		if err != nil {
			return "", err
		}
		for _, e := range list {
			if e.IsDir() {
				dir = filepath.Join(dir, e.Name())
				break
			}
		}
	}
	return dir, nil
}

// idle measures memory some seconds after the last work.
func (r *run) idle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(10 * time.Second):
	}
	rss, err := daemon.Memory(r.d.PID(), "VmRSS")
	if err != nil {
		return err
	}
	r.report.add(Row{Work: "idle memory", Value: mb(rss), Unit: "MB", Budget: 120, Goal: 60, Note: r.memoryNote()})
	return nil
}

// memoryNote tells what of the memory is ours and what are mapped files, whose
// pages belong to the page cache.
func (r *run) memoryNote() string {
	anon, err1 := daemon.Memory(r.d.PID(), "RssAnon")
	file, err2 := daemon.Memory(r.d.PID(), "RssFile")
	if err1 != nil || err2 != nil {
		return ""
	}
	return fmt.Sprintf("now %.0f MB own, %.0f MB mapped files", mb(anon), mb(file))
}

// restart: from the start of the process to the first right answer.
func (r *run) restart(ctx context.Context) error {
	var times []time.Duration
	var started time.Duration
	for range 3 {
		if err := r.d.Stop(); err != nil {
			return fmt.Errorf("stop: %w", err)
		}
		began := time.Now()
		d, err := daemon.Start(ctx, r.Bin, r.data)
		if err != nil {
			return err
		}
		r.d, started = d, d.Started
		if _, err := r.until(ctx, r.words[0].text, r.words[0].count, began); err != nil {
			return err
		}
		times = append(times, time.Since(began))
	}
	p := percentiles(times)
	r.report.add(Row{Work: "start until the first answer, median of 3", Value: p[0].Seconds(), Unit: "s", Budget: 2, Goal: 0.3,
		Note: fmt.Sprintf("socket answers after %.2f s", started.Seconds())})
	return nil
}
