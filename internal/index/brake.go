package index

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A drive that failed, or a program that ran wild, must not empty the library:
// when more of a location is gone at once than this allows, nothing is marked
// until the user says how many may be.
func allowance(entries int64) int64 { return max(100, entries/10) }

// maxTold is how many missing folders and files are told one by one.
const maxTold = 1000

// brake stops the scan if too much is gone, and tells what.
func (p *pass) brake(ctx context.Context, gone []ident.EntryID, strange bool) error {
	var total, whole int64
	var told []warning
	err := p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		top, err := r.Entry(p.loc.Entry)
		if err != nil {
			return err
		}
		whole = top.Totals.Files + top.Totals.Folders
		es, err := r.EntriesByID(gone)
		for i := range es {
			total += heads(&es[i])
			if len(told) >= maxTold || err != nil {
				continue
			}
			path, perr := r.Path(&es[i])
			if perr != nil {
				return perr
			}
			told = append(told, warning{path, missing(&es[i])})
		}
		return err
	})
	if err != nil {
		return err
	}
	allowed := allowance(whole)
	if strange { // the folder of the location is another one: all may be gone by mistake
		allowed = 0
	}
	if total += p.gone; total <= max(allowed, p.s.consent(p.loc.ID)) {
		p.gone = total
		return nil
	}
	p.held = total
	ground := p.s.Volumes.Ground(p.vol)
	for _, t := range told {
		p.run.Warn(ground.SdPath(t.path).String(), t.err)
	}
	command := fmt.Sprintf("stardrive location rescan %q --accept-missing %d", p.loc.Name, total)
	if p.fix {
		command = fmt.Sprintf("stardrive location verify %q --fix --accept-missing %d", p.loc.Name, total)
	}
	return errs.New(errs.Conflict, "%d of %d entries are missing, so nothing was marked as gone", total, whole).At(p.loc.Name).
		Try("If they are meant to be gone, say so: " + command + ". Else bring them back, and scan again.")
}

// heads is how many entries go with one.
func heads(e *catalog.Entry) int64 {
	if e.Kind == vfs.Folder {
		return 1 + e.Totals.Files + e.Totals.Folders
	}
	return 1
}

func missing(e *catalog.Entry) error {
	if e.Kind == vfs.Folder {
		return errs.New(errs.NotFound, "this folder is missing, and the %d entries in it", heads(e)-1)
	}
	return errs.New(errs.NotFound, "this %s is missing", e.Kind)
}

// mayGo returns those of the entries that a look at single folders may mark as
// gone. Where it is too many, the location is scanned, and the scan asks.
func (s *Service) mayGo(ctx context.Context, gone []ident.EntryID) (may []ident.EntryID, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		es, err := r.EntriesByID(gone)
		if err != nil {
			return err
		}
		total := map[ident.LocationID]int64{}
		in := make([]catalog.Location, len(es))
		for i := range es {
			if in[i], err = innermost(r, ls, es[i].Parent); err != nil {
				return err
			}
			total[in[i].ID] += heads(&es[i])
		}
		held := map[ident.LocationID]bool{}
		for i := range es {
			l := in[i]
			if _, known := held[l.ID]; !known {
				if held[l.ID], err = s.tooMany(r, l, total[l.ID]); err != nil {
					return err
				}
			}
			if !held[l.ID] {
				may = append(may, es[i].ID)
			}
		}
		return nil
	})
	return may, err
}

func (s *Service) tooMany(r *catalog.Reader, l catalog.Location, gone int64) (bool, error) {
	if l.ID == 0 || l.Missing > 0 { // what is held already waits for a scan that was asked for
		return true, nil
	}
	top, err := r.Entry(l.Entry)
	if err != nil {
		return true, err
	}
	if gone <= allowance(top.Totals.Files+top.Totals.Folders) {
		return false, nil
	}
	s.due.add(l.ID)
	return true, nil
}

// innermost returns the location that holds the folder, and no other between.
func innermost(r *catalog.Reader, ls []catalog.Location, folder ident.EntryID) (best catalog.Location, err error) {
	for _, l := range ls {
		in, err := r.Within(l.Entry, folder)
		if err != nil || !in {
			if err != nil && !errs.Is(err, errs.NotFound) {
				return best, err
			}
			continue
		}
		if best.ID != 0 {
			if in, err = r.Within(best.Entry, l.Entry); err != nil || !in {
				continue
			}
		}
		best = l
	}
	return best, nil
}

// accept notes how many entries of a location the user says may be gone; it
// holds until a scan has ended. 0: none.
func (s *Service) accept(l ident.LocationID, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 {
		delete(s.accepted, l)
		return
	}
	s.accepted[l] = n
}

func (s *Service) consent(l ident.LocationID) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted[l]
}
