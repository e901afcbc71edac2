package volumes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

var quick = budget{each: 50 * time.Millisecond, bytes: 4 << 20, random: 50, minimum: 1 << 20}

func openRoot(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Close(); err != nil {
			t.Error(err)
		}
	})
	return root, dir
}

func TestMeasure(t *testing.T) {
	root, dir := openRoot(t)
	for i, size := range []int{3 << 20, 100_001, small} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("0", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, write := range []bool{false, true} {
		v, err := measure(t.Context(), root, []string{"0", "1", "2", "gone", "link"}, write, quick)
		if err != nil || v.Read <= 0 || v.IOPS <= 0 || v.Write > 0 != write || time.Since(v.Measured) > time.Minute {
			t.Errorf("write %v: %+v, %v", write, v, err)
		}
	}
	if names, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %q, %v", names, err)
	}
}

func TestMeasureWhatIsNotThere(t *testing.T) {
	root, dir := openRoot(t)
	if err := os.WriteFile(filepath.Join(dir, "small"), make([]byte, small), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := measure(t.Context(), root, []string{"small"}, false, quick)
	wantKind(t, err, errs.Unavailable)
	if errs.RemedyOf(err) == "" {
		t.Error("no remedy")
	}
	if v, err := measure(t.Context(), root, nil, true, quick); err != nil || v.Write <= 0 || v.Read <= 0 {
		t.Errorf("with a file of its own: %+v, %v", v, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := measure(ctx, root, nil, true, quick); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if names, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %q, %v", names, err)
	}
}

func TestClassOfSpeed(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		speed Speed
		or    Class
		want  Class
	}{
		{Speed{}, Cold, Cold},
		{Speed{Read: 500, IOPS: 20000, Measured: now}, Warm, Hot},
		{Speed{Read: 150, IOPS: 150, Measured: now}, Hot, Warm},
		{Speed{Read: 110, IOPS: 400, Measured: now}, Cold, Warm},
		{Speed{Read: 5, IOPS: 5000, Measured: now}, Hot, Cold},
		{Speed{Read: 5000, IOPS: 5000, Cached: true, Measured: now}, Cold, Cold}, // memory answered, not the network
		{Speed{Read: 5, IOPS: 10, Cached: true, Measured: now}, Hot, Cold},       // slow it is anyway
	} {
		if got := c.speed.class(c.or); got != c.want {
			t.Errorf("%+v, else %s: %s, want %s", c.speed, c.or, got, c.want)
		}
	}
}

func TestLargest(t *testing.T) {
	d := memfs.New(nil)
	if err := d.MkdirAll("a/b"); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		for dir, size := range map[string]int{"": 10, "a": small + i, "a/b": 2*small + i} {
			if err := d.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), make([]byte, size)); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := largest(t.Context(), d)
	if err != nil || len(got) != wantedFiles || got[0] != filepath.Join("a", "b", "f39") || slices.Contains(got, "f0") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSpeedtestRefuses(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	_, err := w.Speedtest(t.Context(), idB, false)
	wantKind(t, err, errs.Unavailable)
	w.resolve("/mnt/a")
	_, err = w.Speedtest(t.Context(), idA, true)
	wantKind(t, err, errs.Unavailable) // 400 bytes are free
	w.fakeOS.mu.Lock()
	w.fakeOS.mounts[1].ReadOnly = true
	w.fakeOS.mu.Unlock()
	_, err = w.Speedtest(t.Context(), idA, true)
	wantKind(t, err, errs.Denied)
	w.Service.mu.Lock()
	w.table.byPoint["/mnt/a"].testing = true
	w.Service.mu.Unlock()
	_, err = w.Speedtest(t.Context(), idA, false)
	wantKind(t, err, errs.Conflict)
}

// onDisk is a world with a drive whose files are in a real folder.
func onDisk(t *testing.T, change ...func(*Options)) (w *world, dir string) {
	t.Helper()
	dir = filepath.ToSlash(t.TempDir())
	open := func(mount string) (vfs.Driver, error) { return local.New(mount, local.Options{}) }
	w = newWorld(t, append(change, func(o *Options) { o.Open = open })...)
	w.budget = quick
	w.mount(dir, &drive{dev: "8:17", typ: "ext4", source: "/dev/sdb1", uuid: driveA().uuid})
	if err := os.WriteFile(filepath.Join(dir, "large"), make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return w, dir
}

func TestSpeedtestIsRemembered(t *testing.T) {
	memory := filepath.Join(t.TempDir(), "volumes.json")
	w, dir := onDisk(t, func(o *Options) { o.Memory = memory })
	book := &fakeBook{known: []Known{{ID: 7, Identity: idA, Name: "Stick"}}}
	v, err := call[View](t, w.Ops(book, "me"), "volume.speedtest", `{"volume":"Stick"}`)
	if err != nil || v.Speed == nil || v.Speed.Read <= 0 || v.Speed.IOPS <= 0 || v.ID != "7" {
		t.Fatalf("%+v, %v", v, err)
	}
	if book.known[0].Facts.Speed != *v.Speed {
		t.Errorf("the library knows %+v, want %+v", book.known[0].Facts.Speed, *v.Speed)
	}
	w.umount(dir)
	if off, err := call[View](t, w.Ops(book, "me"), "volume.info", `{"volume":"7"}`); err != nil || off.State != Offline || off.Speed == nil || *off.Speed != *v.Speed {
		t.Errorf("offline: %+v, %v", off, err)
	}
	if _, err := call[View](t, w.Ops(book, "me"), "volume.speedtest", `{"volume":"Stick"}`); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	again := newWorld(t, func(o *Options) { o.Memory = memory })
	again.mount("/elsewhere", driveA())
	if p := again.resolve("/elsewhere"); p.Volume.Speed != *v.Speed {
		t.Errorf("after a new start: %+v", p.Volume.Speed)
	}
}

func TestFault_D8_SpeedtestOfAHungVolume(t *testing.T) {
	w, dir := onDisk(t)
	w.resolve(dir)
	files, err := largest(t.Context(), memfs.New(nil))
	if err != nil {
		t.Fatal(err)
	}
	r := w.table.byPoint[dir]
	r.testing = true
	release := w.stall(dir)
	defer release()
	_, err = w.speed(t.Context(), r, files, false)
	wantKind(t, err, errs.Unavailable)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = w.speed(ctx, r, files, false); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	w.Service.mu.Lock()
	defer w.Service.mu.Unlock()
	if !r.testing {
		t.Error("another one may begin while this one hangs")
	}
}

func TestSpeedtestOfWhatTookItsPlace(t *testing.T) {
	w, dir := onDisk(t)
	w.resolve(dir)
	r := w.table.byPoint[dir]
	w.umount(dir)
	w.mount(dir, driveB())
	_, err := w.speed(t.Context(), r, nil, false)
	wantKind(t, err, errs.Unavailable)
}
