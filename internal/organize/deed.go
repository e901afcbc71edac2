package organize

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

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
	Kept int    `json:"kept,omitempty" jsonschema:"how many things stay as they are, since they were changed again later"`
	Undo string `json:"undo,omitempty" jsonschema:"what to give organize.undo to make it anew"`
}

func (s *Service) deedOps() []op.Def {
	return []op.Def{
		op.NewQuery("organize.history", "List what was changed of tags, notes and the like", s.history, op.Example("stardrive organize history")),
		op.NewCommand("organize.undo", "Take a change of tags, notes and the like back", s.undo, op.Example("stardrive organize undo")),
	}
}

// back is a change that takes another back, and what that one left.
type back struct {
	wire
	Left string `json:"w,omitempty"` // the value that it put
	None bool   `json:"n,omitempty"` // it took all away
}

// remember notes what undoes a change that is made in the same transaction.
func (p *page) remember(title string, changes, inverse []merge.Change) (int64, error) {
	all := make([]back, len(inverse))
	for i, c := range inverse {
		all[i] = back{wire{c.Target, c.Field, c.Member, c.Value, c.Drop}, changes[i].Value, changes[i].Drop}
	}
	b, err := json.Marshal(all)
	if err != nil {
		return 0, err
	}
	res, err := p.tx.Exec("INSERT INTO deed (done_ns, title, changes, inverse, undone) VALUES (?, ?, ?, ?, 0)", p.now().UnixNano(), title, len(changes), b)
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
