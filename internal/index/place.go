package index

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// place is where a location stands on its volume.
type place struct {
	location ident.LocationID
	path     string
}

// places returns those of a volume.
func (s *Service) places(ctx context.Context, v ident.VolumeID) (ps []place, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range ls {
			if l.Volume != v {
				continue
			}
			path, err := r.FolderPath(l.Entry)
			if err != nil {
				return err
			}
			ps = append(ps, place{l.ID, path})
		}
		return nil
	})
	return ps, err
}

// holding returns the locations that hold path.
func holding(ps []place, path string) (ls []ident.LocationID) {
	for _, p := range ps {
		if within(p.path, path) {
			ls = append(ls, p.location)
		}
	}
	return ls
}

// crossed tells which locations held what moved, if others do now.
func crossed(ps []place, from, to string) (was []ident.LocationID, other bool) {
	was = holding(ps, from)
	return was, !slices.Equal(was, holding(ps, to))
}
