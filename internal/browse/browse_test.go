package browse

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TestListLive: a folder that no location holds is looked at on its disk, in the
// same order and pages.
func TestListLive(t *testing.T) {
	w := newWorld(t)
	d := w.mount("Stick", "/mnt/stick")
	w.files(d, "dir/b10", "dir/b9", "dir/Sub/x", "dir/.hidden", "dir/\xff", "dir/B9", "dir/"+vfs.PrivateName(), "dir/"+vfs.PrivateName()+"/uploaded")
	if err := d.FIFO("dir/pipe"); err != nil {
		t.Fatal(err)
	}
	all := []string{"Sub", "B9", "b9", "b10", "pipe", "\ufffd"}
	var got []string
	in := ListIn{Path: "/mnt/stick/dir", Limit: 1}
	for {
		out, err := w.ls(in)
		if err != nil || !out.Live || out.Total != len(all) || out.Folder.ID != "" {
			t.Fatalf("%+v, %v", out, err)
		}
		got = append(got, namesOf(out.Items)...)
		if out.Items[0].ID != "" || out.Items[0].State != "present" || out.Items[0].Parent != "" {
			t.Errorf("not from the index: %+v", out.Items[0])
		}
		if len(got) == 2 { // what comes and goes meanwhile moves no page
			w.files(d, "dir/a new one", "dir/zz new")
			all = append(all, "zz new")
			if err := d.Remove("dir/B9"); err != nil {
				t.Fatal(err)
			}
		}
		if in.Cursor = out.Next; in.Cursor == "" {
			break
		}
	}
	if want := []string{"Sub", "B9", "b9", "b10", "pipe", "zz new", "\ufffd"}; !slices.Equal(got, want) {
		t.Errorf("in pages: %q, want %q", got, want)
	}
	if out, err := w.ls(ListIn{Path: "/mnt/stick/dir", Hidden: true, Sort: BySize, Descending: true}); err != nil || out.Total != 8 || out.Items[0].Name != "Sub" || out.Items[1].Name != "a new one" {
		t.Errorf("hidden, by size: %q, %v", namesOf(out.Items), err)
	}
	for path, kind := range map[string]errs.Kind{
		"/mnt/stick/no": errs.NotFound, "/mnt/stick/dir/b9": errs.Invalid, "/mnt/stick/dir/pipe": errs.Invalid, "/proc": errs.Unsupported, "dir": errs.Invalid,
	} {
		if _, err := w.ls(ListIn{Path: path}); errs.KindOf(err) != kind {
			t.Errorf("%s: %v, want %s", path, err, kind)
		}
	}
}

// TestListLiveLarge: a page of a large folder holds the right entries.
func TestListLiveLarge(t *testing.T) {
	w := newWorld(t)
	d := w.mount("Stick", "/mnt/stick")
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprint("file ", i))
	}
	for i := range want {
		w.files(d, "many/"+want[i*619%1000])
	}
	for _, limit := range []int{7, 300} {
		var got []string
		in := ListIn{Path: "/mnt/stick/many", Limit: limit}
		for {
			out, err := w.list(t.Context(), in)
			if err != nil || out.Total != 1000 {
				t.Fatal(out.Total, err)
			}
			got = append(got, namesOf(out.Items)...)
			if in.Cursor = out.Next; in.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %q", limit, got)
		}
	}
}

// TestListLocationsAbove: a folder above a location is looked at, and shows the
// location as the library knows it.
func TestListLocationsAbove(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "home/photos/a.jpg", "home/photos/b.jpg", "home/other/c")
	l := w.index(d, "home/photos")
	if err := d.Chmod("home/photos", 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := w.ls(ListIn{Path: "/mnt/disk/home"})
	if err != nil || !out.Live || !slices.Equal(namesOf(out.Items), []string{"other", "photos"}) {
		t.Fatalf("%+v, %v", out, err)
	}
	id, _ := l.Entry.MarshalText()
	if other, photos := out.Items[0], out.Items[1]; other.ID != "" || photos.ID != string(id) || photos.Files != 2 || photos.State != "present" || photos.Mode != "0700" {
		t.Errorf("other %+v, photos %+v", other, photos)
	}
}

// TestListBeforeScanned: in a location that is scanned for the first time a
// folder is looked at until it was listed, even if a location in it was scanned
// before.
func TestListBeforeScanned(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/inner/deep/x", "top/inner/y", "top/b", "top/sub/c", "top/empty/")
	w.index(d, "top/inner/deep")
	outer := w.locate(d, "top")
	live := func(path string, want ...string) {
		t.Helper()
		out, err := w.ls(ListIn{Path: "/mnt/disk/" + path})
		if err != nil || !out.Live || !slices.Equal(namesOf(out.Items), want) {
			t.Errorf("%s: live %v, %q, %v", path, out.Live, namesOf(out.Items), err)
		}
	}
	live("top", "empty", "inner", "sub", "b")
	live("top/inner", "deep", "y")
	live("top/sub", "c")
	if out, err := w.ls(ListIn{Path: "/mnt/disk/top/inner/deep"}); err != nil || out.Live || out.Total != 1 {
		t.Errorf("the location inside: live %v, %v", out.Live, err)
	}

	b := &catalog.Batch{Create: []catalog.Entry{w.see(d, outer.Entry, "top/b"), w.see(d, outer.Entry, "top/sub"), w.see(d, outer.Entry, "top/empty")}}
	w.apply(b) // top was listed, its folders were not
	if out, err := w.ls(ListIn{Path: "/mnt/disk/top"}); err != nil || out.Live || out.Total != 4 {
		t.Errorf("listed: live %v, %q, %v", out.Live, namesOf(out.Items), err)
	}
	live("top/sub", "c")
	live("top/empty")
}

// TestListOffline: of a volume that is away all is shown that is known, down
// from its root; the rest cannot be.
func TestListOffline(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "home/photos/a.jpg", "home/other/c", "home/photos/sub/b")
	w.index(d, "home/photos")
	w.many = 1
	w.learn() // names know what is present alone
	d.offline = true
	stick := w.mount("Stick", "/mnt/stick")
	stick.offline = true
	for path, want := range map[string][]string{
		"sd://Disk": {"home"}, "sd://Disk/home": {"photos"}, "sd://Disk/home/photos": {"sub", "a.jpg"}, "/mnt/disk/home/photos/sub": {"b"},
	} {
		out, err := w.ls(ListIn{Path: path})
		if err != nil || out.Live || !slices.Equal(namesOf(out.Items), want) || out.Items[0].State != "offline" || out.Items[0].OSPath != "" {
			t.Errorf("%s: live %v, %+v, %v", path, out.Live, out.Items, err)
		}
	}
	for _, path := range []string{"sd://Disk/home/other", "sd://Stick/x"} {
		if _, err := w.ls(ListIn{Path: path}); !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
	if info, err := w.show(Which{Path: "sd://Disk/home/photos/a.jpg"}); err != nil || info.State != "offline" || info.Path != "sd://Disk/home/photos/a.jpg" {
		t.Errorf("a file: %+v, %v", info.View, err)
	}
	if _, err := w.Open(t.Context(), "", "sd://Disk/home/photos/a.jpg"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("its bytes: %v", err)
	}
}

// TestListMountPoint: a folder on which another volume is mounted leads there, by
// its path and by the id that the index has of it.
func TestListMountPoint(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "home/usb/", "home/empty/")
	stick := w.mount("Stick", "/mnt/disk/home/usb")
	w.files(stick, "on the stick")
	if err := d.SetMount("home/usb", true); err != nil {
		t.Fatal(err)
	}
	w.index(d, "home")
	top, err := w.ls(ListIn{Path: "/mnt/disk/home"})
	if err != nil || !slices.Equal(namesOf(top.Items), []string{"empty", "usb"}) {
		t.Fatalf("%+v, %v", top, err)
	}
	for _, in := range []ListIn{{Path: "/mnt/disk/home/usb"}, {ID: top.Items[1].ID}} {
		out, err := w.ls(in)
		if err != nil || !out.Live || !slices.Equal(namesOf(out.Items), []string{"on the stick"}) || out.Folder.Volume != "Stick" {
			t.Errorf("%+v: %+v, %v", in, out, err)
		}
	}
	if out, err := w.ls(ListIn{ID: top.Items[0].ID}); err != nil || out.Live || out.Total != 0 || out.Items == nil {
		t.Errorf("an empty folder: %+v, %v", out, err)
	}
	stick.hung = true
	if _, err := w.ls(ListIn{ID: top.Items[1].ID}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a stick that does not answer: %v", err)
	}
}

// TestSymlinks: a symlink to a folder is that folder to a list, and itself to
// who asks what it is.
func TestSymlinks(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/real/x")
	for path, target := range map[string]string{"top/link": "/mnt/disk/top/real", "top/broken": "/mnt/disk/no", "top/odd": "a\xffb"} {
		if err := d.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	w.index(d, "top")
	out, err := w.ls(ListIn{Path: "/mnt/disk/top/link"})
	if err != nil || out.Folder.Path != "sd://local/mnt/disk/top/real" || out.Live || out.Total != 1 {
		t.Errorf("listed: %+v, %v", out, err)
	}
	info, err := w.show(Which{Path: "/mnt/disk/top/link"})
	if err != nil || info.Kind != "symlink" || info.Target != "/mnt/disk/top/real" || info.Name != "link" {
		t.Errorf("shown: %+v, %v", info, err)
	}
	if byID, err := w.show(Which{ID: info.ID}); err != nil || byID.Target != info.Target {
		t.Errorf("by id: %+v, %v", byID, err)
	}
	if odd, err := w.show(Which{Path: "/mnt/disk/top/odd"}); err != nil || odd.Target != "a\ufffdb" {
		t.Errorf("a target that is no text: %+v, %v", odd, err)
	}
	if _, err := w.ls(ListIn{Path: "/mnt/disk/top/broken"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a broken one, listed: %v", err)
	}
	if _, err := w.ls(ListIn{ID: info.ID}); !errs.Is(err, errs.Invalid) {
		t.Errorf("its id names the symlink: %v", err)
	}
	d.offline = true
	if off, err := w.show(Which{ID: info.ID}); err != nil || off.Target != "" || off.State != "offline" {
		t.Errorf("offline: %+v, %v", off, err)
	}
}

// TestInfo: an entry with what is above it, indexed or not.
func TestInfo(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "home/photos/a.jpg", "home/photos/sub/b", "other/c")
	l := w.index(d, "home/photos")
	crumbs := func(i Info) (names []string) {
		for _, c := range i.Parents {
			names = append(names, c.Name+"="+c.Path)
		}
		return names
	}
	want := []string{"Disk=sd://local/mnt/disk", "home=sd://local/mnt/disk/home", "photos=sd://local/mnt/disk/home/photos", "sub=sd://local/mnt/disk/home/photos/sub"}
	b, err := w.show(Which{Path: "/mnt/disk/home/photos/sub/b"})
	if err != nil || !slices.Equal(crumbs(b), want) || b.ID == "" {
		t.Errorf("indexed: %+v, %v", b, err)
	}
	for _, c := range b.Parents {
		if c.ID == "" {
			t.Errorf("%s is known, and has no id", c.Name)
		}
	}
	if again, err := w.show(Which{ID: b.ID}); err != nil || !slices.Equal(crumbs(again), want) || again.Path != b.Path {
		t.Errorf("by id: %+v, %v", again, err)
	}
	c, err := w.show(Which{Path: "/mnt/disk/other/c"})
	if err != nil || !slices.Equal(crumbs(c), []string{"Disk=sd://local/mnt/disk", "other=sd://local/mnt/disk/other"}) || c.ID != "" {
		t.Errorf("not indexed: %+v, %v", c, err)
	}
	root, err := w.show(Which{Path: "/mnt/disk"})
	if err != nil || len(root.Parents) != 0 || root.Name != "Disk" {
		t.Errorf("a root: %+v, %v", root, err)
	}
	id, err := w.Folder(t.Context(), "/mnt/disk/home/photos")
	if err != nil || id != l.Entry {
		t.Errorf("Folder: %v, %v", id, err)
	}
	for path, kind := range map[string]errs.Kind{"/mnt/disk/other": errs.Unsupported, "/mnt/disk/home/photos/a.jpg": errs.Invalid, "/mnt/disk/no": errs.NotFound} {
		if _, err := w.Folder(t.Context(), path); errs.KindOf(err) != kind {
			t.Errorf("Folder(%s): %v, want %s", path, err, kind)
		}
	}
	for bad, says := range map[Which]string{{}: "by path or by id", {Path: "/mnt/disk", ID: "1"}: "not by both", {ID: "a"}: "", {ID: "1.5"}: ""} {
		if _, err := w.show(bad); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := w.show(Which{}); strings.Contains(err.Error(), "both") {
		t.Errorf("nothing was given: %v", err)
	}
}

// TestPromise_P6_NamesAreBytes: whatever bytes a name has, its path leads back to it.
func TestPromise_P6_NamesAreBytes(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	names := []string{"plain", "new\nline", "\xff\xfe", "a\xffb.jpg", "%41", "a?b#c", "\u202egnp", " spaces ", "e\u0301", "\u00e9", strings.Repeat("\xf0\x9f\x98\x80", 63), "\x01\x7f", "back\\slash"}
	for _, n := range names {
		w.files(d, "odd/"+n)
		w.files(d, "live/"+n)
	}
	w.index(d, "odd")
	for _, dir := range []string{"odd", "live"} {
		out, err := w.ls(ListIn{Path: "/mnt/disk/" + dir})
		if err != nil || len(out.Items) != len(names) {
			t.Fatalf("%d of %d, %v", len(out.Items), len(names), err)
		}
		for _, v := range out.Items {
			sp, err := sdpath.Parse(v.Path)
			if err != nil {
				t.Errorf("%q: %v", v.Name, err)
				continue
			}
			if name := sp.Base(); !slices.Contains(names, name) || (v.Raw != "") == catalog.Printable(name) {
				t.Errorf("%q is %q by its path, raw %q", v.Name, name, v.Raw)
			}
			if info, err := w.show(Which{Path: v.Path}); err != nil || info.ID != v.ID || info.Path != v.Path {
				t.Errorf("%q by its path: %+v, %v", v.Name, info, err)
			}
			f, err := w.Open(t.Context(), "", v.Path)
			if err != nil {
				t.Errorf("%q: %v", v.Name, err)
				continue
			}
			if b, err := io.ReadAll(f); err != nil || string(b) != dir+"/"+sp.Base() || f.Name != sp.Base() {
				t.Errorf("%q holds %q, %v", v.Name, b, err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOpen: bytes of regular files alone, with a tag that changes when they do.
// TestErrorsTellTheWholeAddress: what a driver says of a path on its volume is
// told of the address that leads there.
func TestErrorsTellTheWholeAddress(t *testing.T) {
	w := newWorld(t)
	d := w.mount("disk", "/mnt/disk")
	if err := d.Mkdir("photos"); err != nil {
		t.Fatal(err)
	}
	_, ofList := w.ls(ListIn{Path: "/mnt/disk/photos/no"})
	_, ofOpen := w.Open(t.Context(), "", "/mnt/disk/photos")
	for want, err := range map[string]error{"sd://local/mnt/disk/photos/no": ofList, "sd://local/mnt/disk/photos": ofOpen} {
		if b := op.ErrorBodyOf(err); b.Path != want || b.Message == "" {
			t.Errorf("%+v, want path %s", b, want)
		}
	}
}

func TestOpen(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/file", "live/file")
	if err := d.FIFO("top/pipe"); err != nil {
		t.Fatal(err)
	}
	if err := d.Symlink("/mnt/disk/top/file", "top/link"); err != nil {
		t.Fatal(err)
	}
	w.index(d, "top")
	open := func(id, path string) (tag, body string) {
		t.Helper()
		f, err := w.Open(t.Context(), id, path)
		if err != nil {
			t.Errorf("%s%s: %v", id, path, err)
			return "", ""
		}
		defer f.Close() //nolint:errcheck // opened for reading
		part := make([]byte, 3)
		if _, err := f.ReadAt(part, 1); err != nil && err != io.EOF {
			t.Errorf("a range: %v", err)
		}
		return f.ETag(), string(part)
	}
	info, err := w.show(Which{Path: "/mnt/disk/top/file"})
	if err != nil {
		t.Fatal(err)
	}
	tag, part := open(info.ID, "")
	if part != "op/" {
		t.Errorf("a range holds %q", part)
	}
	for _, path := range []string{"/mnt/disk/top/file", "/mnt/disk/top/link"} {
		if same, _ := open("", path); same != tag {
			t.Errorf("%s: tag %s, and by id %s", path, same, tag)
		}
	}
	if other, _ := open("", "/mnt/disk/live/file"); other == tag {
		t.Error("another file has the same tag")
	}
	if err := d.WriteFile("top/file", []byte("changed!")); err != nil {
		t.Fatal(err)
	}
	if now, _ := open(info.ID, ""); now == tag {
		t.Error("the bytes changed, and the tag did not")
	}
	byName := map[string]string{}
	out, err := w.ls(ListIn{Path: "/mnt/disk/top"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range out.Items {
		byName[v.Name] = v.ID
	}
	for _, c := range []struct {
		id, path string
		want     errs.Kind
	}{
		{"", "/mnt/disk/top/pipe", errs.Unsupported}, {byName["pipe"], "", errs.Unsupported}, {"", "/mnt/disk/top", errs.Unsupported},
		{byName["link"], "", errs.Unsupported}, {"", "/mnt/disk/no", errs.NotFound}, {"99999", "", errs.NotFound}, {"", "", errs.Invalid},
		{info.ID, "/mnt/disk/top/file", errs.Invalid}, {"x", "", errs.Invalid},
	} {
		if f, err := w.Open(t.Context(), c.id, c.path); errs.KindOf(err) != c.want {
			t.Errorf("%q %q: %v, %v, want %s", c.id, c.path, f, err, c.want)
		}
	}
	if err := d.Remove("top/file"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Open(t.Context(), info.ID, ""); !errs.Is(err, errs.NotFound) {
		t.Errorf("a file that is gone: %v", err)
	}
}

// TestUsage: the largest children, and the rest in one sum.
func TestUsage(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/a", "top/bb/large", "top/ccc", "top/.hidden one", "other/x")
	l := w.index(d, "top")
	var want int64
	rows, _, err := w.rows(t.Context(), &catalog.Entry{ID: l.Entry}, order{hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		want += r.Size
	}
	for _, limit := range []int{0, 1, 2, 4, 100} {
		out, err := call[UsageOut](w, "entry.usage", UsageIn{Path: "/mnt/disk/top", Limit: limit})
		if err != nil || out.Folder.Size != want || limit > 0 && len(out.Items) != min(limit, 4) {
			t.Fatalf("limit %d: %+v, %v", limit, out, err)
		}
		sum := out.Rest
		for _, v := range out.Items {
			sum += v.Size
		}
		if sum != want || !slices.IsSortedFunc(out.Items, func(a, b catalog.View) int { return int(b.Size - a.Size) }) {
			t.Errorf("limit %d: %d bytes of %d: %q", limit, sum, want, namesOf(out.Items))
		}
	}
	for path, kind := range map[string]errs.Kind{"/mnt/disk/top/a": errs.Invalid, "/mnt/disk/other": errs.Unsupported, "/mnt/disk/no": errs.NotFound} {
		if _, err := call[UsageOut](w, "entry.usage", UsageIn{Path: path}); errs.KindOf(err) != kind {
			t.Errorf("%s: %v, want %s", path, err, kind)
		}
	}
}

// TestTurned: what the index holds for a file may be a folder on the disk by
// now, and the other way round: whoever asks gets one answer, not a mixture.
func TestTurned(t *testing.T) {
	w := newWorld(t)
	d := w.know(w.mount("Disk", "/mnt/disk"))
	w.files(d, "top/thing")
	w.index(d, "top")
	if err := d.Remove("top/thing"); err != nil {
		t.Fatal(err)
	}
	w.files(d, "top/thing/inside")
	if _, err := w.ls(ListIn{Path: "/mnt/disk/top/thing"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("listed: %v", err)
	}
	if _, err := w.Open(t.Context(), "", "/mnt/disk/top/thing"); !errs.Is(err, errs.Unsupported) {
		t.Errorf("opened: %v", err)
	}
}
