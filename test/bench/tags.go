package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Of the library: 1,000,000 entries, of which 100,000 are tagged.
const (
	tagCount = 5000
	tagDepth = 6
	taggedOf = 20 // one of so many entries gets a tag at once: 50,000 of 1,000,000
)

// changed is what a change of tags answers.
type changed struct {
	Changed int64  `json:"changed"`
	Undo    string `json:"undo"`
}

// tags measures what users add: a tag on one of twenty entries at once, searches for a
// tag above those that a tenth of all entries have, and the tree of 5,000 tags.
func (r *run) tags(ctx context.Context) error {
	if err := r.importTags(ctx); err != nil {
		return err
	}
	share := r.report.Tree.Entries / taggedOf
	upper, err := r.largest(ctx, share)
	if err != nil {
		return err
	}
	lower, err := r.largest(ctx, 2*share)
	if err != nil {
		return err
	}
	if err := r.tagSome(ctx, "bench 5", fmt.Sprintf("size:>=%d", upper)); err != nil {
		return err
	}
	var second changed
	if err := r.d.Call(ctx, "tag.apply", map[string]any{"tag": "bench 4", "query": fmt.Sprintf("size:>=%d size:<%d", lower, upper)}, &second); err != nil {
		return err
	}
	n := 0
	err = r.nameQueries(ctx, fmt.Sprintf("tag query, p95: a tag above %d tagged entries", share+second.Changed), 25, 8, func() string {
		n++
		return fmt.Sprintf("tag:\"bench %d\"", n%4) // all above the two that were given
	})
	if err != nil {
		return err
	}
	return r.tagTrees(ctx)
}

// importTags makes the tags: an export is read, since 5,000 calls would measure calls.
func (r *run) importTags(ctx context.Context) error {
	file := filepath.Join(filepath.Dir(r.data), "tags.jsonl")
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, `{"stardrive":"what users added","version":1}`)
	for i := range tagCount {
		fmt.Fprintf(w, `{"target":"t:bench%d","field":"is","value":"tag"}`+"\n", i)
		fmt.Fprintf(w, `{"target":"t:bench%d","field":"name","value":"bench %d"}`+"\n", i, i)
		if i%tagDepth > 0 {
			fmt.Fprintf(w, `{"target":"t:bench%d","field":"parent","member":"t:bench%d"}`+"\n", i, i-1)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	var out struct {
		Facts int `json:"facts"`
	}
	if err := r.d.Call(ctx, "organize.import", map[string]any{"file": file}, &out); err != nil {
		return err
	}
	if out.Facts < 2*tagCount {
		return fmt.Errorf("only %d facts were taken over", out.Facts)
	}
	return nil
}

// largest finds the size that about so many entries have at least.
func (r *run) largest(ctx context.Context, want int64) (size int64, err error) {
	low, high := int64(0), int64(1)<<40 // more than want have low, fewer have high
	for high-low > 1 {
		middle := (low + high) / 2
		l, err := r.search(ctx, fmt.Sprintf("size:>=%d", middle), 1)
		if err != nil {
			return 0, err
		}
		if l.Total > want {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// tagSome measures a tag on all that a query finds, and its way back, a few times.
func (r *run) tagSome(ctx context.Context, tag, query string) error {
	var gives, backs []time.Duration
	var out changed
	const times = 5
	cpu := cpuTime(r.d.PID())
	for i := range times {
		began := time.Now()
		if err := r.d.Call(ctx, "tag.apply", map[string]any{"tag": tag, "query": query}, &out); err != nil {
			return err
		}
		gives = append(gives, time.Since(began))
		if out.Changed == 0 {
			return fmt.Errorf("nothing was tagged by %s", query)
		}
		if i == times-1 {
			break // it stays
		}
		began = time.Now()
		var back changed
		if err := r.d.Call(ctx, "organize.undo", map[string]any{"id": out.Undo}, &back); err != nil {
			return err
		}
		backs = append(backs, time.Since(began))
	}
	cpu = (cpuTime(r.d.PID()) - cpu) / (2*times - 1)
	p, b := percentiles(gives), percentiles(backs)
	r.report.add(Row{Work: fmt.Sprintf("a tag on %d hits", out.Changed), Value: p[0].Seconds(), Unit: "s", Budget: 2, Goal: 1,
		Note: fmt.Sprintf("the first time %.2f s, at most %.2f s; undone %.2f s; %.2f s of processor each", gives[0].Seconds(), p[2].Seconds(), b[0].Seconds(), cpu.Seconds())})
	return nil
}

// tagTrees measures the tree of all tags, as it stands and after a change of one.
func (r *run) tagTrees(ctx context.Context) error {
	var tree struct {
		Items []struct {
			Depth int `json:"depth"`
		} `json:"items"`
	}
	ask := func() (time.Duration, error) {
		began := time.Now()
		err := r.d.Call(ctx, "tag.tree", map[string]any{}, &tree)
		return time.Since(began), err
	}
	var after, again []time.Duration
	cpu := cpuTime(r.d.PID())
	for i := range max(20, r.Queries/10) {
		if err := r.d.Call(ctx, "tag.edit", map[string]any{"tag": "bench 3000", "add_aliases": []string{fmt.Sprintf("alias %d", i)}}, &struct{}{}); err != nil {
			return err
		}
		for _, times := range []*[]time.Duration{&after, &again} {
			took, err := ask()
			if err != nil {
				return err
			}
			*times = append(*times, took)
		}
	}
	cpu = (cpuTime(r.d.PID()) - cpu) / time.Duration(len(after)+len(again))
	deepest := 0
	for _, t := range tree.Items {
		deepest = max(deepest, t.Depth)
	}
	if len(tree.Items) != tagCount || deepest != tagDepth-1 {
		return fmt.Errorf("the tree has %d tags down to %d", len(tree.Items), deepest)
	}
	p, q := percentiles(after), percentiles(again)
	r.report.add(Row{Work: fmt.Sprintf("tree of %d tags, %d deep, after a change, p95", tagCount, tagDepth), Value: ms(p[1]), Unit: "ms", Budget: 50, Goal: 25,
		Note: fmt.Sprintf("p50 %.1f ms; as it stands p50 %.1f, p95 %.1f ms; %.1f ms of processor each", ms(p[0]), ms(q[0]), ms(q[1]), ms(cpu))})
	return nil
}
