package media

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// lostReason is told of a text that was there and is not, for as long as its file
// cannot be read again.
const lostReason = "the text that was stored of it is lost or damaged; it is read again when the file can be"

// EachText calls fn with each content whose words Texts should have, in the order
// of ids, as it stands at one moment. fn must be quick.
func (s *Service) EachText(ctx context.Context, fn func(id ident.ContentID, hash catalog.Hash) error) error {
	return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT id, hash FROM sidecar JOIN content ON id = content_id WHERE sidecar.kind = ? AND status = ? ORDER BY content_id", string(TextOf), string(Ready))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id ident.ContentID
			var raw []byte
			if err := rows.Scan(&id, &raw); err != nil {
				return err
			}
			var h catalog.Hash
			copy(h[:], raw)
			if err := fn(id, h); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// LostTexts has the words of contents made again, of which Texts says that it has
// them no more. Until then it is told of them that they failed, and why.
func (s *Service) LostTexts(ctx context.Context, contents []ident.ContentID) error {
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		for _, c := range contents {
			_, err := tx.Store().Exec("UPDATE sidecar SET again = 1, status = ?, reason = ? WHERE content_id = ? AND kind = ? AND status = ?",
				string(Failed), lostReason, int64(c), string(TextOf), string(Ready))
			if err != nil {
				return err
			}
		}
		return beginAgain(tx)
	})
	if err != nil || s.jobs == nil {
		return err
	}
	_, err = s.queueDue(ctx)
	return err
}
