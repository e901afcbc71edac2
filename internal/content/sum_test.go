package content

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t interface {
	Helper()
	Fatalf(string, ...any)
}, err error,
) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func open(t *testing.T, fs *memfs.FS, path string) vfs.Handle {
	t.Helper()
	h, err := fs.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// pattern is the input of the official test vectors: 0, 1, ... 250, 0, ...
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func TestSumKnownVectors(t *testing.T) {
	for n, want := range map[int]string{
		0:    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
		1:    "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
		1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
	} {
		fs := memfs.New(nil)
		must(t, fs.WriteFile("f", pattern(n)))
		hash, head, seen, err := Sum(t.Context(), open(t, fs, "f"))
		must(t, err)
		if got := hex.EncodeToString(hash[:]); got != want {
			t.Errorf("%d bytes: %s, not %s", n, got, want)
		}
		if len(head) != n || seen.Size != int64(n) {
			t.Errorf("%d bytes: a head of %d, seen with %d", n, len(head), seen.Size)
		}
	}
}

// odd is a file whose reads and looks are as the test wants them.
type odd struct {
	vfs.Handle // of nothing: what is not below is not called
	stat       vfs.Entry
	at         int64
	read       func(p []byte, at int64) (int, error)
}

func (o *odd) Stat() (vfs.Entry, error)             { return o.stat, nil }
func (o *odd) Seek(off int64, _ int) (int64, error) { o.at = off; return off, nil }
func (o *odd) Read(p []byte) (n int, err error) {
	n, err = o.read(p, o.at)
	o.at += int64(n)
	return n, err
}
func (o *odd) whole(p []byte, at int64) (n int, err error) {
	if n = int(max(0, min(int64(len(p)), o.stat.Size-at))); n == 0 {
		err = io.EOF
	}
	clear(p[:n])
	return n, err
}

func TestSumOfMoreThan31Bits(t *testing.T) {
	if testing.Short() || raceEnabled { // which takes ten times as long
		t.Skip("reads 2 GiB")
	}
	const size = 1<<31 + 1
	o := &odd{stat: vfs.Entry{Size: size}}
	o.read = o.whole
	hash, _, _, err := Sum(t.Context(), o)
	must(t, err)
	const want = "2668c9ff2413284150cce5338fa4be63f7876c960a63efa84379f50a56271a3b" // of as many zeros
	if got := hex.EncodeToString(hash[:]); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestPromise_P15_ChangedWhileItWasRead(t *testing.T) {
	for name, change := range map[string]func(o *odd){
		"size":                         func(o *odd) { o.stat.Size++ },
		"cut":                          func(o *odd) { o.stat.Size-- },
		"mtime":                        func(o *odd) { o.stat.Modified++ },
		"ctime alone":                  func(o *odd) { o.stat.Changed++ },
		"inode":                        func(o *odd) { o.stat.Inode++ },
		"short read":                   func(o *odd) { o.at = o.stat.Size },
		"grown, and looking as before": func(o *odd) { o.read = func(p []byte, _ int64) (int, error) { return len(p), nil } },
	} {
		t.Run(name, func(t *testing.T) {
			o := &odd{stat: vfs.Entry{Size: 3 * bufferSize, Modified: 1, Changed: 1, Inode: 1}}
			o.read = func(p []byte, at int64) (int, error) {
				n, err := o.whole(p, at)
				if at == bufferSize {
					change(o)
				}
				return n, err
			}
			if _, _, _, err := Sum(t.Context(), o); !errs.Is(err, errs.Conflict) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestSumIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := &odd{stat: vfs.Entry{Size: 1 << 40}}
	o.read = func(p []byte, at int64) (int, error) { cancel(); return o.whole(p, at) }
	if _, _, _, err := Sum(ctx, o); !errors.Is(err, context.Canceled) || o.at > 2*bufferSize {
		t.Errorf("%v at %d", err, o.at)
	}
}

func TestSumTellsOneByte(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 4096).Draw(rt, "bytes")
		at, by := rapid.IntRange(0, len(b)-1).Draw(rt, "at"), rapid.ByteRange(1, 255).Draw(rt, "by")
		fs := memfs.New(nil)
		sum := func() any {
			must(rt, fs.WriteFile("f", b))
			h, err := fs.Open(context.Background(), "f")
			must(rt, err)
			defer h.Close()
			hash, _, _, err := Sum(context.Background(), h)
			must(rt, err)
			return hash
		}
		before := sum()
		b[at] ^= by
		if sum() == before {
			rt.Errorf("the byte at %d changed by %#x, and the hash did not", at, by)
		}
	})
}
