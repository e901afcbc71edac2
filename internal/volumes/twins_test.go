package volumes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func original() *drive {
	d := driveA()
	d.label, d.traits = "photos", Traits{Serial: "disk-1", Size: 1000, Born: 5}
	return d
}

// copied is the original, block for block, on another disk.
func copied(serial string) *drive {
	d := original()
	d.dev, d.source, d.traits.Serial = "8:33", "/dev/sdc1", serial
	return d
}

// remembering makes worlds that share a memory: runs of the daemon on one machine.
func remembering(t *testing.T) func() *world {
	file := filepath.Join(t.TempDir(), "volumes.json")
	return func() *world { return newWorld(t, func(o *Options) { o.Memory = file }) }
}

// ends closes a world before the test does.
func (w *world) ends() {
	w.t.Helper()
	if err := w.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) adopt(mount, as string, mark bool) Volume {
	w.t.Helper()
	v, err := w.Adopt(w.t.Context(), mount, as, mark)
	if err != nil {
		w.t.Fatalf("adopt %s: %v", mount, err)
	}
	return v
}

func (w *world) stateAt(mount string) (string, State) {
	w.t.Helper()
	vs, err := w.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range vs {
		if v.Mount == mount {
			return v.Identity, v.State
		}
	}
	w.t.Fatal("no volume at ", mount)
	return "", ""
}

func (w *world) stands(mount, identity string, state State) {
	w.t.Helper()
	if id, s := w.stateAt(mount); id != identity || s != state {
		w.t.Errorf("at %s is %s, %s; want %s, %s", mount, id, s, identity, state)
	}
}

func TestFault_D5_CopyIsRememberedUntilItIsAdopted(t *testing.T) {
	start := remembering(t)
	w := start()
	w.mount("/mnt/a", original())
	w.resolve("/mnt/a")
	w.mount("/mnt/copy", copied("disk-2"))
	w.stands("/mnt/copy", idA, Clone)
	// The copy alone, before and after a new start: still nobody's.
	w.umount("/mnt/a")
	w.umount("/mnt/copy")
	w.mount("/mnt/copy", copied("disk-2"))
	w.stands("/mnt/copy", idA, Clone)
	w.ends()
	w = start()
	w.mount("/mnt/a", copied("disk-2"))
	w.stands("/mnt/a", idA, Clone)
	if _, _, err := w.DriverFor(t.Context(), idA); !errs.Is(err, errs.Conflict) {
		t.Errorf("the copy is taken for the original: %v", err)
	}

	own := w.adopt("/mnt/a", "", false)
	if !strings.HasPrefix(own.Identity, idA+"+") || own.State != Online || own.Name != "photos" {
		t.Fatalf("%+v", own)
	}
	if d, mount, err := w.DriverFor(t.Context(), own.Identity); err != nil || mount != "/mnt/a" || drivenBy(t, d) == "" {
		t.Errorf("%s, %v", mount, err)
	}
	w.ends()

	// Each is recognised, wherever and with whomever it is mounted.
	w = start()
	w.mount("/mnt/x", copied("disk-2"))
	w.mount("/mnt/y", original())
	w.stands("/mnt/x", own.Identity, Online)
	w.stands("/mnt/y", idA, Online)
	w.umount("/mnt/x")
	w.umount("/mnt/y")
	w.mount("/mnt/x", original())
	w.stands("/mnt/x", idA, Online)
	// A third one is nobody's.
	w.mount("/mnt/z", copied("disk-3"))
	w.stands("/mnt/z", idA, Clone)
	third := w.adopt("/mnt/z", "", false)
	if third.Identity == own.Identity || third.State != Online {
		t.Errorf("%+v", third)
	}
	w.stands("/mnt/x", idA, Online)
}

func TestFault_D5_FirstMountedIsNotTheOriginal(t *testing.T) {
	w := remembering(t)()
	w.mount("/mnt/copy", copied("disk-2")) // was there first
	w.resolve("/mnt/copy")
	w.mount("/mnt/a", original())
	w.stands("/mnt/copy", idA, Online)
	w.stands("/mnt/a", idA, Clone)
	own := w.adopt("/mnt/copy", "", false)
	w.stands("/mnt/copy", own.Identity, Online)
	w.stands("/mnt/a", idA, Online)
}

func TestFault_D5_SameVolumeInAnotherCase(t *testing.T) {
	start := remembering(t)
	w := start()
	w.mount("/mnt/a", original())
	w.resolve("/mnt/a")
	w.mount("/mnt/copy", copied("disk-2"))
	w.stands("/mnt/copy", idA, Clone)
	own := w.adopt("/mnt/copy", "", false)
	w.umount("/mnt/copy")
	w.mount("/mnt/copy", copied("usb-case"))
	w.stands("/mnt/copy", idA, Clone)
	for as, kind := range map[string]errs.Kind{idA: errs.Conflict, idB: errs.Conflict} { // that one is mounted; that is another one altogether
		if _, err := w.Adopt(t.Context(), "/mnt/copy", as, false); !errs.Is(err, kind) {
			t.Errorf("as %s: %v", as, err)
		}
	}
	if again := w.adopt("/mnt/copy", own.Identity, false); again.Identity != own.Identity || again.State != Online {
		t.Errorf("%+v", again)
	}
	w.ends()
	w = start()
	w.mount("/mnt/copy", copied("usb-case"))
	w.stands("/mnt/copy", own.Identity, Online)
}

func TestFault_D7_MarkTellsWhatNothingElseDoes(t *testing.T) {
	start := remembering(t)
	w := start()
	twin := func() *drive { d := copied("disk-1"); return d } // nothing is known that differs
	w.mount("/mnt/a", original())
	w.resolve("/mnt/a")
	c := twin()
	w.mount("/mnt/copy", c)
	w.stands("/mnt/copy", idA, Clone)
	_, err := w.Adopt(t.Context(), "/mnt/copy", "", false)
	wantKind(t, err, errs.Conflict)
	if errs.RemedyOf(err) == "" {
		t.Error("no remedy")
	}
	own := w.adopt("/mnt/copy", "", true)
	if c.mark.For != idA || own.Identity != idA+"+"+c.mark.ID || own.State != Online {
		t.Fatalf("%+v, %+v", own, c.mark)
	}
	w.ends()
	// Also on a machine that has never seen it.
	w = newWorld(t)
	w.mount("/mnt/copy", c)
	w.stands("/mnt/copy", own.Identity, Online)
	w.ends()
	// A mark that came with files from elsewhere does not count.
	w = newWorld(t)
	b := driveB()
	b.mark = c.mark
	w.mount("/mnt/b", b)
	w.stands("/mnt/b", idB, Online)
	// A copy of the marked one is a copy again.
	w.mount("/mnt/copy", c)
	cc := twin()
	cc.dev, cc.mark = "8:49", c.mark
	w.mount("/mnt/copy2", cc)
	w.stands("/mnt/copy2", own.Identity, Clone)
	if own2 := w.adopt("/mnt/copy2", "", true); own2.Identity == own.Identity || own2.State != Online {
		t.Errorf("%+v", own2)
	}
	w.stands("/mnt/copy", own.Identity, Online)
}

func TestAdoptRefuses(t *testing.T) {
	w := remembering(t)()
	w.mount("/mnt/a", original())
	w.resolve("/mnt/a")
	_, err := w.Adopt(t.Context(), "/mnt/a", "", false)
	wantKind(t, err, errs.Conflict)
	_, err = w.Adopt(t.Context(), "/nowhere", "", false)
	wantKind(t, err, errs.NotFound)
	w.mount("/mnt/copy", copied("disk-2"))
	w.stands("/mnt/copy", idA, Clone)
	w.fakeOS.mu.Lock()
	w.fakeOS.mounts[2].ReadOnly = true
	w.fakeOS.mu.Unlock()
	_, err = w.Adopt(t.Context(), "/mnt/copy", "", true)
	wantKind(t, err, errs.Denied)
	if v := w.adopt("/mnt/copy", "", false); v.State != Online || !v.ReadOnly {
		t.Errorf("D11: read-only media need no mark: %+v", v)
	}
}

func TestAdoptMarksWholeVolumesOnly(t *testing.T) {
	w := newWorld(t)
	w.bind("/mnt/a", "/sub", original())
	w.resolve("/mnt/a")
	w.bind("/mnt/copy", "/sub", copied("disk-2"))
	w.stands("/mnt/copy", idA+":/sub", Clone)
	_, err := w.Adopt(t.Context(), "/mnt/copy", "", true)
	wantKind(t, err, errs.Unsupported)
	if v := w.adopt("/mnt/copy", "", false); v.State != Online || !strings.HasPrefix(v.Identity, idA+":/sub+") {
		t.Errorf("%+v", v)
	}
}

func TestDamagedMemoryIsLeftOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "volumes.json")
	if err := os.WriteFile(file, []byte(`{"twins": 3`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *Options) { o.Memory = file })
	w.mount("/mnt/a", original())
	w.stands("/mnt/a", idA, Online)
}

func TestAdoptOperation(t *testing.T) {
	w := remembering(t)()
	w.mount("/mnt/a", original())
	w.resolve("/mnt/a")
	w.mount("/mnt/\xff", copied("disk-2"))
	if _, err := w.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	defs := w.Ops(&fakeBook{}, "me")
	v, err := call[View](t, defs, "volume.info", `{"volume":"photos 2"}`)
	if err != nil || v.State != Clone || !strings.Contains(v.Remedy, "volume adopt") {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err = call[View](t, defs, "volume.adopt", `{"volume":"photos 2"}`); err != nil || v.State != Online || v.Identity == idA {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := call[View](t, defs, "volume.adopt", `{"volume":"Root"}`); !errs.Is(err, errs.Conflict) {
		t.Error(err)
	}
	if _, err := call[View](t, defs, "volume.adopt", `{"volume":"photos 2","as":"nothing"}`); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
}
