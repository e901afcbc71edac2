package app

import (
	"log/slog"

	"github.com/stardrive/stardrive/internal/content"
	"github.com/stardrive/stardrive/internal/job"
)

// newContent makes what identifies the files of the library.
func (r *runtime) newContent(at places, log *slog.Logger) {
	r.content = content.New(content.Options{Catalog: r.catalog, Volumes: at, Bus: r.bus, Log: log})
}

// jobDefs are the kinds of jobs of a library.
func (r *runtime) jobDefs() []job.Def { return append(r.index.JobDefs(), r.content.JobDefs()...) }
