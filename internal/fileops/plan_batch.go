package fileops

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// BatchRenameIn says how many files are to be renamed.
type BatchRenameIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Find    string          `json:"find,omitempty" jsonschema:"what to look for in the names; empty: the whole name, without its extension"`
	Replace string          `json:"replace" jsonschema:"what comes instead; {n} is a counter, {n3} one of three digits, {date} the day it was taken or changed (2026-07-31), {time} the time (14-05-09), {ext} the extension, {name} the name without it; with regex also $1"`
	Regex   bool            `json:"regex,omitempty" jsonschema:"find is a regular expression"`
	Start   int             `json:"start,omitempty" jsonschema:"first number of the counter; default 1" min:"0"`
}

var counter = regexp.MustCompile(`\{n(\d?)\}`)

func (s *Service) planBatchRename(ctx context.Context, in BatchRenameIn, d *action.Draft) error {
	w := s.world()
	all, err := w.sources(ctx, named{in.Sources, in.IDs, in.Query})
	if err != nil {
		return err
	}
	var re *regexp.Regexp
	if in.Regex {
		if re, err = regexp.Compile(in.Find); err != nil {
			return errs.New(errs.Invalid, "the regular expression cannot be understood: %w", err)
		}
	}
	n := in.Start
	if n == 0 {
		n = 1
	}
	b := &batchRename{world: w, d: d, moving: map[catalog.Spot]bool{}, target: map[catalog.Spot]bool{}}
	for _, src := range all {
		_, old := vfs.Split(src.path)
		next := in.next(old, n, s.taken(ctx, src), re)
		if next == old {
			continue
		}
		n++
		if err := b.one(ctx, src, next); err != nil {
			return err
		}
	}
	if len(b.all) == 0 {
		return errs.New(errs.Invalid, "no name would be another")
	}
	d.Title = "Rename " + number(int64(len(b.all)), "thing")
	return b.plan(ctx)
}

// next is the new name of a file.
func (in *BatchRenameIn) next(old string, n int, when time.Time, re *regexp.Regexp) string {
	stem, ext := splitExt(old)
	with := counter.ReplaceAllStringFunc(in.Replace, func(m string) string {
		if len(m) == 4 {
			return fmt.Sprintf("%0*d", int(m[2]-'0'), n)
		}
		return fmt.Sprint(n)
	})
	with = strings.NewReplacer("{date}", when.Format("2006-01-02"), "{time}", when.Format("15-04-05"), "{name}", stem, "{ext}", strings.TrimPrefix(ext, ".")).Replace(with)
	switch {
	case re != nil:
		return re.ReplaceAllString(old, with)
	case in.Find != "":
		return strings.ReplaceAll(old, in.Find, with)
	case strings.Contains(in.Replace, "{ext}"):
		return with
	}
	return with + ext
}

// taken is when a picture was taken, as far as the library knows; else when the
// file was changed.
func (s *Service) taken(ctx context.Context, src *source) time.Time {
	ns := src.is.Modified
	if s.Taken != nil {
		err := s.catalog.Read(ctx, func(r *catalog.Reader) error {
			e, _, err := known(r, src)
			if err != nil || e.Content == 0 {
				return err
			}
			if at, ok := s.Taken(r, e.Content); ok {
				ns = at
			}
			return nil
		})
		if err != nil {
			ns = src.is.Modified
		}
	}
	return time.Unix(0, ns)
}

// batchRename orders renames so that names may be swapped and passed on.
type batchRename struct {
	*world
	d      *action.Draft
	all    []renaming
	moving map[catalog.Spot]bool
	target map[catalog.Spot]bool
}

type renaming struct {
	src *source
	to  *place
}

func (b *batchRename) one(ctx context.Context, src *source, next string) error {
	v, err := b.writable(ctx, src.v.id)
	if err != nil {
		return err
	}
	if err := b.removable(ctx, src); err != nil {
		return err
	}
	folder, _ := vfs.Split(src.path)
	to, err := b.newName(ctx, v, vfs.Join(folder, next))
	if err != nil {
		return err
	}
	at := to.at(next)
	if b.target[at] {
		return errs.New(errs.Conflict, "two things would get the name %s", catalog.PlainName(next)).At(src.address()).Try("Put a counter into the new names: {n3}")
	}
	b.target[at], b.moving[src.at()] = true, true
	b.all = append(b.all, renaming{src, to})
	return nil
}

// plan adds the renames whose new names are free first, then those that become
// free by these; rings go by a private name.
func (b *batchRename) plan(ctx context.Context) error {
	by := map[catalog.Spot]*renaming{}
	for i := range b.all {
		r := &b.all[i]
		by[r.src.at()] = r
		if at := r.to.at(r.to.name); !b.moving[at] {
			same := r.src.v.writing.Same
			_, old := vfs.Split(r.src.path)
			if same != nil && same(old, r.to.name) {
				continue
			}
			if err := b.mustBeFree(ctx, r.to, r.to.name); err != nil {
				return err
			}
		}
	}
	done := map[catalog.Spot]bool{}
	// Each thing waits for at most one other: these make chains, and rings.
	emit := func(r *renaming) error {
		var chain []*renaming
		on := map[catalog.Spot]bool{}
		for next := r; next != nil && !done[next.src.at()] && !on[next.src.at()]; next = by[next.to.at(next.to.name)] {
			chain = append(chain, next)
			on[next.src.at()] = true
		}
		if len(chain) == 0 {
			return nil
		}
		last := chain[len(chain)-1]
		ring := on[last.to.at(last.to.name)] && last.to.at(last.to.name) != last.src.at()
		var parked catalog.Spot
		if ring {
			folder, _ := vfs.Split(chain[0].src.path)
			parked = spot(chain[0].src.v, vfs.Join(folder, temp()))
			var others []link
			for _, r := range chain {
				others = append(others, link{r.src.at(), &r.src.is})
			}
			if err := b.add(ctx, chain[0], chain[0].src.at(), parked, "by a private name, since the names go round", others...); err != nil {
				return err
			}
		}
		for i := len(chain) - 1; i >= 0; i-- {
			from := chain[i].src.at()
			if ring && i == 0 {
				from = parked
			}
			if err := b.add(ctx, chain[i], from, chain[i].to.at(chain[i].to.name), ""); err != nil {
				return err
			}
			done[chain[i].src.at()] = true
		}
		return nil
	}
	for i := range b.all {
		if err := emit(&b.all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batchRename) add(ctx context.Context, r *renaming, from, to catalog.Spot, note string, ring ...link) error {
	if note == "" {
		count(&b.d.Summary, &r.src.is)
	}
	it := action.Item{Verb: "rename", From: r.src.v.address(from.Path), To: r.src.v.address(to.Path), Note: note}
	_, err := b.d.Add(ctx, it, task{Into: r.to.is.Inode, Ring: ring, Step: step{Verb: vRename, From: from, To: to, Seen: &r.src.is}})
	return err
}
