package volumes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	idRoot = "uuid:00000000-0000-0000-0000-000000000001"
	idA    = "uuid:aaaaaaaa-0000-0000-0000-000000000000"
	idB    = "uuid:bbbbbbbb-0000-0000-0000-000000000000"
)

// Both come as /dev/sdb1: nothing in the mount table tells them apart.
func driveA() *drive {
	return &drive{dev: "8:17", typ: "ext4", source: "/dev/sdb1", uuid: "aaaaaaaa-0000-0000-0000-000000000000"}
}
func driveB() *drive {
	return &drive{dev: "8:17", typ: "ext4", source: "/dev/sdb1", uuid: "bbbbbbbb-0000-0000-0000-000000000000"}
}

func TestD3DrivesTakingTurnsAtOneMountPoint(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/usb", driveA())
	a := w.resolve("/mnt/usb/x")
	if a.Volume.Identity != idA || a.Path != "x" || drivenBy(t, a.Driver) != driveA().uuid {
		t.Fatalf("%+v", a)
	}
	// Between two looks at the table, A goes and B comes: the table is the same text.
	w.umount("/mnt/usb")
	w.mount("/mnt/usb", driveB())
	if _, _, err := w.DriverFor(t.Context(), idA); !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
		t.Fatalf("A is gone, got %v", err)
	}
	b := w.resolve("/mnt/usb/x")
	if b.Volume.Identity != idB || drivenBy(t, b.Driver) != driveB().uuid {
		t.Fatalf("%+v", b)
	}
	if _, err := a.Driver.Stat(t.Context(), "x"); !errs.Is(err, errs.Unavailable) {
		t.Fatalf("A's driver reaches B: %v", err)
	}
	// And back.
	w.umount("/mnt/usb")
	w.mount("/mnt/usb", driveA())
	if p := w.resolve("/mnt/usb"); p.Volume.Identity != idA || p.Path != "" || drivenBy(t, p.Driver) != driveA().uuid {
		t.Fatalf("%+v", p)
	}
}

func TestD4SameDriveAtAnotherMountPoint(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/usb", driveA())
	_, mount, err := w.DriverFor(t.Context(), idA)
	if err != nil || mount != "/mnt/usb" {
		t.Fatal(mount, err)
	}
	w.umount("/mnt/usb")
	w.mount("/media/me/disk", &drive{dev: "8:33", typ: "ext4", source: "/dev/sdc1", uuid: driveA().uuid})
	d, mount, err := w.DriverFor(t.Context(), idA)
	if err != nil || mount != "/media/me/disk" || drivenBy(t, d) != driveA().uuid {
		t.Fatal(mount, err)
	}
}

func TestD1UnpluggedWhileIdle(t *testing.T) {
	w := newWorld(t)
	w.serve()
	w.expect(idRoot, Online)
	w.mount("/mnt/usb", driveA())
	w.tell()
	w.expect(idA, Online)
	d, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	real := w.last()
	w.umount("/mnt/usb")
	w.tell()
	w.expect(idA, Offline)
	if _, err := d.Stat(t.Context(), ""); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	eventually(t, "the driver is closed", func() bool { real.mu.Lock(); defer real.mu.Unlock(); return *real.closed == 1 })
	// The folder below now lies on the root volume, and says so.
	if p := w.resolve("/mnt/usb"); p.Volume.Identity != idRoot || p.Path != "mnt/usb" {
		t.Errorf("%+v", p)
	}
	w.mount("/mnt/usb", driveA())
	w.tell()
	w.expect(idA, Online)
}

func TestD3ReplacedIsToldWithoutAnyoneAsking(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/usb", driveA())
	w.serve()
	w.expectSet(map[string]State{idRoot: Online, idA: Online})
	w.exchange("/mnt/usb", driveB())
	w.tell()
	w.expect(idA, Offline)
	w.expect(idB, Online)
}

func (w *world) expectSet(want map[string]State) {
	w.t.Helper()
	for range len(want) {
		select {
		case c := <-w.changes:
			if want[c.Volume.Identity] != c.Volume.State {
				w.t.Fatalf("told %s %s", c.Volume.Identity, c.Volume.State)
			}
		case <-time.After(5 * time.Second):
			w.t.Fatal("too few changes")
		}
	}
}

func TestD5CloneIsNotTakenForTheOriginal(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	w.resolve("/mnt/a")
	w.mount("/mnt/copy", &drive{dev: "8:33", typ: "ext4", source: "/dev/sdc1", uuid: driveA().uuid})
	_, err := w.Resolve(t.Context(), "/mnt/copy/x")
	wantKind(t, err, errs.Conflict)
	if errs.RemedyOf(err) == "" {
		t.Error("no remedy")
	}
	vs, err := w.List(t.Context())
	if err != nil || len(vs) != 3 || vs[1].State != Online || vs[2].State != Clone || vs[2].Mount != "/mnt/copy" || len(vs[1].Mounts) != 1 {
		t.Fatalf("%+v, %v", vs, err)
	}
	// With the original gone, the copy is still not the original.
	w.umount("/mnt/a")
	_, _, err = w.DriverFor(t.Context(), idA)
	wantKind(t, err, errs.Conflict)
	// Mounted again it cannot be told from it any more.
	w.umount("/mnt/copy")
	w.mount("/mnt/copy", &drive{dev: "8:33", typ: "ext4", source: "/dev/sdc1", uuid: driveA().uuid})
	w.resolve("/mnt/copy/x")
}

func TestOneShareMountedTwiceIsOneVolume(t *testing.T) {
	w := newWorld(t)
	w.mount("/n1", &drive{dev: "0:50", typ: "nfs4", source: "nas:/x"})
	w.mount("/n2", &drive{dev: "0:51", typ: "nfs4", source: "nas:/x"})
	vs, err := w.List(t.Context())
	if err != nil || len(vs) != 2 || fmt.Sprint(vs[1].Mounts) != "[/n1 /n2]" || !vs[1].Network {
		t.Fatalf("%+v, %v", vs, err)
	}
	w.umount("/n1")
	if _, mount, err := w.DriverFor(t.Context(), "nfs:nas:/x"); err != nil || mount != "/n2" {
		t.Fatal(mount, err)
	}
}

func TestD8HungMountBlocksNobody(t *testing.T) {
	w := newWorld(t)
	w.serve()
	w.expect(idRoot, Online)
	w.mount("/mnt/a", driveA())
	w.tell()
	w.expect(idA, Online)
	held, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	_ = held
	release := w.stall("/mnt/a")
	defer release()

	_, err = w.Resolve(t.Context(), "/mnt/a/deep/file")
	wantKind(t, err, errs.Unavailable)
	if errs.RemedyOf(err) == "" {
		t.Error("no remedy")
	}
	w.expect(idA, Hung)
	before := w.touches("/mnt/a")

	// From now on it is left alone, and everything else works at once.
	start := time.Now()
	for range 50 {
		if _, err := w.Resolve(t.Context(), "/mnt/a/deep/file"); !errs.Is(err, errs.Unavailable) {
			t.Fatal(err)
		}
		if _, _, err := w.DriverFor(t.Context(), idA); !errs.Is(err, errs.Unavailable) {
			t.Fatal(err)
		}
		w.resolve("/home/me/file")
		vs, err := w.List(t.Context())
		if err != nil || len(vs) != 2 || vs[1].State != Hung || vs[1].Identity != idA {
			t.Fatalf("%+v, %v", vs, err)
		}
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("others waited for the hung volume: %s", took)
	}
	if now := w.touches("/mnt/a"); now > before+1 {
		t.Errorf("the hung volume was touched %d times more", now-before)
	}
	release()
	w.expect(idA, Online)
	if p := w.resolve("/mnt/a/deep/file"); p.Volume.Identity != idA {
		t.Errorf("%+v", p)
	}
}

func TestD8HungFromTheStart(t *testing.T) {
	w := newWorld(t)
	w.mount("/n", &drive{dev: "0:50", typ: "nfs4", source: "nas:/x"})
	w.mount("/mnt/a", driveA())
	stop1, stop2 := w.stall("/n"), w.stall("/mnt/a")
	defer stop1()
	defer stop2()
	w.resolve("/x") // does not wait
	vs, err := w.List(t.Context())
	if err != nil || len(vs) != 3 {
		t.Fatalf("%+v, %v", vs, err)
	}
	if vs[1].Identity != "nfs:nas:/x" || vs[1].State != Hung {
		t.Errorf("a share is known without touching it: %+v", vs[1])
	}
	if vs[2].Identity != "" || vs[2].State != Hung || vs[2].Mount != "/mnt/a" {
		t.Errorf("%+v", vs[2])
	}
	_, _, err = w.DriverFor(t.Context(), "nfs:nas:/x")
	wantKind(t, err, errs.Unavailable)
	_, _, err = w.DriverFor(t.Context(), idA)
	wantKind(t, err, errs.Unavailable)
}

func TestD8ManyCallersOfAHungMountMakeFewGoroutines(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	w.resolve("/mnt/a")
	release := w.stall("/mnt/a")
	defer release()
	before := w.touches("/mnt/a")
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if _, err := w.Resolve(t.Context(), "/mnt/a/x/y"); !errs.Is(err, errs.Unavailable) {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if n := w.touches("/mnt/a") - before; n > walkers+2 {
		t.Errorf("%d calls stand in the hung volume", n)
	}
}

func TestCloseDoesNotWaitForAHungMount(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	release := w.stall("/mnt/a")
	if _, err := w.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := w.Close(); err != nil || time.Since(start) > 2*time.Second {
		t.Error(err, time.Since(start))
	}
	_, err := w.Resolve(t.Context(), "/x")
	wantKind(t, err, errs.Unavailable)
	_, _, err = w.DriverFor(t.Context(), idRoot)
	wantKind(t, err, errs.Unavailable)
	_, err = w.List(t.Context())
	wantKind(t, err, errs.Unavailable)
	release()
	<-w.idle
}

func TestCallerGivesUp(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Timeout = time.Minute })
	w.mount("/mnt/a", driveA())
	release := w.stall("/mnt/a")
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.Resolve(ctx, "/mnt/a/x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, _, err := w.DriverFor(ctx, idA); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, err := w.List(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestD12WhatOneMayNotLookAtIsLeftOut(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/theirs", &drive{dev: "0:60", typ: "fuse.encfs", source: "encfs", err: fs.ErrPermission})
	w.mount("/mnt/dead", &drive{dev: "0:61", typ: "fuse.encfs", source: "encfs", err: errors.New("transport endpoint is not connected")})
	vs, err := w.List(t.Context())
	if err != nil || len(vs) != 2 || vs[1].Mount != "/mnt/dead" || vs[1].State != Broken || vs[1].Err == nil {
		t.Fatalf("%+v, %v", vs, err)
	}
	_, err = w.Resolve(t.Context(), "/mnt/theirs/x")
	wantKind(t, err, errs.Denied)
	_, err = w.Resolve(t.Context(), "/mnt/dead/x")
	wantKind(t, err, errs.Unavailable)
}

func TestIdleDriverIsClosedAndOpenedAgainOnTheSameVolume(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Idle = 20 * time.Millisecond })
	w.serve()
	w.mount("/mnt/a", driveA())
	d, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	closed := func(s stub) func() bool {
		return func() bool { s.mu.Lock(); defer s.mu.Unlock(); return *s.closed == 1 }
	}
	eventually(t, "idle driver closed, so the volume can be unmounted", closed(w.last()))
	if drivenBy(t, d) != driveA().uuid || w.count() != 2 {
		t.Fatal("not opened again", w.count())
	}
	// An open file keeps it open.
	h, err := d.Open(t.Context(), "file")
	if err != nil {
		t.Fatal(err)
	}
	n := w.count()
	time.Sleep(60 * time.Millisecond)
	if *w.last().closed != 0 || w.count() != n {
		t.Error("closed below an open file")
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "closed after the file", closed(w.last()))
	// The wrong drive is not opened in its place.
	w.umount("/mnt/a")
	w.mount("/mnt/a", driveB())
	n = w.count()
	if _, err := d.Stat(t.Context(), ""); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	if w.count() != n {
		t.Error("the wrong drive was opened")
	}
}

func TestFoldersThatAreChangedKeepTheDriverOpen(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Idle = 20 * time.Millisecond })
	w.serve()
	w.mount("/mnt/a", driveA())
	d, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(vfs.Dir) (io.Closer, error){
		"itself":  func(f vfs.Dir) (io.Closer, error) { return d.Features().Writing.Dir(t.Context(), "") },
		"folder":  func(f vfs.Dir) (io.Closer, error) { return f.Sub(t.Context(), "x") },
		"reading": func(f vfs.Dir) (io.Closer, error) { return f.Open(t.Context(), "x") },
		"new":     func(f vfs.Dir) (io.Closer, error) { return f.Create(t.Context(), "x", 0o600) },
		"writing": func(f vfs.Dir) (io.Closer, error) { return f.Write(t.Context(), "x") },
	} {
		f, err := d.Features().Writing.Dir(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, wraps := vfs.DirAs[stubDir](f); !wraps {
			t.Error("the folder cannot be unwrapped")
		}
		c, err := open(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		last, n := w.last(), w.count()
		time.Sleep(60 * time.Millisecond)
		last.mu.Lock()
		if *last.closed != 0 || w.count() != n {
			t.Errorf("%s: the driver was closed below it", name)
		}
		last.mu.Unlock()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+": the driver is closed after it", func() bool { last.mu.Lock(); defer last.mu.Unlock(); return *last.closed == 1 })
	}
	w.umount("/mnt/a")
	if _, err := w.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = d.Features().Writing.Dir(t.Context(), "")
	wantKind(t, err, errs.Unavailable)
}

func TestReplacedWhileOpening(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	open := w.o.Open
	once := sync.OnceFunc(func() {
		w.umount("/mnt/a")
		w.mount("/mnt/a", driveB())
	})
	w.o.Open = func(mount string) (_ vfs.Driver, _ error) { once(); return open(mount) }
	_, _, err := w.DriverFor(t.Context(), idA)
	wantKind(t, err, errs.Unavailable)
	if *w.last().closed != 1 {
		t.Error("the wrong drive's driver was kept")
	}
	w.resolve("/mnt/a/x")
}

func TestDriverErrorsAndFeatures(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	d, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	f := d.Features()
	if f.Space != nil || f.Readlink == nil {
		t.Fatalf("%+v", f)
	}
	if target, err := f.Readlink(t.Context(), "x"); err != nil || target != driveA().uuid {
		t.Error(target, err)
	}
	stop := errors.New("enough")
	if err := d.List(t.Context(), "", func([]vfs.Entry) error { return stop }); err != stop { //nolint:errorlint // as is
		t.Errorf("emit's error must come back as is: %v", err)
	}
	w.umount("/mnt/a")
	if _, err := w.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"stat":     func() error { _, err := d.Stat(t.Context(), ""); return err },
		"list":     func() error { return d.List(t.Context(), "", func([]vfs.Entry) error { return nil }) },
		"open":     func() error { _, err := d.Open(t.Context(), ""); return err },
		"readlink": func() error { _, err := f.Readlink(t.Context(), ""); return err },
	} {
		if err := call(); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRemountedReadOnlyIsTheSameVolume(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	d, _, err := w.DriverFor(t.Context(), idA)
	if err != nil {
		t.Fatal(err)
	}
	w.fakeOS.mu.Lock()
	w.fakeOS.mounts[1].ReadOnly = true
	w.fakeOS.mu.Unlock()
	if p := w.resolve("/mnt/a"); !p.Volume.ReadOnly {
		t.Error("not seen as read-only")
	}
	if drivenBy(t, d) != driveA().uuid || w.count() != 1 {
		t.Error("the driver was given up")
	}
}
