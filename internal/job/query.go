package job

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// maxPage bounds what one call of List or Warnings returns.
const maxPage = 1000

// Filter chooses jobs. Its zero value chooses all.
type Filter struct {
	States []State
	Kind   string
	Before ident.JobID // only older jobs: the last id of the page before
	Limit  int         // default and most: 1000
}

// Get returns one job; errs.NotFound if there is none.
func (e *Engine) Get(ctx context.Context, id ident.JobID) (snap Snapshot, err error) {
	err = e.db.Read(ctx, func(tx *store.Tx) error {
		r, err := load(tx, id)
		if err == nil {
			snap = e.current(r)
		}
		return err
	})
	return snap, errs.In("job.get", err)
}

// List returns jobs, newest first.
func (e *Engine) List(ctx context.Context, f Filter) (snaps []Snapshot, err error) {
	var states strings.Builder
	for _, s := range f.States {
		states.WriteString("," + string(s) + ",")
	}
	err = e.db.Read(ctx, func(tx *store.Tx) error {
		rs, err := list(tx, `WHERE (?1 = '' OR instr(?1, ',' || state || ',')) AND (?2 = '' OR kind = ?2) AND (?3 = 0 OR id < ?3)
			ORDER BY id DESC LIMIT ?4`, states.String(), f.Kind, int64(f.Before), page(f.Limit))
		for _, r := range rs {
			snaps = append(snaps, e.current(r))
		}
		return err
	})
	return snaps, errs.In("job.list", err)
}

// Warnings returns the stored warnings of a job from number first on.
func (e *Engine) Warnings(ctx context.Context, id ident.JobID, first int64, limit int) (ws []Warning, err error) {
	err = e.db.Read(ctx, func(tx *store.Tx) error {
		if _, err := load(tx, id); err != nil {
			return err
		}
		rows, err := tx.Query("SELECT n, path, kind, message FROM job_warning WHERE job_id = ? AND n >= ? ORDER BY n LIMIT ?",
			int64(id), first, page(limit))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w Warning
			if err := rows.Scan(&w.N, &w.Path, &w.Kind, &w.Message); err != nil {
				return err
			}
			ws = append(ws, w)
		}
		return rows.Err()
	})
	return ws, errs.In("job.warnings", err)
}

func page(limit int) int {
	if limit <= 0 || limit > maxPage {
		return maxPage
	}
	return limit
}

// current shows r with what its session knows, if it runs.
func (e *Engine) current(r record) Snapshot {
	e.mu.Lock()
	s := e.running[r.id]
	e.mu.Unlock()
	if r.state != Running {
		s = nil
	}
	return e.snapshot(r, s)
}
