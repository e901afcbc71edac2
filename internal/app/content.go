package app

import (
	"context"
	"errors"
	"fmt"
	"github.com/stardrive/stardrive/internal/organize"
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
func (r *runtime) newContent(at steady, scrubEvery time.Duration, log *slog.Logger) {
	r.content = content.New(content.Options{Catalog: r.catalog, Volumes: at, Bus: r.bus, ScrubEvery: scrubEvery, OnBattery: onBattery, Waits: r.index.Waits, Log: log})
}

// jobDefs are the kinds of jobs of a library.
func (r *runtime) jobDefs() []job.Def {
	return slices.Concat(r.index.JobDefs(), r.content.JobDefs(), r.media.JobDefs(), r.plans.JobDefs(), r.mirror.JobDefs(),
		organize.JobDefs(func() *organize.Service { return r.organize }))
}

// readKinds lays the user's table of kinds over that of the program. One that is
// wrong is left aside, and the status tells so.
func (d *daemon) readKinds() (t *filekind.Table, why error) {
	path := d.layout.Kinds()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return filekind.Ours(), nil
	}
	if err != nil {
		return filekind.Ours(), errs.New(errs.KindOf(err), "your table of kinds cannot be read: %w", err).At(path).Try("Make it readable for you.")
	}
	t, err = filekind.New(string(text))
	if err != nil {
		return filekind.Ours(), errs.New(errs.Invalid, "your table of kinds is not used: %w", err).At(path).Try("Mend the file and start the daemon again.")
	}
	return t, nil
}

// fileProblems tells of files that are damaged, or could not be read, if some are
// known.
func (r *runtime) fileProblems(ctx context.Context) (all []Problem, err error) {
	damaged, err := r.content.Damaged(ctx)
	if err != nil {
		return nil, err
	}
	unread, err := r.content.CountUnread(ctx)
	if damaged > 0 {
		all = append(all, Problem{errs.Internal, "In the library " + r.name + " " + counted(damaged, "file is damaged", "files are damaged") + ".", "See them, and good copies of them, with: stardrive damage"})
	}
	if unread > 0 {
		all = append(all, Problem{errs.Denied, "In the library " + r.name + " " + counted(unread, "file", "files") + " could not be read.", "See which, and why, with: stardrive unread"})
	}
	return all, err
}

func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// checkFiles tells for the doctor what fileProblems knows.
func (r *runtime) checkFiles(ctx context.Context) error {
	all, err := r.fileProblems(ctx)
	if err == nil && len(all) > 0 {
		err = errs.New(all[0].Kind, "%s", all[0].Message).Try(all[0].Remedy)
	}
	return err
}
