package mirror

import (
	"context"
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/organize/marks"
	"github.com/stardrive/stardrive/internal/vfs"
)

// step is one change: values of an entry, or of its sidecar, become others.
type step struct {
	Form Form         `json:"form"`
	At   catalog.Spot `json:"at"`            // the file or folder
	Seen sight        `json:"seen"`          // of it, when it was planned
	Of   []string     `json:"of"`            // the names of the values that it is about
	Old  values       `json:"old"`           // what stands there
	New  values       `json:"new"`           // what is to stand there
	Temp string       `json:"tmp,omitempty"` // private name of a sidecar while it is written
	Item int64        `json:"item"`
}

// sight is what an entry was seen as. A file that was edited since its marks were
// written can be rid of them all the same: then only Inode counts.
type sight struct {
	Inode    uint64 `json:"inode"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"`
	Any      bool   `json:"any,omitempty"`
}

func seen(e *vfs.Entry) sight { return sight{Inode: e.Inode, Size: e.Size, Modified: e.Modified} }

func (s sight) is(e *vfs.Entry) bool {
	return s.Inode == e.Inode && (s.Any || e.Kind == vfs.Folder || s.Size == e.Size && s.Modified == e.Modified)
}

// maxFiles is how many files one plan is about at most.
const maxFiles = 100_000

func (s *Service) plan(ctx context.Context, in In, d *action.Draft) error {
	if in.To == "" {
		return errs.New(errs.Invalid, "say where to: xattr, xmp or finder")
	}
	all, err := s.added.Marked(ctx, in.Selection)
	if err != nil {
		return err
	}
	if len(all) > maxFiles {
		return errs.New(errs.Invalid, "one plan writes beside up to %d files", maxFiles).Try("Narrow the query down.")
	}
	p := &planning{world: s.world(), d: d, in: in}
	for i := range all {
		if err := p.one(ctx, &all[i]); err != nil {
			return err
		}
	}
	d.Title = fmt.Sprintf("Write marks of %d files beside them", p.items)
	for n, text := range map[int]string{
		p.same: "%d say so already.", p.away: "%d stand on volumes that are offline or cannot be changed. Plan it again when they can.", p.none: "%d have nothing that could be written.",
	} {
		if n > 0 {
			d.Warn(fmt.Sprintf(text, n))
		}
	}
	if p.items == 0 {
		return errs.New(errs.Conflict, "there is nothing to write: %s", strings.Join(d.Warnings, " ")).Try("See what a file has with: stardrive organize of FILE")
	}
	return nil
}

// planning is a plan that is being made.
type planning struct {
	*world
	d                       *action.Draft
	in                      In
	items, same, away, none int
}

// one plans what is written beside one entry. What cannot be looked at is told of.
func (p *planning) one(ctx context.Context, m *organize.Marked) error {
	if m.Kind != vfs.File && (m.Kind != vfs.Folder || p.in.To == XMP) {
		p.none++
		return nil
	}
	if p.in.To == Finder {
		m.Marks.Stars, m.Marks.Comment = 0, ""
	}
	dir, name, err := p.open(ctx, m.At)
	if err != nil {
		p.away++
		return ctx.Err()
	}
	defer func() { _ = dir.Close() }() // nothing was changed
	is, err := dir.Stat(ctx, name)
	st := step{Form: p.in.To, At: m.At, Seen: seen(&is)}
	if err == nil {
		err = p.values(ctx, m, dir, name, &st)
	}
	if err != nil {
		p.d.Warn(p.address(ctx, m.At) + ": " + err.Error())
		return ctx.Err()
	}
	if st.Of == nil || st.Old.equal(st.New) {
		return nil
	}
	p.items++
	p.d.Summary.Files++
	it := action.Item{Verb: "mark", To: p.address(ctx, m.At), Note: told(m.Marks)}
	if p.in.To == XMP {
		it.From, it.To = it.To, p.address(ctx, sidecarOf(m.At))
	}
	_, err = p.d.Add(ctx, it, st)
	return err
}

// values notes what stands there and what is to stand there; of nothing: it is so.
func (p *planning) values(ctx context.Context, m *organize.Marked, dir vfs.Dir, name string, st *step) error {
	was, err := theirs(ctx, p.in.To, dir, name)
	if err != nil {
		return err
	}
	said, err := p.says(p.in.To, was)
	if err != nil {
		return err
	}
	want := marks.Merge(m.Marks, said, p.in.Exact)
	empty := len(want.Tags) == 0 && want.Stars == 0 && want.Comment == ""
	switch {
	case want.Same(said) && empty:
		p.none++
		return nil
	case want.Same(said):
		p.same++
		return nil
	}
	st.New, st.Of, err = p.ours(p.in.To, want, was)
	st.Old = was.of(st.Of)
	return err
}

func (w *world) address(ctx context.Context, at catalog.Spot) string {
	return w.s.Ground(ctx, at.Volume).SdPath(at.Path).String()
}

// told says in a line what is written.
func told(m marks.Marks) string {
	var parts []string
	for _, t := range m.Tags {
		parts = append(parts, t.Name())
	}
	if m.Stars > 0 {
		parts = append(parts, fmt.Sprintf("%d stars", m.Stars))
	}
	if m.Comment != "" {
		parts = append(parts, "a note")
	}
	return strings.Join(parts, ", ")
}

// undoArgs name the plan to be taken back.
type undoArgs struct {
	Plan  ident.PlanID
	Title string
}

// planUndo plans that what was written is as it was before.
func (s *Service) planUndo(ctx context.Context, in undoArgs, d *action.Draft) error {
	w := s.world()
	d.Title = "Undo: " + in.Title
	return s.plans.Journal(ctx, in.Plan, true, func(b action.Batch) error {
		if b.Open {
			return nil // its plan puts it right first
		}
		var steps []*step
		if err := b.Steps(&steps); err != nil {
			return err
		}
		for _, st := range steps {
			st.Old, st.New, st.Temp, st.Seen.Any = st.New, st.Old, "", true
			d.Summary.Files++
			if _, err := d.Add(ctx, action.Item{Verb: "mark", To: w.address(ctx, st.At), Note: "as it was before"}, st); err != nil {
				return err
			}
		}
		return nil
	})
}
