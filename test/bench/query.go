package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
	"github.com/stardrive/stardrive/test/daemon"
)

// words are a few words of the tree, with how many names hold them.
type words []struct {
	text  string
	count int64
}

// countWords counts by the plainest walk there is.
func (r *run) countWords() error {
	r.words = nil
	for _, letters := range []int{5, 8} {
		all := treegen.Words(letters)
		for _, w := range []string{all[0], all[len(all)/2], all[len(all)-1]} {
			r.words = append(r.words, struct {
				text  string
				count int64
			}{text: w})
		}
	}
	return filepath.WalkDir(r.tree, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.ToLower(d.Name())
		for i := range r.words {
			if strings.Contains(name, r.words[i].text) {
				r.words[i].count++
			}
		}
		return nil
	})
}

func (r *run) search(ctx context.Context, query string, limit int) (daemon.List, error) {
	var l daemon.List
	err := r.d.Call(ctx, "search.query", map[string]any{"query": query, "limit": limit}, &l)
	return l, err
}

// queries measures searches through the HTTP API, class by class.
func (r *run) queries(ctx context.Context) error { return r.classes(ctx, "") }

func (r *run) classes(ctx context.Context, during string) error {
	rng := rand.New(rand.NewPCG(7, 7))
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	five, eight := treegen.Words(5), treegen.Words(8)
	classes := []struct {
		name string
		next func() string
	}{
		{"five letters", func() string { return pick(five) }},
		{"eight letters", func() string { return pick(eight) }},
		{"one letter", func() string { return string(rune('a' + rng.IntN(26))) }},
		{"two words", func() string { return pick(five) + " " + pick(eight) }},
		{"no hit", func() string { return fmt.Sprintf("zq%06dxj", rng.IntN(1_000_000)) }},
	}
	for _, c := range classes {
		if err := r.nameQueries(ctx, "name query, p95: "+c.name+during, 25, 8, c.next); err != nil {
			return err
		}
	}
	return nil
}

// nameQueries measures searches for what next gives.
func (r *run) nameQueries(ctx context.Context, work string, budget, goal float64, next func() string) error {
	var times []time.Duration
	hits, cpu := int64(0), cpuTime(r.d.PID())
	for range r.Queries {
		query := next()
		began := time.Now()
		l, err := r.search(ctx, query, 50)
		if err != nil {
			return err
		}
		times = append(times, time.Since(began))
		hits += l.Total
	}
	p := percentiles(times)
	r.report.add(Row{Work: work, Value: ms(p[1]), Unit: "ms", Budget: budget, Goal: goal,
		Note: fmt.Sprintf("p50 %.1f, p99 %.1f ms; %.1f ms of processor each; mean %d hits",
			ms(p[0]), ms(p[2]), ms(cpuTime(r.d.PID())-cpu)/float64(r.Queries), hits/int64(r.Queries))})
	return nil
}

// whileScanned measures the same while another tree is scanned.
func (r *run) whileScanned(ctx context.Context) error {
	const seed = 2
	other := filepath.Join(r.Dir, fmt.Sprintf("other-%d-%d-%d", treegen.Version, r.Entries/2, seed))
	if _, err := os.Stat(other); err != nil {
		if err := os.MkdirAll(other, 0o755); err != nil {
			return err
		}
		if _, err := treegen.Write(other, treegen.Options{Entries: r.Entries / 2, Seed: seed}); err != nil {
			return err
		}
	}
	scanned := make(chan error, 1)
	end := make(chan struct{})
	go func() { scanned <- r.scanAgain(ctx, other, end) }()
	err := r.classes(ctx, ", while another tree is scanned")
	close(end)
	return errors.Join(err, <-scanned)
}

// scanAgain indexes a tree, and forgets it, until end.
func (r *run) scanAgain(ctx context.Context, tree string, end <-chan struct{}) error {
	for n := 1; ; n++ {
		var none json.RawMessage
		began := time.Now()
		if err := r.d.CLI(ctx, &none, "location", "add", tree, "--mode", "shallow", "--wait"); err != nil {
			return err
		}
		r.logf("scan %d of another tree of %d entries: %.1f s", n, r.Entries/2, time.Since(began).Seconds())
		if err := r.d.CLI(ctx, &none, "location", "remove", tree); err != nil {
			return err
		}
		select {
		case <-end:
			return nil
		default:
		}
	}
}

// largeFolder measures the first page of the folder with the most entries: the
// first time it is asked for, and again.
func (r *run) largeFolder(ctx context.Context) error {
	var times []time.Duration
	var total int64
	for range max(20, r.Queries/10) {
		var l daemon.List
		began := time.Now()
		err := r.d.Call(ctx, "entry.list", map[string]any{"path": filepath.Join(r.tree, "Inbox"), "sort": "name", "limit": 200}, &l)
		if err != nil {
			return err
		}
		times = append(times, time.Since(began))
		total = l.Total
		if len(l.Items) == 0 {
			return fmt.Errorf("no entries in the first page: %+v", l)
		}
	}
	p := percentiles(times[1:])
	r.report.add(Row{Work: fmt.Sprintf("first page of a folder of %d entries, first time", total), Value: ms(times[0]), Unit: "ms", Budget: 50, Goal: 10,
		Note: fmt.Sprintf("again: p50 %.1f, p95 %.1f ms", ms(p[0]), ms(p[1]))})
	return nil
}

// percentiles returns p50, p95 and p99, leaving times in their order.
func percentiles(times []time.Duration) [3]time.Duration {
	s := slices.Clone(times)
	slices.Sort(s)
	at := func(p float64) time.Duration { return s[min(len(s)-1, int(p*float64(len(s))))] }
	return [3]time.Duration{at(0.50), at(0.95), at(0.99)}
}
