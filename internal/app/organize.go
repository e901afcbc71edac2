package app

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/organize"
)

// organizeChanged tells that what users added is otherwise than before: tags, or what
// has them.
var organizeChanged = event.Topic[None]{Name: "organize.changed", Key: func(None) string { return "" }}

// newOrganize opens what users added to the files of the library, and has searches ask
// for it.
func (d *daemon) newOrganize(ctx context.Context, r *runtime, l *library.Library, at places, log *slog.Logger) (err error) {
	r.organize, err = organize.Open(ctx, organize.Options{
		Path: filepath.Join(l.Path, "user.db"), Device: d.device.ID(), Catalog: r.catalog, Bus: r.bus, Ground: at.Ground, Resolve: at.Resolve,
		Match: r.search.Match, Changed: func() { event.Publish(r.bus, organizeChanged, None{}) }, Log: log,
	})
	if err == nil {
		r.search.Added = r.organize
	}
	return err
}

// addedProblems tells when what users added was damaged.
func (r *runtime) addedProblems() (all []Problem) {
	if err := r.organize.Restored(); err != nil {
		all = append(all, Problem{errs.KindOf(err), "In the library " + r.name + ": " + err.Error() + ".", errs.RemedyOf(err)})
	}
	return all
}
