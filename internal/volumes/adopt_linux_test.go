package volumes

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func serviceWith(t *testing.T, memory string) *Service {
	t.Helper()
	s := New(Options{Memory: memory, Open: func(mount string) (vfs.Driver, error) { return local.New(mount, local.Options{}) }})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func closeNow(t *testing.T, s *Service) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func cloneImage(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFault_D5_RealCopyIsAdopted(t *testing.T) {
	dir := tempDir(t)
	memory := dir + "/volumes.json"
	ext4Image(t, dir+"/a.img", "photos")
	cloneImage(t, dir+"/a.img", dir+"/copy.img")
	loopMount(t, dir+"/a.img", dir+"/a")
	s := serviceWith(t, memory)
	a := s.mustResolve(t, dir+"/a/f").Volume.Identity
	loopMount(t, dir+"/copy.img", dir+"/b", "ro") // D11: nothing is written on it
	_, err := s.Resolve(t.Context(), dir+"/b/f")
	wantKind(t, err, errs.Conflict)
	own, err := s.Adopt(t.Context(), dir+"/b", "", false)
	if err != nil || own.Identity == a || own.State != Online || !own.ReadOnly {
		t.Fatalf("%+v, %v", own, err)
	}
	if p := s.mustResolve(t, dir+"/b/f"); p.Volume.Identity != own.Identity {
		t.Errorf("%+v", p.Volume)
	}
	closeNow(t, s)
	umount(t, dir+"/a")
	umount(t, dir+"/b")
	// Another run meets the copy where the original was.
	loopMount(t, dir+"/copy.img", dir+"/a")
	s = serviceWith(t, memory)
	if p := s.mustResolve(t, dir+"/a/f"); p.Volume.Identity != own.Identity {
		t.Errorf("%+v", p.Volume)
	}
	if _, _, err := s.DriverFor(t.Context(), a); !errs.Is(err, errs.Unavailable) {
		t.Errorf("the original is not here: %v", err)
	}
}

func TestFault_D7_RealMark(t *testing.T) {
	dir := tempDir(t)
	ext4Image(t, dir+"/a.img", "photos")
	cloneImage(t, dir+"/a.img", dir+"/copy.img")
	loopMount(t, dir+"/a.img", dir+"/a")
	s := serviceWith(t, dir+"/volumes.json")
	a := s.mustResolve(t, dir+"/a/f").Volume.Identity
	loopMount(t, dir+"/copy.img", dir+"/b")
	if _, err := s.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	own, err := s.Adopt(t.Context(), dir+"/b", "", true)
	if err != nil || own.State != Online {
		t.Fatalf("%+v, %v", own, err)
	}
	if m := readMark(dir + "/b"); m.For != a || own.Identity != a+"+"+m.ID {
		t.Errorf("%+v, %s", m, own.Identity)
	}
	closeNow(t, s)
	umount(t, dir+"/a")
	// A machine that never saw them knows it; without its mark, only this machine does.
	s = serviceWith(t, "")
	if p := s.mustResolve(t, dir+"/b/f"); p.Volume.Identity != own.Identity {
		t.Errorf("%+v", p.Volume)
	}
	closeNow(t, s)
	if err := os.Remove(filepath.Join(dir, "b", markFile)); err != nil {
		t.Fatal(err)
	}
	s = serviceWith(t, dir+"/volumes.json")
	if p := s.mustResolve(t, dir+"/b/f"); p.Volume.Identity != own.Identity {
		t.Errorf("its mark was removed by hand: %+v", p.Volume)
	}
}

func TestRealSpeedtest(t *testing.T) {
	dir := tempDir(t)
	mountOrSkip(t, "tmpfs", dir+"/m", "tmpfs", 0, "size=400m")
	s := serviceWith(t, dir+"/volumes.json")
	at := s.mustResolve(t, dir+"/m").Volume
	if !at.Speed.Measured.IsZero() || at.Medium != Memory {
		t.Errorf("%+v", at)
	}
	_, err := s.Speedtest(t.Context(), at.Identity, false)
	wantKind(t, err, errs.Unavailable) // it is empty
	v, err := s.Speedtest(t.Context(), at.Identity, true)
	if err != nil || v.Speed.Read <= 0 || v.Speed.IOPS <= 0 || v.Speed.Write <= 0 {
		t.Fatalf("%+v, %v", v.Speed, err)
	}
	if names, err := os.ReadDir(dir + "/m"); err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	closeNow(t, s)
	// It is remembered, and shown.
	s = serviceWith(t, dir+"/volumes.json")
	if again := s.mustResolve(t, dir+"/m").Volume; again.Speed != v.Speed {
		t.Errorf("%+v, want %+v", again.Speed, v.Speed)
	}
	shown, err := call[View](t, s.Ops(&fakeBook{}, "me"), "volume.info", `{"volume":"`+dir+`/m"}`)
	if err != nil || shown.Speed == nil || *shown.Speed != v.Speed || shown.Medium != Memory {
		t.Errorf("%+v, %v", shown, err)
	}
	if err := os.WriteFile(dir+"/m/large", make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	shown, err = call[View](t, s.Ops(&fakeBook{}, "me"), "volume.speedtest", `{"volume":"`+dir+`/m"}`)
	if err != nil || shown.Speed == nil || shown.Speed.Write != 0 || shown.Speed.Read <= 0 {
		t.Errorf("%+v, %v", shown.Speed, err)
	}
}

// A FIFO that took a file's place must not be opened: that would wait for a writer.
func TestMeasureOpensNoFIFO(t *testing.T) {
	root, dir := openRoot(t)
	if err := unix.Mkfifo(dir+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := openUncached(root, "pipe"); err == nil {
		_ = f.Close()
		t.Error("a FIFO was opened")
	}
}

func TestRealOverlay(t *testing.T) {
	dir := tempDir(t)
	mountOrSkip(t, "tmpfs", dir, "tmpfs", 0, "size=4m")
	for _, sub := range []string{"lower", "upper", "work", "other"} {
		if err := os.Mkdir(dir+"/"+sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	layers := "lowerdir=" + dir + "/lower,upperdir=" + dir + "/upper,workdir=" + dir + "/work"
	mountOrSkip(t, "overlay", dir+"/m", "overlay", 0, layers)
	s, _ := realService(t)
	one := s.mustResolve(t, dir+"/m").Volume
	umount(t, dir+"/m")
	mountOrSkip(t, "overlay", dir+"/elsewhere", "overlay", 0, layers)
	if again := s.mustResolve(t, dir+"/elsewhere").Volume; again.Identity != one.Identity || again.FS != "overlay" {
		t.Errorf("%+v, was %+v", again, one)
	}
	mountOrSkip(t, "overlay", dir+"/m", "overlay", 0, "lowerdir="+dir+"/lower:"+dir+"/other")
	if other := s.mustResolve(t, dir+"/m").Volume; other.Identity == one.Identity {
		t.Errorf("two overlays are one: %+v", other)
	}
}

func TestRealXFS(t *testing.T) {
	dir := tempDir(t)
	makeImage(t, dir+"/a.img", 320<<20, "mkfs.xfs", "-q", "-f", "-L", "music")
	loopMount(t, dir+"/a.img", dir+"/m")
	s, _ := realService(t)
	v := s.mustResolve(t, dir+"/m").Volume
	if !strong(v.Identity) || v.FS != "xfs" || v.Label != "music" {
		t.Errorf("%+v", v)
	}
}

func TestRealVFAT(t *testing.T) {
	dir := tempDir(t)
	makeImage(t, dir+"/a.img", 8<<20, "mkfs.vfat", "-n", "STICK")
	loopMount(t, dir+"/a.img", dir+"/m")
	s, _ := realService(t)
	v := s.mustResolve(t, dir+"/m").Volume
	if !strong(v.Identity) || v.FS != "vfat" || v.Label != "STICK" {
		t.Errorf("%+v", v)
	}
}
