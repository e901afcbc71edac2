package organize

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// undo takes a change back by another one, which can be taken back in turn. What was
// changed again since stays as it is: nobody who takes back one thing means another.
func (s *Service) undo(ctx context.Context, in UndoIn) (out UndoOut, err error) {
	var number int64
	if in.ID != "" {
		if number, err = strconv.ParseInt(in.ID, 10, 64); err != nil || number <= 0 {
			return out, errs.New(errs.Invalid, "%q is no change", in.ID).Try("See those there are with: stardrive organize history")
		}
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	id, err := s.changeLocked(ctx, "Undo", func(p *page) ([]merge.Change, error) {
		some, err := p.deed(&number, &out)
		if err != nil {
			return nil, err
		}
		changes, err := p.takingBack(some)
		out.Kept = len(some) - len(changes)
		if err == nil && len(changes) == 0 {
			err = errs.New(errs.Conflict, "all that it changed was changed again since").Try("Undo what was done later first: stardrive organize history")
		}
		return changes, err
	})
	if err != nil {
		return UndoOut{}, err
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

// deed reads a change that is to be taken back; number 0: the last that stands.
func (p *page) deed(number *int64, out *UndoOut) (some []back, err error) {
	var at, undone int64
	var body []byte
	which := "id = ?"
	if *number == 0 {
		which = "undone = ? AND title NOT LIKE 'Undo%' ORDER BY id DESC LIMIT 1"
	}
	err = p.tx.QueryRow("SELECT id, done_ns, title, changes, inverse, undone FROM deed WHERE "+which, *number).Scan(number, &at, &out.Title, &out.Changes, &body, &undone)
	if noRows(err) {
		return nil, errs.New(errs.NotFound, "there is nothing like that to undo").Try("See what there is with: stardrive organize history")
	}
	if err != nil {
		return nil, err
	}
	out.ID, out.Done = fmt.Sprint(*number), time.Unix(0, at).UTC()
	if undone != 0 {
		return nil, errs.New(errs.Conflict, "it was undone already").Try("Undo what undid it, to have it again: stardrive organize undo " + fmt.Sprint(undone))
	}
	if err := json.Unmarshal(body, &some); err != nil {
		return nil, errs.New(errs.Internal, "what undoes it cannot be read: %w", err)
	}
	return some, nil
}

// takingBack plans what takes changes back where all is as they left it.
func (p *page) takingBack(some []back) (changes []merge.Change, err error) {
	keys := make([]merge.Change, len(some))
	for i := range some {
		keys[i] = merge.Change{Key: some[i].key()}
	}
	if err := p.load(keys); err != nil {
		return nil, err
	}
	for i := range some {
		b := &some[i]
		k := b.key()
		facts, err := p.standing(k)
		if err != nil {
			return nil, err
		}
		if b.left(facts) {
			changes = append(changes, merge.Change{Key: k, Value: b.Value, Drop: b.Drop})
			continue
		}
		into, stands, err := p.became(b)
		if err != nil {
			return nil, err
		}
		if stands {
			k.Target = into
			changes = append(changes, merge.Change{Key: k, Value: b.Value, Drop: b.Drop})
		}
	}
	return changes, nil
}

func (b *back) key() merge.Key { return merge.Key{Target: b.Target, Field: b.Field, Member: b.Member} }

// left reports whether what stands is what the change left.
func (b *back) left(facts []merge.Fact) bool {
	f, ok := merge.Winner(facts)
	return ok != b.None && (b.None || f.Value == b.Left)
}

// became tells what the target of a change turned into since, and whether what the change
// left stands there because of that.
func (p *page) became(b *back) (into string, stands bool, err error) {
	no, known := p.targets[b.Target]
	if !known || b.None {
		return "", false, nil
	}
	var actor, first, last int64
	err = p.tx.QueryRow("SELECT target.id, actor, first, last FROM turned JOIN target ON target.no = turned.into_target WHERE turned.target = ?", no).Scan(&into, &actor, &first, &last)
	if noRows(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	facts, err := p.standing(merge.Key{Target: into, Field: b.Field, Member: b.Member})
	f, ok := merge.Winner(facts)
	return into, ok && f.Value == b.Left && f.Actor == p.names[actor] && f.N >= uint64(first) && f.N <= uint64(last), err //nolint:gosec // counts
}
