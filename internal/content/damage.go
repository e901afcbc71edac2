package content

import (
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// isDamaged reports whether a file stands among the damaged ones.
func isDamaged(r *catalog.Reader, id ident.EntryID) (bool, error) {
	var one int
	err := r.Store().QueryRow("SELECT 1 FROM damage WHERE entry_id = ?", int64(id)).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
