package app

import (
	"context"
	"log/slog"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/organize/mirror"
)

// newMirror makes what writes what users added beside their files, when it is told to.
func (r *runtime) newMirror(at places, log *slog.Logger) {
	r.mirror = mirror.New(mirror.Options{Driver: at.Driver, Look: r.index.Look, Log: log, Ground: func(ctx context.Context, identity string) (g catalog.Ground) {
		_ = r.catalog.Read(ctx, func(c *catalog.Reader) error { // without it an address is shorter
			v, err := c.VolumeByIdentity(identity)
			if err == nil {
				g = at.Ground(v)
			}
			return err
		})
		return g
	}})
}
