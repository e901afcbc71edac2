package action

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// choices are what was chosen after a plan was made, by item; 0: all others.
type choices map[int64]string

func choicesOf(tx *store.Tx, id ident.PlanID) (choices, error) {
	rows, err := tx.Query("SELECT item, choice FROM plan_choice WHERE plan_id = ?", int64(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	by := choices{}
	for rows.Next() {
		var n int64
		var choice string
		if err := rows.Scan(&n, &choice); err != nil {
			return nil, err
		}
		by[n] = choice
	}
	return by, rows.Err()
}

func offers(it *Item, choice string) bool { return slices.Contains(it.Choices, choice) }

// apply puts the choice that holds into it.
func (by choices) apply(it *Item) {
	if c, ok := by[it.N]; ok {
		it.Choice = c
	} else if c := by[0]; it.Choice == "" && offers(it, c) {
		it.Choice = c
	}
}

// page returns the items from number n on that stand in one row; none: there are
// no more.
func (s *Service) page(tx *store.Tx, id ident.PlanID, n int64) ([]stored, error) {
	var b []byte
	err := tx.QueryRow("SELECT data FROM plan_item WHERE plan_id = ? AND first <= ? ORDER BY first DESC LIMIT 1", int64(id), n).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var page []stored
	if err := s.packer.unpack(b, &page); err != nil {
		return nil, err
	}
	for len(page) > 0 && page[0].N < n {
		page = page[1:]
	}
	return page, nil
}

// Items calls fn with the items of a plan from number n on, with their choices,
// until it returns false. No transaction is open meanwhile.
func (s *Service) items(ctx context.Context, id ident.PlanID, n int64, fn func(it *stored) (bool, error)) error {
	for {
		var page []stored
		err := s.db.Read(ctx, func(tx *store.Tx) error {
			by, err := choicesOf(tx, id)
			if err != nil {
				return err
			}
			page, err = s.page(tx, id, n)
			for i := range page {
				by.apply(&page[i].Item)
			}
			return err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if more, err := fn(&page[i]); err != nil || !more {
				return err
			}
		}
		n = page[len(page)-1].N + 1
	}
}

// Batch is a number of steps in the journal of a plan.
type Batch struct {
	N    int64
	Open bool // they were about to be done, and nobody knows whether they were
	Held bool // they are half done, and to be gone on with: see Run.Hold

	data   []byte
	packer *packer
}

// Steps reads them into the list that to points to.
func (b *Batch) Steps(to any) error { return b.packer.unpack(b.data, to) }

// Journal calls fn with the journal of a plan, first to last, or backward. No
// transaction is open meanwhile.
func (s *Service) Journal(ctx context.Context, id ident.PlanID, backward bool, fn func(b Batch) error) error {
	query := "SELECT n, open, data FROM journal WHERE plan_id = ? AND n > ? ORDER BY n LIMIT 8"
	from := int64(0)
	if backward {
		query = "SELECT n, open, data FROM journal WHERE plan_id = ? AND n < ? ORDER BY n DESC LIMIT 8"
		from = 1 << 62
	}
	for {
		var some []Batch
		err := s.db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(query, int64(id), from)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				b := Batch{packer: &s.packer}
				var state int
				if err := rows.Scan(&b.N, &state, &b.data); err != nil {
					return err
				}
				b.Open, b.Held = state != batchDone, state == batchHeld
				some = append(some, b)
			}
			return rows.Err()
		})
		if err != nil || len(some) == 0 {
			return err
		}
		for _, b := range some {
			if err := fn(b); err != nil {
				return err
			}
			from = b.N
		}
	}
}

// BackSince returns the plans that took something back, or did it again, and were
// committed after plan id, in that order: what they brought back may be known by
// other numbers since.
func (s *Service) BackSince(ctx context.Context, id ident.PlanID) (ids []ident.PlanID, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id FROM plan WHERE undo_of <> 0 AND committed_ns >= (SELECT committed_ns FROM plan WHERE id = ?1) AND id <> ?1
			AND EXISTS (SELECT 1 FROM journal WHERE plan_id = plan.id) ORDER BY committed_ns, id`, int64(id))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				return err
			}
			ids = append(ids, ident.PlanID(n))
		}
		return rows.Err()
	})
	return ids, err
}
