package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// plan is what a preview says.
type plan struct {
	ID      string `json:"id"`
	Items   int64  `json:"items"`
	Summary struct {
		Files     int64 `json:"files"`
		Folders   int64 `json:"folders"`
		Trashed   int64 `json:"trashed"`
		Destroyed int64 `json:"destroyed"`
	} `json:"summary"`
}

// deletes measures previews of deleting the whole tree, as one folder and as all
// that stands in it. Nothing is committed.
func (r *run) deletes(ctx context.Context) error {
	top, err := os.ReadDir(r.tree)
	if err != nil {
		return err
	}
	var all []string
	for _, e := range top {
		all = append(all, r.tree+"/"+e.Name())
	}
	entries := r.report.Tree.Entries
	for _, c := range []struct {
		work, op string
		in       map[string]any
		least    int64
		budget   float64 // seconds
	}{
		{"preview of moving all to the trash", "files.trash", map[string]any{"sources": []string{r.tree}}, entries, 1},
		{"preview of moving all that is in it to the trash", "files.trash", map[string]any{"sources": all}, entries, 1},
		{"preview of destroying all", "files.destroy", map[string]any{"sources": []string{r.tree}}, entries, 1},
		{"preview of moving to the trash what a query finds", "files.trash", map[string]any{"query": r.words[0].text}, 1, 5},
	} {
		if err := r.deletion(ctx, c.work, c.op, c.in, c.least, c.budget); err != nil {
			return fmt.Errorf("%s: %w", c.work, err)
		}
	}
	return nil
}

func (r *run) deletion(ctx context.Context, work, op string, in map[string]any, least int64, budget float64) error {
	// The highest mark of memory is that of before: it begins anew here, where the system lets us.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", r.d.PID()), []byte("5"), 0)
	before, err := daemon.Memory(r.d.PID(), "VmRSS")
	if err != nil {
		return err
	}
	var times, pages []time.Duration
	var p plan
	for range 5 {
		began := time.Now()
		if err := r.d.Call(ctx, op, in, &p); err != nil {
			return err
		}
		times = append(times, time.Since(began))
		if n := p.Summary.Files + p.Summary.Folders; n < least || n != p.Summary.Trashed+p.Summary.Destroyed {
			return fmt.Errorf("the preview tells of %d things, want at least %d: %+v", n, least, p.Summary)
		}
		began = time.Now()
		var page struct {
			Items []any `json:"items"`
		}
		if err := r.d.Call(ctx, "plan.items", map[string]any{"plan": p.ID, "limit": 100}, &page); err != nil || len(page.Items) == 0 {
			return fmt.Errorf("%d items: %w", len(page.Items), err)
		}
		pages = append(pages, time.Since(began))
		if err := r.d.Call(ctx, "plan.discard", map[string]any{"plan": p.ID}, &p); err != nil {
			return err
		}
	}
	peak, err := daemon.Memory(r.d.PID(), "VmHWM")
	if err != nil {
		return err
	}
	r.report.add(Row{Work: work, Value: percentiles(times)[0].Seconds(), Unit: "s", Budget: budget, Goal: budget / 5,
		Note: fmt.Sprintf("%d things in %d items, first page of them %.0f ms, %.0f MB more memory at most", p.Summary.Files+p.Summary.Folders, p.Items,
			ms(percentiles(pages)[0]), mb(max(0, peak-before)))})
	return nil
}
