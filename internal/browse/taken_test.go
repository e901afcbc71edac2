package browse

import (
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
)

// TestListByTaken: photos by when they were taken, page by page; what has no date
// comes last, either way round, and a date that is found out later counts at once.
func TestListByTaken(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("disk", "/mnt"))
	w.files(d, "photos/a.jpg", "photos/b.jpg", "photos/c.jpg", "photos/d.jpg", "photos/sub/e.jpg", "photos/notes.txt")
	w.index(d, "photos")
	content := int64(0)
	taken := func(name string, at int64) {
		content++
		w.write(func(tx *catalog.Tx) error {
			if _, err := tx.Store().Exec("UPDATE entry SET content_id = ? WHERE name = CAST(? AS BLOB)", content, name); err != nil {
				return err
			}
			_, err := tx.Store().Exec("INSERT INTO facts (content_id, taken_ns, facts) VALUES (?, ?, '{}')", content, at)
			return err
		})
	}
	taken("a.jpg", 300)
	taken("b.jpg", -100) // long ago
	taken("c.jpg", 200)
	list := func(descending bool, limit int) (names []string) {
		for in := (ListIn{Path: "/mnt/photos", Sort: ByTaken, Descending: descending, Limit: limit}); ; {
			out, err := w.ls(in)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range out.Items {
				names = append(names, v.Name)
			}
			if in.Cursor = out.Next; out.Next == "" {
				return names
			}
		}
	}
	check := func(descending bool, want ...string) {
		t.Helper()
		for _, limit := range []int{1, 2, 50} {
			if got := list(descending, limit); !slices.Equal(got, want) {
				t.Errorf("descending %v by %d: %q, want %q", descending, limit, got, want)
			}
		}
	}
	check(false, "sub", "b.jpg", "c.jpg", "a.jpg", "d.jpg", "notes.txt")
	check(true, "sub", "a.jpg", "c.jpg", "b.jpg", "notes.txt", "d.jpg")
	taken("d.jpg", 250)
	check(false, "sub", "b.jpg", "c.jpg", "d.jpg", "a.jpg", "notes.txt")
}
