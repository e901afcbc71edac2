package content

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

const tellFolders, tellFiles = 64, 2000 // of folders that arrived, told of in one transaction

// tellOfArrivals has the change feed tell of the files that came into another
// location with a folder, so that all who follow it see to them. What a crash cuts off
// begins anew: who is told twice finds nothing to do.
func (s *Service) tellOfArrivals(ctx context.Context) error {
	var all []catalog.Arrival
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		all, err = r.Arrivals()
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range all {
		for queue := []ident.EntryID{a.Folder}; len(queue) > 0; {
			err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
				for folders, files := 0, 0; len(queue) > 0 && folders < tellFolders && files < tellFiles; folders++ {
					below, told, err := tx.Tell(queue[:1])
					if err != nil {
						return err
					}
					queue, files = append(queue[1:], below...), files+told
				}
				if len(queue) > 0 {
					return nil
				}
				return tx.Arrived(a)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
