package faultfs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

func TestWritingWithoutFaults(t *testing.T) {
	vfstest.RunWriting(t, func(*testing.T) vfstest.Fixture {
		f := memfs.New(nil)
		return vfstest.Fixture{Driver: faultfs.New(f), Make: f, Denies: true,
			Mount: func(_ testing.TB, path string) error { return f.SetMount(path, true) }}
	})
}

func ok(t *testing.T, all ...error) {
	t.Helper()
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// script is every call that changes something, once; it ends with the first error.
func script(ctx context.Context, f vfs.Driver) (err error) {
	top, err := f.Features().Writing.Dir(ctx, "")
	if err != nil {
		return err
	}
	defer func() { _ = top.Close() }()
	var d vfs.Dir
	var h, g vfs.WriteHandle
	steps := []func() error{
		func() error { return top.Mkdir(ctx, "d", 0o755) },
		func() (err error) { d, err = top.Sub(ctx, "d"); return err },
		func() (err error) { h, err = d.Create(ctx, "f", 0o644); return err },
		func() error { return h.Allocate(100) },
		func() error { _, err := h.Write([]byte("0123456789")); return err },
		func() error { return h.Truncate(8) },
		func() error { _, err := h.SetMeta(&vfs.Meta{Mode: 0o600}, vfs.PartMode); return err },
		func() error { return h.Sync() },
		func() (err error) { g, err = d.Create(ctx, "g", 0o644); return err },
		func() error { return g.Clone(h) },
		func() error { _, err := g.CopyFrom(h, 0, 8, 8); return err },
		func() error { return d.Symlink(ctx, "l", "f") },
		func() error { return top.Link(ctx, "hard", d, "f") },
		func() error { return d.Rename(ctx, "f", top, "moved", vfs.NoReplace) },
		func() error { return top.Unlink(ctx, "hard") },
		func() error { return d.Sync(ctx) },
		func() error { return d.Unlink(ctx, "l") },
		func() error { return d.Unlink(ctx, "g") },
		func() error { return top.Rmdir(ctx, "d") },
		func() error { return top.SyncAll(ctx) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

const changesOfScript = 19

func TestEveryChangeFails(t *testing.T) {
	plain := faultfs.New(memfs.New(nil))
	ok(t, script(t.Context(), plain))
	if n := plain.Changes(); n != changesOfScript {
		t.Fatalf("%d changes", n)
	}
	ops := map[string]bool{}
	for n := 1; n <= changesOfScript; n++ {
		for _, late := range []bool{false, true} {
			f := faultfs.New(memfs.New(nil), faultfs.Rule{Op: faultfs.Change, Path: "**", Call: n, Errno: syscall.EDQUOT, Late: late})
			err := script(t.Context(), f)
			if e := (*errs.Error)(nil); !errs.Is(err, errs.Unavailable) || !errors.Is(err, syscall.EDQUOT) || !errors.Is(err, faultfs.ErrInjected) || !errors.As(err, &e) {
				t.Errorf("call %d: %v", n, err)
			} else if ops[e.Op] = true; f.Changes() != n {
				t.Errorf("call %d: %d changes", n, f.Changes())
			}
			f.VerifyAllUsed(t)
		}
	}
	if len(ops) != 16 {
		t.Errorf("%d operations: %v", len(ops), ops)
	}
}

func TestKill(t *testing.T) {
	for _, late := range []bool{false, true} {
		for n := 1; n <= changesOfScript; n++ {
			f := faultfs.New(memfs.New(nil), faultfs.Rule{Op: faultfs.Change, Path: "**", Call: n, Kill: true, Late: late})
			if err := script(t.Context(), f); !errors.Is(err, faultfs.ErrKilled) || !f.Killed() || f.Changes() != n {
				t.Errorf("call %d: %v", n, err)
			}
			if _, err := f.Stat(t.Context(), ""); !errors.Is(err, faultfs.ErrKilled) {
				t.Errorf("after the end: %v", err)
			}
		}
	}
	f := faultfs.New(memfs.New(nil))
	d, err := f.Features().Writing.Dir(t.Context(), "")
	ok(t, err)
	h, err := d.Create(t.Context(), "f", 0o644)
	ok(t, err)
	f.Kill()
	_, errWrite := h.Write([]byte("x"))
	_, errRead := h.Read(make([]byte, 1))
	_, errStat := h.Stat()
	for _, err := range []error{errWrite, errRead, errStat, h.Sync(), d.Sync(t.Context()), d.List(t.Context(), nil), d.Unlink(t.Context(), "f")} {
		if !errors.Is(err, faultfs.ErrKilled) || !errs.Is(err, errs.Unavailable) {
			t.Errorf("%v", err)
		}
	}
	if e, err := f.Driver.Stat(t.Context(), "f"); err != nil || e.Size != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

// A call that is done and fails is done; one that fails is not.
func TestLate(t *testing.T) {
	for _, late := range []bool{false, true} {
		m := memfs.New(nil)
		f := faultfs.New(m, faultfs.Rule{Op: faultfs.Mkdir, Path: "d", Errno: syscall.EIO, Late: late})
		d, err := f.Features().Writing.Dir(t.Context(), "")
		ok(t, err)
		if err := d.Mkdir(t.Context(), "d", 0o755); !errors.Is(err, syscall.EIO) {
			t.Error(err)
		}
		if _, err := m.Stat(t.Context(), "d"); (err == nil) != late {
			t.Errorf("late %v: %v", late, err)
		}
	}
}

func TestFault_C7_ENOSPCInTheMiddle(t *testing.T) {
	m := memfs.New(nil)
	f := faultfs.New(m, faultfs.Must("write f after=10 error=ENOSPC")...)
	d, err := f.Features().Writing.Dir(t.Context(), "")
	ok(t, err)
	h, err := d.Create(t.Context(), "f", 0o644)
	ok(t, err)
	if n, err := h.Write([]byte("01234")); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := h.WriteAt([]byte("56789abc"), 5); n != 5 || !errors.Is(err, syscall.ENOSPC) || !errs.Is(err, errs.Unavailable) {
		t.Errorf("%d, %v", n, err)
	}
	if e, err := m.Stat(t.Context(), "f"); err != nil || e.Size != 10 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestFault_C14_CopiesThatLie(t *testing.T) {
	const want = "0123456789"
	for script, expect := range map[string]struct {
		n    int64
		data string
	}{
		"copyfrom dst short=4":                      {4, "0123"},
		"copyfrom dst short=0":                      {0, ""},
		"copyfrom dst zeros":                        {10, strings.Repeat("\x00", 10)},
		"copyfrom dst flip":                         {10, "0123446789"},
		"copyfrom dst short=4\ncopyfrom dst zeros":  {4, strings.Repeat("\x00", 4)},
		"copyfrom other flip":                       {10, want},
		"copyfrom dst call=2 flip":                  {10, want},
		"clone dst flip":                            {-1, "0123446789"},
		"clone dst zeros":                           {-1, strings.Repeat("\x00", 10)},
		"write dst flip":                            {-2, "0123446789"},
		"any dst error=EOPNOTSUPP call=2 late flip": {-3, "0123446789"},
	} {
		m := memfs.New(nil)
		ok(t, m.WriteFile("src", []byte(want)))
		f := faultfs.New(m, faultfs.Must(script)...)
		d, err := f.Features().Writing.Dir(t.Context(), "")
		ok(t, err)
		src, err := d.Open(t.Context(), "src")
		ok(t, err)
		h, err := d.Create(t.Context(), "dst", 0o644)
		ok(t, err)
		var n int64
		switch expect.n {
		case -1:
			n, err = -1, h.Clone(src)
		case -2:
			_, err = h.Write([]byte(want))
			n = -2
		case -3:
			if n, err = h.CopyFrom(src, 0, 0, 10); errs.Is(err, errs.Unsupported) && n == 10 {
				n, err = -3, nil
			}
		default:
			n, err = h.CopyFrom(src, 0, 0, 10)
		}
		r, _ := m.Open(t.Context(), "dst")
		data, _ := io.ReadAll(r)
		if n != expect.n || err != nil || string(data) != expect.data {
			t.Errorf("%s: %d, %v, %q", script, n, err, data)
		}
	}
}

// P11: what was not synced when a sync failed is lost, and no later sync tells.
func TestPromise_P11_FailedSync(t *testing.T) {
	for script, kept := range map[string]bool{"sync f call=1 error=EIO": false, "syncall . call=1 error=EIO": false, "sync f call=1 late error=EIO": true, "unlink f error=EIO": true} {
		m := memfs.New(nil)
		f := faultfs.New(m, faultfs.Must(script)...)
		d, err := f.Features().Writing.Dir(t.Context(), "")
		ok(t, err)
		h, err := d.Create(t.Context(), "f", 0o644)
		ok(t, err)
		_, err = h.Write([]byte("data"))
		ok(t, err)
		first := errors.Join(h.Sync(), d.SyncAll(t.Context()))
		if strings.HasPrefix(script, "syncall") { // what was synced before stays; write more
			ok(t, second(h.Write([]byte("more"))))
			first = nil
		}
		ok(t, h.Sync(), d.SyncAll(t.Context()), d.Sync(t.Context()))
		e, err := m.Crash(1, 0).Stat(t.Context(), "f")
		ok(t, err)
		if (e.Size > 0) != (kept || strings.HasPrefix(script, "syncall")) {
			t.Errorf("%s: %v, then %+v", script, first, e)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestYield(t *testing.T) {
	m := memfs.New(nil)
	f := faultfs.New(m)
	var seen []string
	f.Yield(func(op faultfs.Op, path string) {
		seen = append(seen, fmt.Sprint(op, " ", path))
		if op == faultfs.Create {
			ok(t, m.WriteFile("d/f", []byte("somebody was faster")))
		}
	})
	err := script(t.Context(), f)
	if !errs.Is(err, errs.Conflict) || !slices.Equal(seen, []string{"folder ", "mkdir d", "folder d", "create d/f"}) {
		t.Errorf("%v, %q", err, seen)
	}
	f.Yield(func(faultfs.Op, string) { panic("killed") })
	defer func() {
		if recover() == nil {
			t.Error("the panic stays inside")
		}
	}()
	_, _ = f.Stat(t.Context(), "")
}

// A rename is matched by both its paths, and counted once.
func TestRenameHasTwoPaths(t *testing.T) {
	m := memfs.New(nil)
	ok(t, m.WriteFile("a", nil), m.Mkdir("d"))
	for _, pattern := range []string{"a", "d/b"} {
		f := faultfs.New(m, faultfs.Rule{Op: faultfs.Rename, Path: pattern, Call: 1, Errno: syscall.EIO})
		top, err := f.Features().Writing.Dir(t.Context(), "")
		ok(t, err)
		d, err := top.Sub(t.Context(), "d")
		ok(t, err)
		if err := top.Rename(t.Context(), "a", d, "b", vfs.NoReplace); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
