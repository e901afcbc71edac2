package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/content"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/job"
)

// newContent makes what identifies the files of the library.
func (r *runtime) newContent(at places, scrubEvery time.Duration, log *slog.Logger) {
	r.content = content.New(content.Options{Catalog: r.catalog, Volumes: at, Bus: r.bus, ScrubEvery: scrubEvery, OnBattery: onBattery, Log: log})
}

// jobDefs are the kinds of jobs of a library.
func (r *runtime) jobDefs() []job.Def {
	return slices.Concat(r.index.JobDefs(), r.content.JobDefs(), r.media.JobDefs())
}

// useKinds lays the user's table of kinds over that of the program. One that is
// wrong is left aside, and the status tells so.
func (d *daemon) useKinds() {
	path := d.layout.Kinds()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		d.kinds = errs.New(errs.KindOf(err), "your table of kinds cannot be read: %w", err).At(path).Try("Make it readable for you.")
		return
	}
	t, err := filekind.New(string(text))
	if err != nil {
		d.kinds = errs.New(errs.Invalid, "your table of kinds is not used: %w", err).At(path).Try("Mend the file and start the daemon again.")
		return
	}
	filekind.Use(t)
}

// damageProblem tells of damaged files, if some are known.
func (r *runtime) damageProblem(ctx context.Context) ([]Problem, error) {
	n, err := r.content.Damaged(ctx)
	if err != nil || n == 0 {
		return nil, err
	}
	files := "1 file is damaged"
	if n > 1 {
		files = fmt.Sprintf("%d files are damaged", n)
	}
	return []Problem{{errs.Internal, "In the library " + r.name + " " + files + ".", "See them, and good copies of them, with: stardrive damage"}}, nil
}
