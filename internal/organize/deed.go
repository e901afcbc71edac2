package organize

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// deedsKept is how many changes can be undone.
const deedsKept = 1000

// Deed is a change that was made here.
type Deed struct {
	ID      string    `json:"id" jsonschema:"what to give organize.undo"`
	Done    time.Time `json:"done" jsonschema:"when it was made"`
	Title   string    `json:"title" jsonschema:"what it was"`
	Changes int       `json:"changes" jsonschema:"how many things it changed"`
	Undone  bool      `json:"undone,omitempty" jsonschema:"it was taken back"`
}

// DeedList are changes that were made here.
type DeedList struct {
	Items []Deed `json:"items" jsonschema:"the newest first"`
}

// HistoryIn says how many changes to show.
type HistoryIn struct {
	Limit int `json:"limit,omitempty" jsonschema:"how many to show; default 50" min:"0" max:"1000"`
}

// UndoIn names a change.
type UndoIn struct {
	ID string `json:"id,omitempty" cli:"1" jsonschema:"the change, as organize.history has it; default: the last that stands"`
}

// UndoOut tells what was taken back.
type UndoOut struct {
	Deed
	Undo string `json:"undo" jsonschema:"what to give organize.undo to make it anew"`
}

func (s *Service) deedOps() []op.Def {
	return []op.Def{
		op.NewQuery("organize.history", "List what was changed of tags, notes and the like", s.history, op.Example("stardrive organize history")),
		op.NewCommand("organize.undo", "Take a change of tags, notes and the like back", s.undo, op.Example("stardrive organize undo")),
	}
}

// remember notes what undoes a change that is made in the same transaction.
func (p *page) remember(title string, changes int, inverse []merge.Change) (int64, error) {
	b, err := packChanges(inverse)
	if err != nil {
		return 0, err
	}
	res, err := p.tx.Exec("INSERT INTO deed (done_ns, title, changes, inverse, undone) VALUES (?, ?, ?, ?, 0)", p.now().UnixNano(), title, changes, b)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err == nil {
		_, err = p.tx.Exec("DELETE FROM deed WHERE id <= ?", id-deedsKept)
	}
	return id, err
}

func (s *Service) history(ctx context.Context, in HistoryIn) (out DeedList, err error) {
	out.Items = []Deed{}
	if in.Limit == 0 {
		in.Limit = 50
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return each(tx, "SELECT id, done_ns, title, changes, undone FROM deed ORDER BY id DESC LIMIT ?", []any{in.Limit}, func(rows *sql.Rows) error {
			var id, at, undone int64
			var d Deed
			err := rows.Scan(&id, &at, &d.Title, &d.Changes, &undone)
			d.ID, d.Done, d.Undone = fmt.Sprint(id), time.Unix(0, at).UTC(), undone != 0
			out.Items = append(out.Items, d)
			return err
		})
	})
	return out, err
}

// undo takes a change back by another one, which can be taken back in turn. What was
// changed anew since is as it was before the change that is taken back.
func (s *Service) undo(ctx context.Context, in UndoIn) (out UndoOut, err error) {
	var number int64
	if in.ID != "" {
		if number, err = strconv.ParseInt(in.ID, 10, 64); err != nil {
			return out, errs.New(errs.Invalid, "%q is no change", in.ID).Try("See those there are with: stardrive organize history")
		}
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	var p *page
	id, err := s.changeLocked(ctx, "Undo", func(q *page) ([]merge.Change, error) {
		p = q
		var at, undone int64
		var body []byte
		which := "id = ?"
		if number == 0 {
			which = "undone = ? AND title NOT LIKE 'Undo%' ORDER BY id DESC LIMIT 1"
		}
		err := p.tx.QueryRow("SELECT id, done_ns, title, changes, inverse, undone FROM deed WHERE "+which, number).Scan(&number, &at, &out.Title, &out.Changes, &body, &undone)
		if noRows(err) {
			return nil, errs.New(errs.NotFound, "there is nothing like that to undo").Try("See what there is with: stardrive organize history")
		}
		if err != nil {
			return nil, err
		}
		out.ID, out.Done = fmt.Sprint(number), time.Unix(0, at).UTC()
		if undone != 0 {
			return nil, errs.New(errs.Conflict, "it was undone already").Try("Undo what undid it, to have it again: stardrive organize undo " + fmt.Sprint(undone))
		}
		return unpackChanges(body)
	})
	if err != nil {
		return out, err
	}
	out.Undone, out.Undo = true, fmt.Sprint(id)
	err = s.db.WriteDurable(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("UPDATE deed SET undone = ? WHERE id = ?", id, number); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE deed SET title = ? WHERE id = ?", "Undo: "+out.Title, id)
		return err
	})
	return out, err
}
