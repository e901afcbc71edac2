//go:build linux

package fileops

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

// kindOfDisk is a kind of volume that things are copied to.
type kindOfDisk struct {
	name   string
	memory *memfs.Options            // in memory; else
	root   func(t *testing.T) string // a folder of a real one, which may skip the test
	clones bool
}

// disks are those of the matrix. What this kernel cannot mount is a fake of the same
// habits.
func disks() []kindOfDisk {
	loop := func(kind string) func(t *testing.T) string {
		return func(t *testing.T) string { return vfstest.NewLoop(t, kind, "").Root }
	}
	fat := memfs.Options{
		Folding: true, NoClone: true, NoExchange: true, TimeStep: 2 * time.Second, MaxFile: 1<<32 - 1,
		Loses: vfs.PartMode | vfs.PartOwner | vfs.PartXattrs | vfs.PartACL | vfs.PartLabels | vfs.PartLinks | vfs.PartHoles | vfs.PartSymlinks,
		Holds: func(name string) bool { return !strings.ContainsAny(name, "\xff:") && !strings.HasSuffix(name, ".") },
	}
	return []kindOfDisk{
		{name: "ext4", root: loop("ext4")},
		{name: "ext4 of whole seconds", root: loop("ext3")},
		{name: "xfs", root: loop("xfs"), clones: true},
		{name: "btrfs", root: loop("btrfs"), clones: true},
		{name: "tmpfs", root: func(t *testing.T) string { return mounted(t, "tmpfs", "size=16m") }},
		{name: "ramfs", root: func(t *testing.T) string { return mounted(t, "ramfs", "") }},
		{name: "vfat", root: func(t *testing.T) string { return notMountable(t, "vfat") }},
		{name: "exfat", root: func(t *testing.T) string { return notMountable(t, "exfat") }},
		{name: "ntfs3", root: func(t *testing.T) string { return notMountable(t, "ntfs3") }},
		{name: "in memory", memory: &memfs.Options{}, clones: true},
		{name: "folding", memory: &memfs.Options{Folding: true, NoClone: true}},
		{name: "like FAT", memory: &fat},
		{name: "like a network drive", memory: &memfs.Options{NoClone: true, NoInodes: true, NoSyncAll: true, Loses: vfs.PartOwner | vfs.PartXattrs | vfs.PartACL | vfs.PartLabels | vfs.PartHoles}},
	}
}

// mounted is a folder on which a file system without a disk is mounted.
func mounted(t *testing.T, kind, options string) string {
	t.Helper()
	root := t.TempDir()
	if err := unix.Mount("stardrive-test", root, kind, 0, options); err != nil {
		t.Skipf("%s cannot be mounted: %v", kind, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(root, unix.MNT_DETACH) })
	return root
}

// notMountable skips the test with the reason: nothing here makes such volumes.
func notMountable(t *testing.T, kind string) string {
	t.Helper()
	known, _ := os.ReadFile("/proc/filesystems")
	if !slices.Contains(strings.Fields(string(known)), kind) {
		t.Skipf("this kernel does not know %s; a fake in memory stands for it", kind)
	}
	t.Skipf("%s is not made here; a fake in memory stands for it", kind)
	return ""
}

// newVolumesWorld is a world whose first volume is in memory and keeps all, and whose
// second is of a kind.
func newVolumesWorld(t *testing.T, kind kindOfDisk) *testWorld {
	t.Helper()
	return newTestWorldAs(t, func(w *testWorld) {
		w.sites.memory = map[string]*memfs.FS{"vol-a": memfs.NewWith(memfs.Options{Now: ticks()})}
		if kind.memory != nil {
			w.sites.memory["vol-b"] = memfs.NewWith(*kind.memory)
			return
		}
		w.b = kind.root(t)
		w.sites.roots["vol-b"] = w.b
	})
}

const listOf = "\x02\x00\x00\x00\x01\x00\x06\x00\xff\xff\xff\xff\x02\x00\x07\x00\x01\x00\x00\x00\x04\x00\x05\x00\xff\xff\xff\xff\x10\x00\x07\x00\xff\xff\xff\xff\x20\x00\x00\x00\xff\xff\xff\xff"

// rich makes a folder in which there is one thing for each part that can be lost.
func rich(t *testing.T, fs *memfs.FS) {
	t.Helper()
	at := time.Unix(1_234_567_890, 123_456_789)
	err := errors.Join(fs.MkdirAll("all/sub"), fs.WriteFile("all/mode", []byte("m")), fs.Chmod("all/mode", 0o641), fs.WriteFile("all/times", []byte("t")),
		fs.WriteFile("all/exact", []byte("e")), fs.WriteFile("all/attrs", []byte("x")), fs.SetXattr("all/attrs", "user.comment", []byte("a\x00b\xff")),
		fs.WriteFile("all/list", []byte("l")), fs.Chmod("all/list", 0o670), fs.SetXattr("all/list", vfs.AttrACL, []byte(listOf)),
		fs.WriteFile("all/owner", []byte("o")), fs.Chown("all/owner", 1234, 2345), fs.WriteFile("all/h1", []byte("h")), fs.Link("all/h1", "all/h2"),
		fs.Symlink("mode", "all/link"), fs.Chmod("all/sub", 0o751), fs.SetXattr("all/sub", "user.comment", []byte("of a folder")), sparseFile(fs, "all/hole", 1<<20+5))
	for _, path := range []string{"all/mode", "all/attrs", "all/list", "all/owner", "all/h1", "all/hole", "all/sub", "all/times"} {
		err = errors.Join(err, fs.SetModified(path, at.Truncate(2*time.Second)))
	}
	if err = errors.Join(err, fs.SetModified("all/exact", at)); err != nil {
		t.Fatal(err)
	}
}

// missed looks what of all that rich made is not in the copy.
func missed(t *testing.T, from, to vfs.Driver) map[string]bool {
	t.Helper()
	lost := map[string]bool{}
	both := func(path string) (a, b vfs.Meta) { return meta(t, from, path), meta(t, to, path) }
	if a, b := both("all/mode"); a.Mode != b.Mode {
		lost["access rights"] = true
	}
	if a, b := both("all/sub"); a.Mode != b.Mode {
		lost["access rights"] = true
	}
	if a, b := both("all/times"); a.Modified != b.Modified {
		lost["times"] = true
	}
	if a, b := both("all/exact"); a.Modified != b.Modified && !lost["times"] {
		lost["exact times"] = true
	}
	for _, path := range []string{"all/attrs", "all/sub"} {
		if a, b := both(path); !maps.EqualFunc(a.Xattrs, b.Xattrs, func(a, b []byte) bool { return string(a) == string(b) }) {
			lost["extended attributes"] = true
		}
	}
	if a, b := both("all/list"); string(a.Xattrs[vfs.AttrACL]) != string(b.Xattrs[vfs.AttrACL]) {
		lost["access control lists"] = true
	}
	if a, b := both("all/owner"); a.UID != b.UID || a.GID != b.GID {
		lost["owners"] = true
	}
	if _, err := to.Stat(t.Context(), "all/link"); err != nil {
		lost["symlinks"] = true
	}
	one, err := to.Stat(t.Context(), "all/h1")
	two, failed := to.Stat(t.Context(), "all/h2")
	if err != nil || failed != nil {
		t.Error(err, failed)
	}
	if one.Links < 2 || one.Inode != two.Inode {
		lost["hard links"] = true
	}
	if !sparse(t, to, "all/hole") {
		lost["holes"] = true
	}
	return lost
}

func sparse(t *testing.T, d vfs.Driver, path string) bool {
	t.Helper()
	h, err := d.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	s, ok := vfs.HandleAs[vfs.Sparse](h)
	if !ok {
		return false
	}
	start, _, err := s.NextData(0)
	return err == nil && start > 0
}

// promised reads what the preview says will be lost.
func promised(p action.Plan) map[string]bool {
	lost := map[string]bool{}
	for _, text := range p.Warnings {
		_, list, ok := strings.Cut(text, " does not keep: ")
		if !ok {
			continue
		}
		for _, part := range strings.Split(strings.TrimSuffix(list, "."), ", ") {
			if strings.HasPrefix(part, "times more exact than ") {
				part = "exact times"
			}
			lost[part] = true
		}
	}
	return lost
}

// What the preview says of a volume is what comes of it, on volumes of every kind:
// what is told to be lost is lost, and no more; the names that are told to be left out
// are, and no others; what is told to be shared is.
func TestPromise_P12_P16_VolumesKeepWhatIsPromised(t *testing.T) {
	t.Parallel()
	for _, kind := range disks() {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := newVolumesWorld(t, kind)
			from := w.sites.memory["vol-a"]
			to, err := w.sites.driver("vol-b")
			if err != nil {
				t.Fatal(err)
			}
			lossIsTold(t, w, from, to)
			namesAreTold(t, w, from, to)
			if kind.memory == nil && kind.clones {
				sharedAndStays(t, w)
			}
			w.clean()
		})
	}
}

// lossIsTold copies all that can be lost.
func lossIsTold(t *testing.T, w *testWorld, from *memfs.FS, to vfs.Driver) {
	rich(t, from)
	p := w.plan("files.copy", CopyIn{Sources: w.src("all"), Destination: w.path("b:"), Owner: true, Conflict: Skip})
	want := promised(p)
	p = w.do(p, action.Done)
	if got := missed(t, from, to); !maps.Equal(got, want) {
		t.Errorf("lost is %v, promised to be lost was %v\n%s", slices.Sorted(maps.Keys(got)), p.Warnings, w.failures(p.ID))
	}
	err := walkMemory(from, "all", func(path string, e vfs.Entry, _ vfs.Meta) error {
		if e.Kind != vfs.File {
			return nil
		}
		text, err := read(from, path)
		if there, failed := read(to, path); err != nil || failed != nil || there != text {
			t.Errorf("%s has other bytes (%v, %v)", path, err, failed)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// namesAreTold copies names of which a volume may not hold some: then they are items
// of their own in the plan, come to nothing, and all others are there.
func namesAreTold(t *testing.T, w *testWorld, from *memfs.FS, to vfs.Driver) {
	all := []string{"plain", "a\xff", "Case", "case", "colon:", "dot.", " space", "new\nline", strings.Repeat("x", 255), strings.Repeat("ö", 127), "e\u0301", "\u00e9", "-dash", "nul.txt"}
	for i, name := range all {
		if err := errors.Join(from.MkdirAll("n"), from.WriteFile("n/"+name, []byte{byte('a' + i)})); err != nil {
			t.Fatal(err)
		}
	}
	p := w.plan("files.copy", CopyIn{Sources: w.src("n"), Destination: w.path("b:"), Conflict: Skip})
	told := map[string]bool{}
	for _, it := range w.items(p) {
		if it.Conflict != "" {
			_, name := it.from.In()
			told[name] = true
		}
	}
	w.do(p, action.Done)
	there := map[string]bool{}
	err := to.List(t.Context(), "n", func(batch []vfs.Entry) error {
		for _, e := range batch {
			there[e.Name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range all {
		text := ""
		if there[name] {
			text, err = read(to, "n/"+name)
		}
		if there[name] == told[name] || there[name] && text != string(rune('a'+i)) {
			t.Errorf("%.20q: told to be left out: %t; it is there: %t, with %q (%v)", name, told[name], there[name], text, err)
		}
	}
}

// sharedAndStays makes a copy that shares its bytes with the original, which is
// changed then.
func sharedAndStays(t *testing.T, w *testWorld) {
	text := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB
	w.write("b:one", text)
	unix.Sync()
	free := func() int64 {
		var s unix.Statfs_t
		if err := unix.Statfs(w.b, &s); err != nil {
			t.Fatal(err)
		}
		return int64(s.Bfree) * s.Bsize
	}
	before := free()
	p := w.plan("files.duplicate", DuplicateIn{Sources: w.src("b:one")})
	if p.Summary.Saved != int64(len(text)) || p.Summary.Write != 0 {
		t.Errorf("the preview saves %d and writes %d bytes of %d", p.Summary.Saved, p.Summary.Write, len(text))
	}
	w.do(p, action.Done)
	unix.Sync()
	if used := before - free(); used > int64(len(text))/2 {
		t.Errorf("the copy took %d bytes", used)
	}
	f, err := os.OpenFile(w.path("b:one"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("changed"), 1<<20)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	w.has("b:one (2)", text)
}

// Files of more than 4 GiB come whole where they can, and are refused before where
// they cannot. In the ordinary run only the latter, which writes nothing.
func TestPromise_P12_LargeFiles(t *testing.T) {
	t.Parallel()
	for _, kind := range disks() {
		if soak == 0 && (kind.memory == nil || kind.memory.MaxFile == 0) || kind.name == "like a network drive" {
			continue
		}
		t.Run(kind.name, func(t *testing.T) {
			w := newVolumesWorld(t, kind)
			const size = 1<<32 + 5
			if err := sparseFile(w.sites.memory["vol-a"], "large", size); err != nil {
				t.Fatal(err)
			}
			p := w.plan("files.copy", CopyIn{Sources: w.src("large"), Destination: w.path("b:"), Conflict: Skip})
			items := w.items(p)
			refused := items[0].Conflict != ""
			if want := kind.memory != nil && kind.memory.MaxFile > 0; refused != want {
				t.Fatalf("%+v", items)
			}
			w.do(p, action.Done)
			to, err := w.sites.driver("vol-b")
			if err != nil {
				t.Fatal(err)
			}
			is, err := to.Stat(t.Context(), "large")
			if refused != (err != nil) || !refused && is.Size != size {
				t.Fatalf("%+v, %v", is, err)
			}
			if !refused {
				h, err := to.Open(t.Context(), "large")
				if err != nil {
					t.Fatal(err)
				}
				defer h.Close()
				tail := make([]byte, 5)
				if _, err := h.ReadAt(tail, 1<<32); err != nil && err != io.EOF || string(tail) != "large" {
					t.Errorf("it ends in %q, %v", tail, err)
				}
			}
		})
	}
}

// sparseFile makes a file of which only the end is not a hole.
func sparseFile(fs *memfs.FS, path string, size int64) error {
	folder, name := vfs.Split(path)
	d, err := fs.Features().Writing.Dir(context.Background(), folder)
	if err != nil {
		return err
	}
	defer d.Close()
	h, err := d.Create(context.Background(), name, 0o644)
	if err != nil {
		return err
	}
	_, err = h.WriteAt([]byte("large"), size-5)
	return errors.Join(err, h.Close())
}
