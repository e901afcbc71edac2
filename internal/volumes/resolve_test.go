package volumes

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestResolve(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Timeout = time.Minute }) // nothing hangs here
	w.mount("/mnt/a", driveA())
	w.mount("/proc", &drive{dev: "0:5", typ: "proc", source: "proc"})
	w.mount("/etc/hosts", &drive{dev: "0:90", typ: "ext4", source: "/dev/vdz", file: true})
	w.bind("/home/me/x", "/srv/x", &drive{dev: "8:1", typ: "ext4", source: "/dev/sda1", uuid: idRoot[5:]})
	w.bind("/jail", "/", &drive{dev: "8:1", typ: "ext4", source: "/dev/sda1", uuid: idRoot[5:]})
	w.links = map[string]string{
		"/link":        "mnt/a/dir",
		"/abs":         "/mnt/a",
		"/mnt/a/up":    "..",
		"/mnt/a/out":   "/home/me",
		"/loop1":       "/loop2",
		"/loop2":       "loop1",
		"/chain":       "/link/../up",
		"/mnt/a/\xff ": "/home",
	}
	tests := []struct {
		path     string
		follow   bool
		identity string
		rel      string
		kind     errs.Kind
	}{
		{path: "/", identity: idRoot, rel: ""},
		{path: "/home/me/a b\xff\n", identity: idRoot, rel: "home/me/a b\xff\n"},
		{path: "/mnt/a", identity: idA, rel: ""},
		{path: "/mnt/a/", identity: idA, rel: ""},
		{path: "//mnt/./a//x/y", identity: idA, rel: "x/y"},
		{path: "/mnt/ab", identity: idRoot, rel: "mnt/ab"},
		{path: "/mnt", identity: idRoot, rel: "mnt"},
		{path: "/link/x", identity: idA, rel: "dir/x"},
		{path: "/link", identity: idRoot, rel: "link"},
		{path: "/link", follow: true, identity: idA, rel: "dir"},
		{path: "/link/", identity: idA, rel: "dir"},
		{path: "/abs/up/x", identity: idRoot, rel: "mnt/x"},
		{path: "/mnt/a/up", identity: idA, rel: "up"},
		{path: "/mnt/a/dir/../x", identity: idA, rel: "x"},
		{path: "/link/../x", identity: idA, rel: "x"}, // the kernel's way: after the link, not before
		{path: "/chain", follow: true, identity: idRoot, rel: "mnt"},
		{path: "/mnt/a/out/y", identity: idRoot, rel: "home/me/y"},
		{path: "/mnt/a/\xff /x", identity: idRoot, rel: "home/x"},
		{path: "/../../x", identity: idRoot, rel: "x"},
		{path: "/home/me/x/y", identity: idRoot, rel: "srv/x/y"},
		{path: "/home/me/x", identity: idRoot, rel: "srv/x"},
		{path: "/jail/etc", identity: idRoot, rel: "etc"},
		{path: "/jail/mnt/a/x", kind: errs.Unsupported},
		{path: "/etc/hosts", identity: idRoot, rel: "etc/hosts"},
		{path: "/proc", kind: errs.Unsupported},
		{path: "/proc/self", kind: errs.Unsupported},
		{path: "/loop1/x", kind: errs.Invalid},
		{path: "/loop1", follow: true, kind: errs.Invalid},
		{path: "relative", kind: errs.Invalid},
		{path: "", kind: errs.Invalid},
		{path: "/a\x00b", kind: errs.Invalid},
	}
	for _, tt := range tests {
		var o []ResolveOption
		if tt.follow {
			o = append(o, Follow())
		}
		p, err := w.Resolve(t.Context(), tt.path, o...)
		if tt.kind != "" {
			if !errs.Is(err, tt.kind) {
				t.Errorf("%q: got %v, want %s", tt.path, err, tt.kind)
			}
			continue
		}
		if err != nil || p.Volume.Identity != tt.identity || p.Path != tt.rel {
			t.Errorf("%q: %s %q, %v; want %s %q", tt.path, p.Volume.Identity, p.Path, err, tt.identity, tt.rel)
		}
	}
}

func TestBindMountAloneIsAVolumeOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.bind("/data", "/var/lib/x", driveA())
	p := w.resolve("/data/f")
	if p.Volume.Identity != idA+":/var/lib/x" || p.Path != "f" {
		t.Fatalf("%+v", p)
	}
	// The whole appears: what was known stays reachable.
	w.mount("/mnt/all", driveA())
	if p := w.resolve("/data/f"); p.Volume.Identity != idA || p.Path != "var/lib/x/f" {
		t.Fatalf("%+v", p)
	}
	if _, mount, err := w.DriverFor(t.Context(), idA+":/var/lib/x"); err != nil || mount != "/data" {
		t.Fatal(mount, err)
	}
}

func TestResolveOnThisMachine(t *testing.T) {
	s := New(Options{Open: newWorld(t).openAny})
	defer s.Close()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"file", "real/inside"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("real", filepath.Join(dir, "link")); err != nil {
		t.Skip("no symlinks here:", err)
	}
	p, err := s.Resolve(t.Context(), filepath.Join(dir, "link", "inside"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(filepath.ToSlash(dir)+"/real/inside", "/"+p.Path) || p.Volume.Identity == "" {
		t.Errorf("%+v", p)
	}
	if _, err := s.Resolve(t.Context(), filepath.Join(dir, "file", "x", "y")); !errs.Is(err, errs.NotFound) {
		t.Errorf("below a file: %v", err)
	}
	if _, err := s.Resolve(t.Context(), filepath.Join(dir, "none", "x")); !errs.Is(err, errs.NotFound) {
		t.Errorf("below nothing: %v", err)
	}
	if _, err := s.Resolve(t.Context(), filepath.Join(dir, "none")); err != nil {
		t.Errorf("the last component need not exist: %v", err)
	}
	if _, err := s.Resolve(t.Context(), filepath.Join(dir, "none"), Follow()); !errs.Is(err, errs.NotFound) {
		t.Errorf("but to be followed it must: %v", err)
	}
}

func TestNoPermissionOnTheWay(t *testing.T) {
	w := newWorld(t)
	w.drives["/"].err = nil
	w.resolve("/x")
	w.fakeOS.mu.Lock()
	w.drives["/"].err = &fs.PathError{Op: "readlink", Path: "/secret/x", Err: fs.ErrPermission}
	w.fakeOS.mu.Unlock()
	_, err := w.Resolve(t.Context(), "/secret/x/y")
	wantKind(t, err, errs.Denied)
}
