package local

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/f", nil, 0o644), os.Symlink(dir, dir+"/link"), os.Symlink("nowhere", dir+"/dangling"))
	for root, kind := range map[string]errs.Kind{
		dir + "/none":                    errs.NotFound,
		dir + "/f":                       errs.NotFound,
		dir + "/dangling":                errs.NotFound,
		"/" + strings.Repeat("x/", 2500): errs.Invalid,
		"":                               errs.NotFound,
	} {
		if d, err := New(root, Options{}); !errs.Is(err, kind) {
			t.Errorf("New(%.50q) = %v, %v; want %s", root, d, err, kind)
		}
	}
	for _, root := range []string{"/", dir + "/link"} {
		d, err := New(root, Options{})
		must(t, err)
		if e, err := d.Stat(t.Context(), ""); err != nil || e.Kind != vfs.Folder || e.Mount {
			t.Errorf("root of %s: %+v, %v", root, e, err)
		}
		must(t, d.Close())
	}
}

// The volume of the whole machine: /proc and the like are seen, not entered.
func TestRootOfTheMachine(t *testing.T) {
	d, err := New("/", Options{})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	if e, err := d.Stat(t.Context(), "proc"); err != nil || !e.Mount || e.Inode != 0 {
		t.Errorf("/proc: %+v, %v", e, err)
	}
	for _, path := range []string{"proc/self/root", "proc/1"} {
		if _, err := d.Stat(t.Context(), path); !errs.Is(err, errs.Unsupported) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A8: neither a deep path nor a failing one keeps descriptors.
func TestFault_A8_DescriptorsAreGivenBack(t *testing.T) {
	for way, steps := range ways {
		t.Run(way, func(t *testing.T) {
			_, d, disk := fixture(t, steps, Options{})
			path := ""
			for range 30 {
				path = vfs.Join(path, strings.Repeat("p", 250))
				must(t, disk.Mkdir(path))
			}
			must(t, disk.WriteFile(path+"/f", nil), disk.Symlink("f", path+"/l"), disk.FIFO("pipe"))
			must(t, disk.WriteFile("f", nil))
			before := descriptors(t)
			least := before
			err := d.List(t.Context(), path, func([]vfs.Entry) error { least = descriptors(t) - before; return nil })
			if err != nil || least != 1 {
				t.Errorf("a listing holds %d descriptors, %v", least, err)
			}
			for _, p := range []string{path, path + "/f", path + "/l", path + "/l/x", path + "/none/x", path + "/f/x", "pipe", "f", "none", "", "../x",
				strings.Repeat("x", 5000), path + "/" + strings.Repeat("x", 5000) + "/y"} {
				_, _ = d.Stat(t.Context(), p)
				_ = d.List(t.Context(), p, func([]vfs.Entry) error { return nil })
				_, _ = d.readlink(t.Context(), p)
				if h, err := d.Open(t.Context(), p); err == nil {
					must(t, h.Close())
				}
			}
			if after := descriptors(t); after > before {
				t.Errorf("%d descriptors became %d", before, after)
			}
			for _, p := range []string{strings.Repeat("x", 5000), "a/" + strings.Repeat("x", 300)} {
				if _, err := d.Stat(t.Context(), p); !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.NotFound) {
					t.Errorf("a name too long: %v", err)
				}
			}
		})
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	f, err := os.Open("/proc/self/fd")
	must(t, err)
	names, err := f.Readdirnames(-1)
	must(t, err, f.Close())
	return len(names) - 1 // the one just closed
}

// Close waits for nobody, and nobody gets another file for it.
func TestCloseDuringUse(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")))
	h, err := d.Open(t.Context(), "f")
	must(t, err)
	must(t, d.root.use(func(fd int) error {
		must(t, d.Close())
		var st unix.Stat_t
		return unix.Fstat(fd, &st) // still ours
	}))
	if err := d.root.use(func(int) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("after Close: %v", err)
	}
	if n, err := h.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("an open file outlives its volume: %d, %v", n, err)
	}
	must(t, h.Close())
	var st unix.Stat_t
	if err := unix.Fstat(d.root.fd, &st); err != unix.EBADF {
		t.Logf("the number %d is in use again: %v", d.root.fd, err)
	}
}

func TestFault_B9_HardLinksAndTimes(t *testing.T) {
	_, d, disk := fixture(t, false, Options{})
	must(t, disk.WriteFile("f", []byte("x")), os.Link(disk.OSPath("f"), disk.OSPath("g")))
	when := time.Unix(1234567890, 123456789)
	must(t, os.Chtimes(disk.OSPath("f"), when, when), os.Chmod(disk.OSPath("f"), 0o640|os.ModeSetuid|os.ModeSticky))
	f, err := d.Stat(t.Context(), "f")
	must(t, err)
	g, err := d.Stat(t.Context(), "g")
	must(t, err)
	g.Name = "f"
	if f != g || f.Links != 2 || f.Modified != when.UnixNano() || f.Mode != 0o5640 || f.Changed == 0 {
		t.Errorf("%+v, %+v", f, g)
	}
}

func TestNanoseconds(t *testing.T) {
	for in, want := range map[unix.StatxTimestamp]int64{
		{Sec: 1, Nsec: 5}:                  1_000_000_005,
		{Sec: -1, Nsec: 999_999_999}:       -1,
		{Sec: 1 << 40}:                     math.MaxInt64,
		{Sec: -1 << 40}:                    math.MinInt64,
		{Sec: math.MaxInt64, Nsec: 1}:      math.MaxInt64,
		{Sec: 9223372036, Nsec: 999999999}: math.MaxInt64,
	} {
		if got := nanoseconds(in); got != want {
			t.Errorf("%+v = %d, want %d", in, got, want)
		}
	}
	if c := capacity(math.MaxUint64, 4096); c != math.MaxInt64 {
		t.Errorf("capacity %d", c)
	}
}

// Whatever a broken file system puts into a folder, reading it ends without a
// panic and without reading past the record.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x18\x00\x08abc\x00\x00"))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x18\x00\x08abcde"))
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08abc\x00\x00"))
	f.Fuzz(func(t *testing.T, records []byte) {
		for len(records) > 0 {
			name, kind, rest, err := cut(records)
			if err != nil {
				return
			}
			if len(name) == 0 || len(rest) >= len(records) || kind > vfs.BlockDevice || strings.Contains(string(name), "\x00") {
				t.Fatalf("%q, %v, %d bytes left of %d", name, kind, len(rest), len(records))
			}
			records = rest
		}
	})
}
