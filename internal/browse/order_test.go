package browse

import (
	"cmp"
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestOrder(t *testing.T) {
	file := func(id ident.EntryID, name string, size, modified int64) catalog.Entry {
		return catalog.Entry{ID: id, Name: name, Kind: vfs.File, Size: size, Modified: modified}
	}
	folder := func(id ident.EntryID, name string, bytes, modified int64) catalog.Entry {
		return catalog.Entry{ID: id, Name: name, Kind: vfs.Folder, Modified: modified, Totals: catalog.Totals{Bytes: bytes}}
	}
	es := []catalog.Entry{
		file(1, "b10.txt", 5, 30), file(2, "B9.TXT", 5, 20), file(3, "a.jpg", 7, 10), file(4, "É.txt", 1, 40), file(5, "z", 0, 0), file(6, "e.txt", 1, 41),
		folder(7, "Zoo", 100, 5), folder(8, "alpha", 200, 6), {ID: 9, Name: "link", Kind: vfs.Symlink, Size: 3},
	}
	for _, c := range []struct {
		order order
		want  []ident.EntryID
	}{
		{order{by: ByName}, []ident.EntryID{8, 7, 3, 2, 1, 4, 6, 9, 5}},
		{order{by: ByName, descending: true}, []ident.EntryID{7, 8, 5, 9, 6, 4, 1, 2, 3}},
		{order{by: BySize}, []ident.EntryID{7, 8, 5, 4, 6, 9, 2, 1, 3}},
		{order{by: BySize, descending: true}, []ident.EntryID{8, 7, 3, 1, 2, 9, 6, 4, 5}},
		{order{by: ByModified}, []ident.EntryID{7, 8, 9, 5, 3, 2, 1, 4, 6}},
		{order{by: ByKind}, []ident.EntryID{8, 7, 5, 3, 2, 1, 4, 6, 9}},
	} {
		rows := make([]row, len(es))
		for i := range es {
			rows[i] = rowOf(&es[i])
		}
		if got := idsOf(best(rows, len(rows), c.order.compare)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.order, got, c.want)
		}
	}
}

// someRow draws rows that are often alike.
func someRow(t *rapid.T) row {
	r := rowOf(&catalog.Entry{
		ID: ident.EntryID(rapid.IntRange(0, 3).Draw(t, "id")), Kind: rapid.SampledFrom([]vfs.Kind{vfs.File, vfs.Folder, vfs.Symlink}).Draw(t, "kind"),
		Name: rapid.StringOfN(rapid.SampledFrom([]rune("aAé01.")), 1, 4, -1).Draw(t, "name"), Size: rapid.Int64Range(0, 2).Draw(t, "size"), Modified: rapid.Int64Range(0, 2).Draw(t, "modified"),
	})
	r.Taken = rapid.Int64Range(-1, 2).Draw(t, "taken")
	return r
}

func someOrder(t *rapid.T) order {
	return order{by: rapid.SampledFrom([]Sort{ByName, BySize, ByModified, ByKind, ByTaken}).Draw(t, "by"), descending: rapid.Bool().Draw(t, "descending"), hidden: rapid.Bool().Draw(t, "hidden")}
}

// TestOrderIsTotal: rows can be sorted, whichever way they come, and no two are alike.
func TestOrderIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := someOrder(t)
		a, b, c := someRow(t), someRow(t), someRow(t)
		ab, ba := cmp.Compare(o.compare(&a, &b), 0), cmp.Compare(o.compare(&b, &a), 0)
		if ab != -ba || ab == 0 && (a.ID != b.ID || a.Key != b.Key) {
			t.Fatalf("%+v and %+v: %d, %d", a, b, ab, ba)
		}
		if o.compare(&a, &b) < 0 && o.compare(&b, &c) < 0 && o.compare(&a, &c) >= 0 {
			t.Fatalf("%+v, %+v, %+v go in a circle", a, b, c)
		}
	})
}

// TestBest: the first of many are those that sorting all would give.
func TestBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.IntRange(-50, 50), 0, 200).Draw(t, "all")
		n := rapid.IntRange(0, 60).Draw(t, "n")
		want := slices.Sorted(slices.Values(all))
		if got := best(slices.Clone(all), n, func(a, b *int) int { return *a - *b }); !slices.Equal(got, want[:min(n, len(all))]) {
			t.Fatalf("the first %d of %v: %v", n, all, got)
		}
	})
}

func TestCursor(t *testing.T) {
	o := order{by: BySize, descending: true}
	for _, r := range []row{
		{}, {ID: 1, Kind: vfs.File, Size: 5, Modified: -7, Key: "a"}, {ID: math.MaxInt64, Kind: vfs.Folder, Key: strings.Repeat("\ufffd", 255), Modified: math.MinInt64},
		{Key: "live\x00l\xffve"},
	} {
		c, err := o.parseCursor(o.after(r, 42))
		if err != nil || c.row != r || c.Pos != 42 {
			t.Errorf("%+v came back as %+v, %v", r, c, err)
		}
		if _, err := (order{by: BySize}).parseCursor(o.after(r, 42)); !errs.Is(err, errs.Invalid) {
			t.Errorf("a cursor of another order: %v", err)
		}
	}
	if c, err := o.parseCursor(""); c != nil || err != nil {
		t.Errorf("the first page: %v, %v", c, err)
	}
}

func FuzzCursor(f *testing.F) {
	o := order{by: ByName}
	for _, s := range []string{
		"x", "!", "e30", o.after(row{ID: 5, Key: "k"}, 1), base64.RawURLEncoding.EncodeToString([]byte(`{"o":"name","p":-1}`)),
		base64.RawURLEncoding.EncodeToString([]byte(`{"o":"name","k":300}`)), base64.RawURLEncoding.EncodeToString([]byte(`{"o":"name","i":-5,"p":99999999}`)),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := o.parseCursor(s)
		switch {
		case err != nil && !errs.Is(err, errs.Invalid):
			t.Fatalf("%q: %v", s, err)
		case err == nil && c != nil:
			if again, err := o.parseCursor(o.after(c.row, c.Pos)); err != nil || again.row != c.row || again.Pos != c.Pos {
				t.Fatalf("%q: %+v came back as %+v, %v", s, c, again, err)
			}
		}
	})
}
