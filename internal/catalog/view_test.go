package catalog_test

import (
	"encoding/base64"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestView(t *testing.T) {
	file := catalog.Entry{ID: 7, Parent: 3, Name: "Übung.JPG", Kind: vfs.File, State: catalog.Present, Size: 5, Mode: 0o644, Links: 2, Inode: 1 << 63,
		Modified: 1_000_000_001, Totals: catalog.Totals{Files: 9, Bytes: 9}}
	folder := catalog.Entry{ID: 8, Parent: 3, Name: ".git", Kind: vfs.Folder, State: catalog.Present, Mode: 0o4755,
		Totals: catalog.Totals{Files: 4, Folders: 2, Bytes: 77}}
	online := catalog.Ground{ID: 5, Name: "Disk", Mount: "/mnt/disk", Online: true}
	with := func(e catalog.Entry, change func(*catalog.Entry)) catalog.Entry { change(&e); return e }
	for name, tc := range map[string]struct {
		entry  catalog.Entry
		path   string
		ground catalog.Ground
		want   catalog.View
	}{
		"file": {file, "a/Übung.JPG", online, catalog.View{ID: "7", Parent: "3", Name: "Übung.JPG", Path: "sd://local/mnt/disk/a/Übung.JPG", OSPath: "/mnt/disk/a/Übung.JPG",
			Kind: "file", Size: 5, Modified: time.Unix(1, 1).UTC(), Mode: "0644", State: "present", Type: "image", MIME: "image/jpeg", Extension: "jpg", Links: 2,
			Inode: "9223372036854775808", Volume: "Disk", VolumeID: 5}},
		"hidden folder": {folder, "a/.git", online, catalog.View{ID: "8", Parent: "3", Name: ".git", Path: "sd://local/mnt/disk/a/.git", OSPath: "/mnt/disk/a/.git",
			Kind: "folder", Size: 77, Files: 4, Folders: 2, Mode: "4755", State: "present", Hidden: true, Volume: "Disk", VolumeID: 5}},
		"root of a volume": {with(folder, func(e *catalog.Entry) { e.Parent, e.Name = 0, "uuid:1" }), "", catalog.Ground{Name: ".Disk", Mount: "/", Online: true},
			catalog.View{ID: "8", Name: ".Disk", Path: "sd://local/", OSPath: "/", Kind: "folder", Size: 77, Files: 4, Folders: 2, Mode: "4755", State: "present", Volume: ".Disk"}},
		"offline": {file, "Übung.JPG", catalog.Ground{ID: 5, Name: "Disk"}, catalog.View{ID: "7", Parent: "3", Name: "Übung.JPG", Path: "sd://Disk/Übung.JPG",
			Kind: "file", Size: 5, Modified: time.Unix(1, 1).UTC(), Mode: "0644", State: "offline", Type: "image", MIME: "image/jpeg", Extension: "jpg", Links: 2,
			Inode: "9223372036854775808", Volume: "Disk", VolumeID: 5}},
		"not indexed": {catalog.Entry{Parent: 1, Name: "n", Kind: vfs.FIFO, State: catalog.Present}, "n", online,
			catalog.View{Name: "n", Path: "sd://local/mnt/disk/n", OSPath: "/mnt/disk/n", Kind: "fifo", Mode: "0000", State: "present", Volume: "Disk", VolumeID: 5}},
	} {
		if got := (&catalog.Catalog{Kinds: filekind.Ours()}).NewView(&tc.entry, tc.path, tc.ground); got != tc.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tc.want)
		}
	}
}

func TestViewStates(t *testing.T) {
	for _, tc := range []struct {
		state  catalog.State
		online bool
		want   string
	}{
		{catalog.Present, true, "present"}, {catalog.Present, false, "offline"},
		{catalog.Absent, true, "absent"}, {catalog.Absent, false, "absent"},
		{catalog.Known, true, "unknown"}, {catalog.Known, false, "offline"},
		{0, true, "unknown"},
	} {
		e := catalog.Entry{ID: 1, Parent: 1, Name: "n", State: tc.state}
		if got := (&catalog.Catalog{Kinds: filekind.Ours()}).NewView(&e, "n", catalog.Ground{Name: "D", Online: tc.online}).State; got != tc.want {
			t.Errorf("state %d, online %v: got %q, want %q", tc.state, tc.online, got, tc.want)
		}
	}
}

// TestFault_A1_A3_RawNames: what text cannot show comes as bytes besides.
func TestFault_A1_A3_RawNames(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plain string
		raw   bool
	}{
		{"plain", "plain", false},
		{"日本 émoji 🎉", "日本 émoji 🎉", false},
		{"a\xffb", "a\uFFFDb", true},
		{"\xff\xfe", "\uFFFD", true},
		{"tab\t", "tab\t", true},
		{"new\nline", "new\nline", true},
		{"\x1b[31m", "\x1b[31m", true},
		{"del\x7f", "del\x7f", true},
		{"c1\u0085", "c1\u0085", true},
		{"\uFFFD", "\uFFFD", false},
	} {
		e := catalog.Entry{ID: 1, Parent: 1, Name: tc.name, Kind: vfs.File, State: catalog.Present}
		v := (&catalog.Catalog{Kinds: filekind.Ours()}).NewView(&e, tc.name, catalog.Ground{Name: "D", Mount: "/m", Online: true})
		raw, err := base64.StdEncoding.DecodeString(v.Raw)
		if v.Name != tc.plain || err != nil || tc.raw && string(raw) != tc.name || !tc.raw && v.Raw != "" {
			t.Errorf("%q: name %q, raw %q, %v", tc.name, v.Name, raw, err)
		}
		if catalog.Printable(tc.name) == tc.raw {
			t.Errorf("%q: printable %v", tc.name, !tc.raw)
		}
		for what, text := range map[string]string{"name": v.Name, "path": v.Path, "os_path": v.OSPath, "extension": v.Extension, "mime": v.MIME} {
			if !utf8.ValidString(text) {
				t.Errorf("%q: %s %q is not text", tc.name, what, text)
			}
		}
	}
}

func TestSeenAndSame(t *testing.T) {
	v := vfs.Entry{Name: "n", Kind: vfs.File, Size: 1, Mode: 2, Modified: 3, Changed: 4, Created: 5, Inode: 6, Links: 7}
	var e catalog.Entry
	e.Seen(v)
	if !e.Same(&v) {
		t.Fatalf("%+v is not the same as %+v", e, v)
	}
	for what, change := range map[string]func(*vfs.Entry){
		"kind": func(v *vfs.Entry) { v.Kind = vfs.Symlink }, "size": func(v *vfs.Entry) { v.Size++ }, "mode": func(v *vfs.Entry) { v.Mode++ },
		"modified": func(v *vfs.Entry) { v.Modified++ }, "changed": func(v *vfs.Entry) { v.Changed++ }, "inode": func(v *vfs.Entry) { v.Inode++ },
		"links": func(v *vfs.Entry) { v.Links++ },
	} {
		w := v
		change(&w)
		if e.Same(&w) {
			t.Errorf("another %s is the same", what)
		}
	}
	v.Kind = vfs.Folder
	e.Seen(v)
	v.Links++ // a subfolder came or went, which its own entry says
	if !e.Same(&v) {
		t.Error("a folder's links make it another")
	}
}
