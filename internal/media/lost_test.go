package media

import (
	"context"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// known are the contents whose words should be kept, with their hashes.
func (w *world) known() map[ident.ContentID]catalog.Hash {
	w.t.Helper()
	out, last := map[ident.ContentID]catalog.Hash{}, ident.ContentID(0)
	must(w.t, w.EachText(w.t.Context(), func(id ident.ContentID, h catalog.Hash) error {
		if id <= last {
			w.t.Errorf("%d after %d", id, last)
		}
		out[id], last = h, id
		return nil
	}))
	return out
}

// A text that is lost is made again; while its volume is away, what became of it
// is told, and it is made when that is back.
func TestLostTextsAreMadeAgain(t *testing.T) {
	w := start(t)
	w.rested()
	letter := w.content("top/letter.txt")
	if known := w.known(); known[letter] != w.hash("top/letter.txt") || len(known) != strings.Count(w.all(), " text ready") {
		t.Errorf("known are %v of\n%s", known, w.all())
	}
	whole := w.texts.all()
	must(t, w.texts.Drop(t.Context(), []ident.ContentID{letter}))
	w.disk.leave(true)
	must(t, w.LostTexts(t.Context(), []ident.ContentID{letter}))
	if all := w.all(); !strings.Contains(all, "letter.txt text failed again "+lostReason) {
		t.Errorf("there is\n%s", all)
	}
	if _, still := w.known()[letter]; still {
		t.Error("what is lost is known still")
	}
	w.disk.leave(false)
	must(t, w.LostTexts(t.Context(), []ident.ContentID{letter})) // told once more, it does no harm
	w.until("it is made again", func() bool { return w.texts.all() == whole })
	w.rested()
	if all := w.all(); !strings.Contains(all, "letter.txt text ready") {
		t.Errorf("there is\n%s", all)
	}
}

// What the user takes out of the library leaves nothing that was derived of it, as
// soon as no copy is left; what is merely gone from its disk keeps it.
func TestForgottenFilesLeaveNoText(t *testing.T) {
	w := start(t)
	w.change("top/gone.txt", "words that are gone")
	w.change("top/twice.txt", "words dear both")
	w.change("other/twice.txt", "words dear both")
	w.until("all is read", func() bool {
		return strings.Contains(w.all(), "gone.txt text ready") && strings.Contains(w.all(), "twice.txt text ready")
	})
	w.rested()
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		return tx.Apply(&catalog.Batch{Absent: []ident.EntryID{w.idIn(&tx.Reader, "top/gone.txt")}})
	}))
	letter := w.content("top/letter.txt")
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		for _, path := range []string{"top/letter.txt", "top/twice.txt"} {
			if _, _, err := tx.Forget(w.idIn(&tx.Reader, path), nil, 10); err != nil {
				return err
			}
		}
		return nil
	}))
	w.until("it is gone", func() bool { return !strings.Contains(w.texts.all(), "letter") })
	w.rested()
	for text, kept := range map[string]bool{"that are gone": true, "dear both": true, "dear all": false} {
		if strings.Contains(w.texts.all(), text) != kept {
			t.Errorf("%q, kept %v, of\n%s", text, kept, w.texts.all())
		}
	}
	if _, still := w.known()[letter]; still {
		t.Error("what was forgotten is known still")
	}
	var rows int
	must(t, w.Catalog.Read(context.Background(), func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT (SELECT count(*) FROM sidecar WHERE content_id = ?1) + (SELECT count(*) FROM facts WHERE content_id = ?1)", int64(letter)).Scan(&rows)
	}))
	if rows != 0 {
		t.Errorf("%d rows are left", rows)
	}
}

// idIn is id within a transaction.
func (w *world) idIn(r *catalog.Reader, path string) ident.EntryID {
	v, err := r.VolumeByIdentity("disk")
	must(w.t, err)
	e, err := r.Lookup(v.Root, path)
	must(w.t, err)
	return e.ID
}
