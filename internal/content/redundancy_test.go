package content

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// second makes a volume of another device that holds copies of contents, as was
// seen when it was here.
func (w *world) second(device string, files map[string]string) {
	w.t.Helper()
	must(w.t, w.d.c.Write(w.t.Context(), func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Identity: device + "'s", Name: "Drawer", Device: ident.DeviceID(device), Facts: []byte("{}")})
		if err != nil {
			return err
		}
		inode := uint64(100)
		for name, twin := range files {
			inode++
			from, err := tx.Entry(w.id("top/" + twin))
			if err != nil {
				return err
			}
			seen := vfs.Entry{Name: name, Kind: vfs.File, Size: from.Size, Inode: inode, Links: 1, Modified: 5, Changed: 5}
			e := catalog.Entry{ID: w.d.c.ReserveEntryIDs(1), Volume: v.ID, Parent: v.Root, Name: name, State: catalog.Present}
			e.Seen(seen)
			if err := tx.Apply(&catalog.Batch{Create: []catalog.Entry{e}}); err != nil {
				return err
			}
			if has, err := tx.Identify(e.ID, seen, from.Content, 7); err != nil || has != from.Content {
				return fmt.Errorf("%v, %w", has, err)
			}
		}
		return nil
	}))
}

func TestRedundancy(t *testing.T) {
	w := newWorld(t)
	w.write(map[string]string{"top/lone": "nowhere else"})
	w.identify("top")
	w.second("there", map[string]string{"copy": "other"})
	list := func(in RedundancyIn) string {
		t.Helper()
		out, err := w.redundancy(t.Context(), in)
		must(t, err)
		var all []string
		for _, g := range out.Items {
			var names []string
			for _, c := range g.Copies {
				names = append(names, c.Name+":"+c.State)
			}
			slices.Sort(names)
			all = append(all, fmt.Sprintf("%dx%d on %d/%d %s", g.Files, g.Size, g.Volumes, g.Devices, strings.Join(names, " ")))
		}
		return strings.Join(all, "; ") + out.Next
	}
	for _, c := range []struct {
		in   RedundancyIn
		want string
	}{
		{RedundancyIn{}, "1x12 on 1/1 lone:present; 4x4 on 1/1 a:present b:present d:present s:present"},
		{RedundancyIn{On: OneFile}, "1x12 on 1/1 lone:present"},
		{RedundancyIn{On: OneDevice, MinSize: 5}, "1x12 on 1/1 lone:present"},
		{RedundancyIn{Query: "b"}, "4x4 on 1/1 a:present b:present d:present s:present"},
		{RedundancyIn{Limit: 1}, "1x12 on 1/1 lone:present12-1"},
	} {
		w.Match = func(_ context.Context, query string, fn func(ident.EntryID) bool) error {
			fn(w.id("top/" + query))
			return nil
		}
		if got := list(c.in); strings.TrimRight(got, "0123456789") != strings.TrimRight(c.want, "0123456789") {
			t.Errorf("%+v:\n%s\nnot\n%s", c.in, got, c.want)
		}
	}
	sum, err := w.redundancySummary(t.Context(), None{})
	must(t, err)
	byName := map[string]LocationSpread{}
	for _, l := range sum.Items {
		l.LocationID = 0
		byName[l.Location] = l
	}
	for name, want := range map[string]LocationSpread{
		"top":              {Files1: 3, Bytes1: 20, Files2: 2, Bytes2: 8}, // lone, a, b; other and its second name
		"top/shallow":      {Files1: 1, Bytes1: 4},
		"top/shallow/deep": {Files1: 1, Bytes1: 4},
		"":                 {Files2: 1, Bytes2: 4},
	} {
		want.Location = name
		if byName[name] != want {
			t.Errorf("%q: %+v, not %+v", name, byName[name], want)
		}
	}
	if sum.Files != (Risked{1, 12}) || sum.Volume != (Risked{2, 16}) || sum.Disk != (Risked{2, 16}) || sum.Device != (Risked{2, 16}) || sum.All != (Risked{3, 20}) || sum.Unknown != 1 {
		t.Errorf("%+v", sum)
	}
}

// TestCopiesTellWhere: every file that is known to hold the bytes, by a file or the hash.
func TestCopiesTellWhere(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	w.second("there", map[string]string{"away": "a"})
	by, err := w.copiesOf(t.Context(), CopiesIn{Path: "/mnt/top/b"})
	must(t, err)
	var all []string
	for _, c := range by.Copies {
		all = append(all, fmt.Sprintf("%s %s %s %t", c.Name, c.Volume, c.State, !c.Read.IsZero()))
	}
	slices.Sort(all)
	if got := strings.Join(all, "; "); got != "a Disk present true; away Drawer present true; b Disk present true; d Disk present true; s Disk present true" || by.Files != 5 || by.Volumes != 2 || by.Disks != 2 {
		t.Errorf("%s, %+v", got, by)
	}
	id, _ := w.id("top/a").MarshalText()
	for _, in := range []CopiesIn{{ID: string(id)}, {Hash: by.Hash}} {
		if got, err := w.copiesOf(t.Context(), in); err != nil || len(got.Copies) != 5 {
			t.Errorf("%+v: %+v, %v", in, got, err)
		}
	}
	w.write(map[string]string{"top/other": "changed since"})
	for in, kind := range map[CopiesIn]errs.Kind{
		{}: errs.Invalid, {Hash: by.Hash, ID: "1"}: errs.Invalid, {Hash: "12"}: errs.Invalid, {Hash: strings.Repeat("0", 64)}: errs.NotFound,
		{Path: "/mnt/top/shut"}: errs.NotFound, {Path: "/mnt/top/other"}: errs.NotFound, {Path: "/mnt/none"}: errs.NotFound,
	} {
		if _, err := w.copiesOf(t.Context(), in); !errs.Is(err, kind) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// TestPartitionsOfOneDiskAreLostTogether: volumes that share a disk, also by others
// that lie on both of theirs, are one failure domain.
func TestPartitionsOfOneDiskAreLostTogether(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	w.second("here", map[string]string{"copy": "other"})
	w.second("third", map[string]string{"spread": "a"})
	count := func(on Risk) (n int) {
		t.Helper()
		out, err := w.redundancy(t.Context(), RedundancyIn{On: on})
		must(t, err)
		return len(out.Items)
	}
	for _, c := range []struct {
		name                  string
		under                 map[string]string
		volume, disk, devices int
	}{
		{"nothing is known", nil, 0, 0, 1},
		{"disks of their own", map[string]string{"disk": "sda", "here's": "sdb", "third's": "sdc"}, 0, 0, 1},
		{"partitions of one disk", map[string]string{"disk": "sda", "here's": "sda", "third's": "sdc"}, 0, 1, 1},
		{"a third volume lies on both", map[string]string{"disk": "sda", "here's": "sdb", "third's": "sda sdb"}, 0, 2, 1},
	} {
		w.d.under = c.under
		if v, d, m := count(OneVolume), count(""), count(OneDevice); v != c.volume || d != c.disk || m != c.devices || d != count(OneDisk) {
			t.Errorf("%s: %d on a volume, %d on a disk, %d on a device", c.name, v, d, m)
		}
		sum, err := w.redundancySummary(t.Context(), None{})
		must(t, err)
		if sum.Disk.Contents != int64(c.disk) || sum.Items[0].Files1 != int64(c.disk*2) {
			t.Errorf("%s: %+v", c.name, sum)
		}
	}
}

// TestFault_B10_FilesThatShareTheirBlocksAreOneCopy: a reflink saves nothing that the
// other does not, and nothing is gained by removing one.
func TestFault_B10_FilesThatShareTheirBlocksAreOneCopy(t *testing.T) {
	w := newWorld(t)
	at := map[string]int64{"x": 7, "y": 7, "z": 8, "v": 9, "w": 9}
	w.extents = func(h vfs.Handle) int64 {
		e, err := h.Stat()
		must(t, err)
		return at[e.Name]
	}
	w.write(map[string]string{"top/v": "reflinks only", "top/w": "reflinks only", "top/x": "and a copy", "top/y": "and a copy", "top/z": "and a copy"})
	w.identify("top")
	if got := w.duplicated(DuplicatesIn{MinSize: 5}); got != "2x10-10: x y z; 1x13-0: v w" && got != "3x10-10: x y z; 2x13-0: v w" {
		t.Errorf("%s", got)
	}
	out, err := w.duplicates(t.Context(), DuplicatesIn{MinSize: 5})
	must(t, err)
	for _, g := range out.Items {
		bodies := map[string]int{}
		for _, c := range g.Copies {
			bodies[c.Name] = c.Body
		}
		if g.Size == 10 && (g.Bodies != 2 || bodies["x"] != bodies["y"] || bodies["x"] == bodies["z"]) || g.Size == 13 && (g.Bodies != 1 || g.Files != 2) {
			t.Errorf("%+v, %v", g, bodies)
		}
	}
	lone, err := w.redundancy(t.Context(), RedundancyIn{On: OneFile, MinSize: 5})
	must(t, err)
	if len(lone.Items) != 1 || lone.Items[0].Size != 13 || lone.Items[0].Files != 2 || lone.Items[0].Bodies != 1 {
		t.Errorf("%+v", lone.Items)
	}
	sum, err := w.duplicatesSummary(t.Context(), DuplicatesIn{MinSize: 5})
	must(t, err)
	if sum.Files != 3 || sum.Wasted != 10 {
		t.Errorf("%+v", sum)
	}
	at["y"] = 12 // its blocks were moved, as by defragmenting: a scrub sees that
	w.scrubbed("")
	if sum, err := w.duplicatesSummary(t.Context(), DuplicatesIn{MinSize: 5}); err != nil || sum.Wasted != 20 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestAlike: the groups are those of comparing every picture with every first.
func TestAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var all []looks
	for i := range 3000 {
		l := looks{content: ident.ContentID(i + 1), bits: r.Uint64(), pixels: int64(r.IntN(100))}
		if i > 0 && r.IntN(2) == 0 { // a few bits from another
			l.bits = all[r.IntN(i)].bits
			for range r.IntN(9) {
				l.bits ^= 1 << r.IntN(64)
			}
		}
		all = append(all, l)
	}
	all = append(all, looks{content: 9001}, looks{content: 9002}) // blank ones are no group
	for _, most := range []int{0, 3, 6} {
		got, err := alike(t.Context(), slices.Clone(all), most)
		must(t, err)
		var want [][]looks
		sorted := slices.Clone(all[:len(all)-2])
		slices.SortStableFunc(sorted, func(a, b looks) int { return int(b.pixels - a.pixels) })
	next:
		for _, l := range sorted {
			best, far := -1, most+1
			for i := range want {
				if d := bits.OnesCount64(want[i][0].bits ^ l.bits); d < far {
					best, far = i, d
				}
			}
			if best >= 0 {
				want[best] = append(want[best], l)
				continue next
			}
			want = append(want, []looks{l})
		}
		want = slices.DeleteFunc(want, func(g []looks) bool { return len(g) < 2 })
		if !slices.EqualFunc(got, want, slices.Equal[[]looks]) || len(got) < 100 {
			t.Errorf("at most %d: %d groups, not %d", most, len(got), len(want))
		}
	}
}

func TestNear(t *testing.T) {
	w := newWorld(t)
	w.write(map[string]string{"top/small": "small picture", "top/large": "large picture", "top/unlike": "another one"})
	w.identify("top")
	must(t, w.db.Write(t.Context(), func(tx *store.Tx) error {
		for _, p := range []struct {
			path       string
			looks, wid int64
		}{{"small", 0x0123456789abcdef, 10}, {"large", 0x0123456789abcdee, 99}, {"unlike", -0x0123456789abcdef, 5}} {
			e, _, err := w.find(t.Context(), "/mnt/top/"+p.path, "")
			must(t, err)
			if _, err := tx.Exec("INSERT INTO facts (content_id, width, height, perceptual, facts) VALUES (?, ?, 2, ?, '{}')", int64(e.Content), p.wid, p.looks); err != nil {
				return err
			}
		}
		return nil
	}))
	show := func(in NearIn) string {
		out, err := w.near(t.Context(), in)
		must(t, err)
		text := ""
		for _, g := range out.Items {
			for _, p := range g.Pictures {
				text += fmt.Sprintf("%s %d ", p.Copies[0].Name, p.Distance)
			}
		}
		return text
	}
	none := 0
	if got := show(NearIn{}); got != "large 0 small 1 " {
		t.Error(got)
	}
	if got := show(NearIn{MaxDistance: &none}) + show(NearIn{After: 1}); got != "" {
		t.Error(got)
	}
	must(t, w.d.WriteFile("top/small", []byte("cut away")))
	w.record("top/small")
	if got := show(NearIn{}); got != "" {
		t.Errorf("a picture that is no more: %s", got)
	}
}
