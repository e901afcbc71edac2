package bench

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
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
func (r *run) queries(ctx context.Context) error {
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
		var times []time.Duration
		hits := int64(0)
		for range r.Queries {
			query := c.next()
			began := time.Now()
			l, err := r.search(ctx, query, 50)
			if err != nil {
				return err
			}
			times = append(times, time.Since(began))
			hits += l.Total
		}
		p := percentiles(times)
		r.report.add(Row{Work: "name query, p95: " + c.name, Value: ms(p[1]), Unit: "ms", Budget: 25, Goal: 8,
			Note: fmt.Sprintf("p50 %.1f, p99 %.1f ms; mean %d hits", ms(p[0]), ms(p[2]), hits/int64(r.Queries))})
	}
	return nil
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
