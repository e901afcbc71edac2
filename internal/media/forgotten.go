package media

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
)

// forgottenFollower keeps up to which change it was looked whether the user took
// files out of the library.
const forgottenFollower = "media:forgotten"

// forgotten takes away all that was derived of files which the user took out of
// the library, as soon as none is left with such a content. What is merely gone
// from a disk keeps its row, and is none of these.
func (s *Service) forgotten(ctx context.Context) error {
	var seen, newest int64
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if seen, err = r.Follower(forgottenFollower); err != nil {
			return err
		}
		return r.Store().QueryRow("SELECT coalesce(max(seq), 0) FROM tombstone WHERE seq > ? AND noun = ?", seen, string(catalog.NounEntry)).Scan(&newest)
	})
	if err != nil || newest <= seen {
		return err
	}
	out := Cleaned{Applied: true}
	if err := s.cleanOrphans(ctx, 0, &out); err != nil {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.SetFollower(forgottenFollower, newest) })
}
