package app

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/search"
)

// newOrganize opens what users added to the files of the library, and has searches ask
// for it.
func (d *daemon) newOrganize(ctx context.Context, r *runtime, l *library.Library, at places, log *slog.Logger) (err error) {
	r.organize, err = organize.Open(ctx, organize.Options{
		Path: filepath.Join(l.Path, "user.db"), Device: d.device.ID(), Catalog: r.catalog, Bus: r.bus, Ground: at.Ground, Resolve: at.Resolve,
		Match: r.search.Match, MatchAll: r.search.MatchAll, Asks: r.search.Asks, Reads: r.search.Reads,
		Unmade: func(ctx context.Context, contents []ident.ContentID) (map[ident.ContentID]bool, error) {
			return r.media.Unmade(ctx, contents)
		}, When: search.When, Saved: r.savedQueries, Similar: r.search.Similar, Log: log,
	})
	if err == nil {
		r.search.Added = r.organize
		r.organize.Start(r.jobs)
	}
	return err
}

// savedQueries are the saved searches, by name.
func (r *runtime) savedQueries(ctx context.Context) (out []organize.Saved, err error) {
	all, err := r.search.Saved(ctx)
	for i := range all {
		out = append(out, organize.Saved{ID: all[i].ID, Name: all[i].Name, Query: all[i].Query})
	}
	return out, err
}

// addedProblems tells when what users added was damaged.
func (r *runtime) addedProblems() (all []Problem) {
	if err := r.organize.Restored(); err != nil {
		all = append(all, Problem{errs.KindOf(err), "In the library " + r.name + ": " + err.Error() + ".", errs.RemedyOf(err)})
	}
	return all
}
