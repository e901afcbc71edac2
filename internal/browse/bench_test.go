package browse

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// large is a world with one indexed folder of n entries.
func large(b *testing.B, n int) (*world, catalog.Location) {
	w := newWorld(b)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "big/")
	l := w.index(d, "big")
	r := rand.New(rand.NewPCG(1, 2))
	batch := &catalog.Batch{}
	first := w.c.ReserveEntryIDs(n)
	for i := range n {
		e := catalog.Entry{
			ID: first + ident.EntryID(i), Volume: d.vol.ID, Parent: l.Entry, Kind: vfs.File, State: catalog.Present,
			Size: int64(r.IntN(1 << 30)), Modified: int64(r.Uint64() >> 2), Name: fmt.Sprintf("IMG_20%02d%02d%02d_%06d.jpg", r.IntN(30), 1+r.IntN(12), 1+r.IntN(28), i),
		}
		if i%20 == 0 {
			e.Kind, e.Size, e.Name = vfs.Folder, 0, fmt.Sprintf("Album %d", i)
		}
		batch.Create = append(batch.Create, e)
	}
	w.apply(batch)
	return w, l
}

// BenchmarkFirstPage reports the time to the first page of a folder of 100,000
// entries that nobody asked for before.
func BenchmarkFirstPage(b *testing.B) {
	w, l := large(b, 100_000)
	w.learn()
	for _, by := range []Sort{ByName, BySize, ByModified, ByKind, "name, from the database"} {
		b.Run(string(by), func(b *testing.B) {
			if by == "name, from the database" {
				by, w.Names = ByName, nil
			}
			for b.Loop() {
				s := New(w.c, w)
				s.Names = w.Names
				if out, err := s.list(b.Context(), ListIn{ID: strconv.Itoa(int(l.Entry)), Sort: by}); err != nil || out.Total != 100_000 || len(out.Items) != 200 {
					b.Fatal(out.Total, err)
				}
			}
		})
	}
}

// BenchmarkNextPage reports the time to a page of a folder whose order is known.
func BenchmarkNextPage(b *testing.B) {
	w, l := large(b, 100_000)
	in := ListIn{ID: strconv.Itoa(int(l.Entry))}
	for range 2 { // the second page sorts it all
		out, err := w.list(b.Context(), in)
		if err != nil {
			b.Fatal(err)
		}
		in.Cursor = out.Next
	}
	for b.Loop() {
		out, err := w.list(b.Context(), in)
		if err != nil {
			b.Fatal(err)
		}
		in.Cursor = out.Next
	}
}
