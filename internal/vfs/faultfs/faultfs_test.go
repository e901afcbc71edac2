package faultfs_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformanceWithoutFaults(t *testing.T) {
	vfstest.Run(t, func(*testing.T) vfstest.Fixture {
		f := memfs.New(nil)
		return vfstest.Fixture{Driver: faultfs.New(f), Make: f, Denies: true,
			Mount: func(_ testing.TB, path string) error { return f.SetMount(path, true) }}
	})
}

// volume is photos/ with 600 files, a/b/c, and a file of 1,000 bytes.
func volume(t *testing.T) *memfs.FS {
	t.Helper()
	f := memfs.New(nil)
	all := []error{f.Mkdir("photos"), f.MkdirAll("a/b"), f.WriteFile("a/b/c", nil), f.WriteFile("big", []byte(strings.Repeat("0123456789", 100)))}
	for i := range 600 {
		all = append(all, f.WriteFile("photos/"+string(rune('a'+i%26))+string(rune('A'+i/26)), nil))
	}
	if err := errors.Join(all...); err != nil {
		t.Fatal(err)
	}
	return f
}

func list(ctx context.Context, f vfs.Driver, dir string) (n int, err error) {
	err = f.List(ctx, dir, func(b []vfs.Entry) error { n += len(b); return nil })
	return n, err
}

func TestListFailsInTheMiddle(t *testing.T) {
	for _, after := range []int{0, 1, 255, 256, 257, 600} {
		f := faultfs.New(volume(t), faultfs.Rule{Op: faultfs.List, Path: "photos", After: int64(after), Errno: syscall.EIO})
		n, err := list(t.Context(), f, "photos")
		if n != after || !errs.Is(err, errs.Internal) || !errors.Is(err, syscall.EIO) || !errors.Is(err, faultfs.ErrInjected) {
			t.Errorf("after %d: %d entries, %v", after, n, err)
		}
		if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Path != "photos" || e.Op != "list" {
			t.Errorf("%#v", err)
		}
		if _, err := list(t.Context(), f, "a"); err != nil {
			t.Errorf("another folder: %v", err)
		}
		f.VerifyAllUsed(t)
	}
}

func TestCallTimesAndOrder(t *testing.T) {
	f := faultfs.New(volume(t), faultfs.Must(`
		# the second call, then each from now on but twice at most
		stat a/**  call=2  error=not_found
		stat a/b/c times=2 error=EACCES
		any  .     error=ESTALE
	`)...)
	for i, want := range []errs.Kind{errs.Denied, errs.NotFound, errs.Denied, "", ""} {
		if _, err := f.Stat(t.Context(), "a/b/c"); errs.KindOf(err) != want {
			t.Errorf("call %d: %v, want %q", i+1, err, want)
		}
	}
	if _, err := f.Stat(t.Context(), ""); !errs.Is(err, errs.Unavailable) {
		t.Errorf("the root: %v", err)
	}
	f.VerifyAllUsed(t)
}

func TestReadFailsFromAByteOn(t *testing.T) {
	f := faultfs.New(volume(t), faultfs.Must("read big after=250 error=EIO")...)
	h, err := f.Open(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(h); len(data) != 250 || !errors.Is(err, syscall.EIO) {
		t.Errorf("Read: %d bytes, %v", len(data), err)
	}
	again, err := f.Open(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 400)
	if n, err := again.ReadAt(buf, 500); n != 250 || !errors.Is(err, syscall.EIO) || string(buf[240:250]) != "0123456789" {
		t.Errorf("ReadAt: %d bytes, %v", n, err)
	}
	if err := errors.Join(h.Close(), again.Close()); err != nil {
		t.Error(err)
	}
	f.VerifyAllUsed(t)
}

func TestDelayAndHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := faultfs.New(volume(t), faultfs.Must(`
			stat a        delay=3s
			list photos   after=100 delay=2s
			open big      call=1 delay=1s error=unavailable
			list a        hang
			read big      call=2 hang
		`)...)
		start := time.Now()
		if _, err := f.Stat(t.Context(), "a"); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if n, err := list(t.Context(), f, "photos"); n != 600 || err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("%d, %v after %s", n, err, time.Since(start))
		}
		if _, err := f.Open(t.Context(), "big"); !errs.Is(err, errs.Unavailable) || time.Since(start) != 6*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := list(ctx, f, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if _, err := f.Stat(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a delay outlives its context: %v", err)
		}
		hangingRead(t, f)
		f.VerifyAllUsed(t)
	})
}

func hangingRead(t *testing.T, f *faultfs.FS) {
	h, err := f.Open(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := h.Read(make([]byte, 10)); n != 10 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	failed := make(chan error)
	go func() { _, err := h.Read(make([]byte, 10)); failed <- err }()
	synctest.Wait()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; !errors.Is(err, faultfs.ErrInjected) {
		t.Errorf("%v", err)
	}
}

type recorder struct{ failures []string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, format)
	_ = args
}

func TestUnusedRulesAreTold(t *testing.T) {
	f := faultfs.New(volume(t), faultfs.Must("stat a error=EIO\nlist photos after=601 error=EIO\nstat nowhere error=EIO")...)
	_, _ = f.Stat(t.Context(), "a")
	_, _ = list(t.Context(), f, "photos")
	var r recorder
	if f.VerifyAllUsed(&r); len(r.failures) != 2 {
		t.Errorf("%d unused, want 2", len(r.failures))
	}
}

func TestScript(t *testing.T) {
	for _, line := range []string{
		"list photos after=100 error=EIO",
		"stat a/** call=3 error=not_found",
		"read big.bin after=65536 times=1 error=ESTALE",
		"open ** hang",
		"any . delay=50ms",
		`stat "my file\n" error=EACCES`,
		"open x delay=1s hang error=denied",
		"change ** call=17 kill",
		"sync ** from=2 error=EIO",
		"rename a/* late error=EIO",
		"copyfrom big times=1 short=0",
		"clone ** flip",
		"copyfrom ** short=10 zeros",
	} {
		rules, err := faultfs.Parse(line)
		if err != nil || len(rules) != 1 || rules[0].String() != line {
			t.Errorf("%s: %v, %v", line, rules, err)
		}
	}
	for _, bad := range []string{"list", "walk a error=EIO", "list a", "list a call=x error=EIO", "list a error=EWHAT", "list [ error=EIO", "list a soon", `list "a error=EIO`} {
		if rules, err := faultfs.Parse("# fine\n" + bad); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v, %v", bad, rules, err)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a", "a/b", false}, {"a/*", "a/b", true}, {"a/*", "a/b/c", false},
		{"**", "", true}, {"**", "a/b/c", true}, {"a/**", "a", true}, {"a/**", "a/b/c", true}, {"a/**", "ab", false},
		{"**/*.jpg", "x/y/z.jpg", true}, {"**/*.jpg", "z.jpg", true}, {"**/*.jpg", "z.png", false},
		{"**/b/**", "a/b/c", true}, {"**/b/**", "a/c", false}, {".", "", true}, {".", "a", false}, {"*", "", false},
	} {
		if got := faultfs.Match(c.pattern, c.path); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.path, got)
		}
	}
}
