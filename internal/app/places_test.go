package app

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/volumes"
)

// machine is a platform whose volumes live in memory.
type machine struct {
	mu     sync.Mutex
	mounts []volumes.Mount
	disks  map[string]*memfs.FS // by mount point
	labels map[string]string    // by source, where they are not the same
	links  map[string]string
	serial uint64
	tell   func() // that the mounts changed
}

func newMachine() *machine {
	m := &machine{disks: map[string]*memfs.FS{}, links: map[string]string{}, labels: map[string]string{}}
	m.mount("/", "Root", "ext4")
	m.mount("/proc", "proc", "proc")
	return m
}

// mount mounts a new volume whose UUID is made of its label.
func (m *machine) mount(point, label, typ string) *memfs.FS {
	d := memfs.New(nil)
	m.remount(point, label, typ, d)
	return d
}

// labelled mounts a new volume whose label others may have too.
func (m *machine) labelled(point, label, uuid string) *memfs.FS {
	m.mu.Lock()
	m.labels[uuid] = label
	m.mu.Unlock()
	return m.mount(point, uuid, "ext4")
}

func (m *machine) remount(point, label, typ string, d *memfs.FS) {
	m.change(func() {
		m.serial++
		m.mounts = append(m.mounts, volumes.Mount{ID: int(m.serial), Parent: 1, Dev: label, Root: "/", Point: point, Type: typ, Source: label})
		m.disks[point] = d
	})
}

func (m *machine) umount(point string) {
	m.change(func() {
		m.mounts = slices.DeleteFunc(m.mounts, func(x volumes.Mount) bool { return x.Point == point })
		delete(m.disks, point)
	})
}

func (m *machine) change(f func()) {
	m.mu.Lock()
	f()
	tell := m.tell
	m.mu.Unlock()
	if tell != nil {
		tell()
	}
}

func (m *machine) at(point string) (*memfs.FS, volumes.Mount, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.mounts {
		if x.Point == point {
			return m.disks[point], x, nil
		}
	}
	return nil, volumes.Mount{}, fs.ErrNotExist
}

func (m *machine) open(mount string) (vfs.Driver, error) {
	d, _, err := m.at(mount)
	return kept{d}, err
}

// kept is a driver whose volume may be opened again.
type kept struct{ *memfs.FS }

func (kept) Close() error { return nil }

// Mounts is asked for by package volumes, like the rest.
func (m *machine) Mounts() ([]volumes.Mount, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mounts), nil
}

func (m *machine) Root(point string) (volumes.Root, error) {
	_, x, err := m.at(point)
	return volumes.Root{Dev: 1, Inode: 2, MountID: uint64(x.ID)}, err
}

func (m *machine) Probe(x volumes.Mount) (volumes.Probed, error) {
	root, err := m.Root(x.Point)
	m.mu.Lock()
	label, ok := m.labels[x.Source]
	m.mu.Unlock()
	if !ok {
		label = x.Source
	}
	return volumes.Probed{Root: root, Folder: true, Label: label, UUID: x.Source, Boot: "boot", Capacity: 1000, Free: 400}, err
}

func (m *machine) SetMark(string, volumes.Mark) error { return fs.ErrPermission }

func (m *machine) Readlink(path string) (string, bool, error) {
	m.mu.Lock()
	target, link := m.links[path]
	owner := "/"
	for point := range m.disks {
		if len(point) > len(owner) && strings.HasPrefix(path, point+"/") {
			owner = point
		}
	}
	disk := m.disks[owner]
	m.mu.Unlock()
	if link {
		return target, true, nil
	}
	_, err := disk.Stat(context.Background(), strings.TrimPrefix(strings.TrimPrefix(path, owner), "/"))
	return "", false, err
}

func (m *machine) Watch(ctx context.Context, changed func()) error {
	m.mu.Lock()
	m.tell = changed
	m.mu.Unlock()
	changed()
	<-ctx.Done()
	return ctx.Err()
}

func newPlaces(t *testing.T, m *machine) places {
	t.Helper()
	dir := t.TempDir()
	dev, err := device.Open(device.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	vs := volumes.New(volumes.Options{Platform: m, Open: m.open})
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Close(), vs.Close()); err != nil {
			t.Error(err)
		}
	})
	c, err := catalog.Open(t.Context(), db, event.NewBus())
	if err != nil {
		t.Fatal(err)
	}
	return places{vs, dev, c, ""}
}

// know puts the volume that is mounted at point into the library.
func (p places) know(t *testing.T, point, name string) catalog.Volume {
	t.Helper()
	at, err := p.Resolve(t.Context(), point, true)
	if err != nil {
		t.Fatal(err)
	}
	var v catalog.Volume
	err = p.catalog.Write(t.Context(), func(tx *catalog.Tx) (err error) {
		v, err = tx.PutVolume(catalog.Volume{Device: p.device.ID(), Identity: at.Identity, Name: name, Facts: at.Facts, Online: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestResolve(t *testing.T) {
	m := newMachine()
	stick := m.mount("/mnt/stick", "Stick", "vfat")
	gone := m.mount("/mnt/gone", "Gone", "ext4")
	twin1, twin2 := m.mount("/mnt/a", "A", "ext4"), m.mount("/mnt/b", "B", "ext4")
	slash := m.mount("/mnt/slash", "a/b", "ext4")
	root, _, _ := m.at("/")
	for d, dirs := range map[*memfs.FS][]string{
		root: {"home/photos", "mnt/stick", "mnt/gone/left behind", "mnt/slash"}, stick: {"dir/sub"}, gone: {"dir/sub"}, twin1: {"x"}, twin2: {"x"}, slash: {"dir"},
	} {
		for _, dir := range dirs {
			if err := d.MkdirAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	proc, _, _ := m.at("/proc")
	if err := proc.MkdirAll("self"); err != nil {
		t.Fatal(err)
	}
	m.links["/home/link"] = "/mnt/stick/dir"
	p := newPlaces(t, m)
	p.know(t, "/", "Root")
	p.know(t, "/mnt/stick", "My Stick")
	p.know(t, "/mnt/gone", "Gone")
	p.know(t, "/mnt/a", "Twin")
	p.know(t, "/mnt/b", "Twin")
	odd := p.know(t, "/mnt/slash", "a/b")
	local := p.know(t, "/mnt/stick", "My Stick")
	m.umount("/mnt/gone")
	m.umount("/mnt/slash")
	here := p.device.Info()
	long := strings.Repeat("/"+strings.Repeat("n", 200), 30)

	type want struct {
		volume, path string
		online       bool
		kind         errs.Kind
	}
	on := func(volume, path string) want { return want{volume, path, true, ""} }
	off := func(volume, path string) want { return want{volume, path, false, ""} }
	fails := func(k errs.Kind) want { return want{kind: k} }
	for _, c := range []struct {
		path   string
		follow bool
		want   want
	}{
		{"/", true, on("Root", "")},
		{"/home/photos", true, on("Root", "home/photos")},
		{"/home/photos/", true, on("Root", "home/photos")},
		{"/home/./x/../photos", true, fails(errs.NotFound)}, // x is looked for, as the system does
		{"/home/new name", false, on("Root", "home/new name")},
		{"/home/new name", true, fails(errs.NotFound)},
		{"/home/link", true, on("Stick", "dir")},
		{"/home/link", false, on("Root", "home/link")},
		{"/home/link/sub", false, on("Stick", "dir/sub")},
		{"/mnt/stick", true, on("Stick", "")},
		{"/mnt/stick/dir", true, on("Stick", "dir")},
		{"sd://local", true, on("Root", "")},
		{"sd://local/mnt/stick/dir", true, on("Stick", "dir")},
		{"sd://local/home/link", true, on("Stick", "dir")},
		{"sd://" + here.Slug + "/mnt/stick/dir", true, on("Stick", "dir")},
		{"sd://" + string(here.ID) + "/home", true, on("Root", "home")},
		{"sd://My Stick", true, on("Stick", "")},
		{"sd://My Stick/dir/sub", true, on("Stick", "dir/sub")},
		{"sd://My%20Stick/dir", true, on("Stick", "dir")},
		{"sd://" + local.Identity + "/dir", true, on("Stick", "dir")},
		{"sd://Gone/dir/any", true, off("Gone", "dir/any")},
		{"sd://Gone", false, off("Gone", "")},
		{"/mnt/gone/dir/sub", true, off("Gone", "dir/sub")},
		{"/mnt/gone/dir", false, off("Gone", "dir")},
		{"/mnt/gone/any", false, off("Gone", "any")},
		{"sd://local/mnt/gone/dir", true, off("Gone", "dir")},
		{"/mnt/gone", true, on("Root", "mnt/gone")}, // an empty folder stands there now
		{"/mnt/gone/left behind", true, on("Root", "mnt/gone/left behind")},
		{"sd://" + byIdentity(odd) + "/dir", true, off("a/b", "dir")},
		{long, false, fails(errs.NotFound)},
		{"/mnt/gone" + long, true, off("Gone", long[1:])},
		{"sd://Twin/x", true, fails(errs.Conflict)},
		{"sd://Nobody/x", true, fails(errs.NotFound)},
		{"sd://content/" + strings.Repeat("a", 64), true, fails(errs.Unsupported)},
		{"home", true, fails(errs.Invalid)},
		{"./home", true, fails(errs.Invalid)},
		{"", true, fails(errs.Invalid)},
		{"sd://", true, fails(errs.Invalid)},
		{"sd://local//home", true, fails(errs.Invalid)},
		{"sd://local/../home", true, fails(errs.Invalid)},
		{"/home\x00", true, fails(errs.Invalid)},
		{"/proc/self", true, fails(errs.Unsupported)},
		{"sd://local/proc", true, fails(errs.Unsupported)},
		{"/home/no/where", true, fails(errs.NotFound)},
	} {
		at, err := p.Resolve(t.Context(), c.path, c.follow)
		if errs.KindOf(err) != c.want.kind {
			t.Errorf("%.80q: %v, want kind %q", c.path, err, c.want.kind)
			continue
		}
		if err != nil {
			if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Path == "" && c.path != "" {
				t.Errorf("%.80q: the error %v names no path", c.path, err)
			}
			continue
		}
		name := at.Name
		if v := volumes.Recall(at.Facts); name != "a/b" {
			name = v.Label
		}
		if got := (want{name, at.Path, at.Driver != nil && at.Ground.Online, ""}); got != c.want {
			t.Errorf("%.80q: %+v, want %+v", c.path, got, c.want)
		}
	}
}

// TestAddressesLeadBack: the address that is shown of a place leads to it, online
// and offline, whatever the volume is called.
func TestAddressesLeadBack(t *testing.T) {
	m := newMachine()
	p := newPlaces(t, m)
	for i, name := range []string{"Disk", "a/b", "local", "content", p.device.Info().Slug, "..", "100% new\n", "\xff"} {
		point := "/mnt/" + string(rune('a'+i))
		root, _, _ := m.at("/")
		if err := root.MkdirAll(point[1:]); err != nil {
			t.Fatal(err)
		}
		if err := m.mount(point, "label "+string(rune('a'+i)), "ext4").MkdirAll("dir/\xff\n%"); err != nil {
			t.Fatal(err)
		}
		v := p.know(t, point, name)
		for _, online := range []bool{true, false} {
			if !online {
				m.umount(point)
			}
			for _, path := range []string{"", "dir", "dir/\xff\n%"} {
				address := p.Ground(v).SdPath(path).String()
				at, err := p.Resolve(t.Context(), address, false)
				if err != nil || at.Identity != v.Identity || at.Path != path || at.Ground.Online != online {
					t.Errorf("%q, online %v: %s leads to %q on %q, %v", name, online, address, at.Path, at.Name, err)
				}
			}
		}
	}
}

func TestCutLong(t *testing.T) {
	name := strings.Repeat("n", 255)
	for _, c := range []struct{ path, abs, rest string }{
		{"/short", "/short", ""},
		{strings.Repeat("/", 5000) + "a", "/a", ""},
		{"/" + strings.Repeat("x/../", 1000) + "a", "/a", ""},
		{strings.Repeat("/"+name, 20), strings.Repeat("/"+name, 15), strings.Repeat("/"+name, 5)[1:]},
	} {
		abs, rest := cutLong(c.path)
		if abs != c.abs || rest != c.rest {
			t.Errorf("%d bytes: cut into %d and %d, want %d and %d", len(c.path), len(abs), len(rest), len(c.abs), len(c.rest))
		}
	}
}
