package worker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
)

// TestMain lets the test program be the child, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Verb {
		// At once: the race detector's own way out takes a second.
		_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, uintptr(Main(os.Args[2:], getReady)), 0, 0)
	}
	if name := os.Getenv("ONE_WALL"); name != "" {
		oneWall(name)
		_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	}
	goleak.VerifyTestMain(m)
}

// getReady leaves a mark in the folder, and tells what it found by "ready".
func getReady(folder string, ready []string) Handler {
	found := []byte("not asked")
	for _, name := range ready {
		mark := filepath.Join(folder, name)
		if found, _ = os.ReadFile(mark); found == nil {
			found = []byte("nothing")
			_ = os.WriteFile(mark, []byte("a mark"), 0o600)
		}
	}
	return func(ctx context.Context, ask []byte, src io.ReaderAt, size int64) ([]byte, error) {
		if string(ask) == "ready" {
			return found, nil
		}
		return obey(ctx, ask, src, size)
	}
}

// obey is a handler that does as it is told.
func obey(_ context.Context, ask []byte, src io.ReaderAt, size int64) ([]byte, error) {
	verb, arg, _ := strings.Cut(string(ask), " ")
	switch verb {
	case "sum":
		h := sha256.New()
		_, err := io.Copy(h, io.NewSectionReader(src, 0, size))
		return h.Sum(nil), err
	case "at":
		return readPieces(arg, src)
	case "again":
		for {
			b := make([]byte, 1<<20)
			for off := int64(0); off < size; off += int64(len(b)) {
				if _, err := src.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
					return nil, err
				}
			}
		}
	case "loop":
		for n := 0; ; n++ {
			if n < 0 {
				return nil, nil
			}
		}
	case "swell":
		var all [][]byte
		for {
			b := make([]byte, 1<<20)
			for i := range b {
				b[i] = byte(i)
			}
			all = append(all, b)
			if len(all) > 1<<20 {
				return all[0], nil
			}
		}
	case "deep":
		return nil, fmt.Errorf("%d", dig(1))
	case "panic":
		panic("as I was told")
	case "fail":
		return nil, errors.New(arg)
	case "exit":
		n, _ := strconv.Atoi(arg)
		os.Exit(n)
	case "pid":
		return fmt.Append(nil, os.Getpid()), nil
	case "big":
		n, _ := strconv.Atoi(arg)
		return make([]byte, n), nil
	case "env":
		return []byte(strings.Join(os.Environ(), "\n")), nil
	}
	return escape(verb, arg)
}

func dig(n int) int {
	var room [1024]byte
	if n < 0 {
		return 0
	}
	return dig(n+1) + int(room[n%1024])
}

// readPieces reads "off+n,off+n…" and returns what came, joined.
func readPieces(arg string, src io.ReaderAt) ([]byte, error) {
	var out []byte
	for piece := range strings.SplitSeq(arg, ",") {
		var off, n int
		if _, err := fmt.Sscanf(piece, "%d+%d", &off, &n); err != nil {
			return nil, err
		}
		b := make([]byte, n)
		got, err := src.ReadAt(b, int64(off))
		if (err != nil) != (got < n) || err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%d bytes and %w", got, err)
		}
		out = append(out, b[:got]...)
	}
	return out, nil
}

func newPool(t *testing.T, o Options) *Pool {
	t.Helper()
	p := New(o)
	t.Cleanup(p.Close)
	return p
}

func askOf(body string, src []byte) Ask {
	return Ask{Body: []byte(body), Source: bytes.NewReader(src), Size: int64(len(src))}
}

func must(t *testing.T, p *Pool, a Ask) []byte {
	t.Helper()
	out, err := p.Do(t.Context(), a)
	if err != nil {
		t.Fatalf("%s: %v", a.Body, err)
	}
	return out
}

// died checks that a is the end of its child, and that the next ask works.
func died(t *testing.T, p *Pool, a Ask, why string) {
	t.Helper()
	began := time.Now()
	out, err := p.Do(t.Context(), a)
	t.Logf("%.10s: %s", a.Body, time.Since(began))
	var d *Died
	if !errors.As(err, &d) || !strings.Contains(d.Reason, why) {
		t.Fatalf("%s: %q, %v; want a death for %q", a.Body, out, err, why)
	}
	must(t, p, askOf("pid", nil))
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func TestTheFileIsRead(t *testing.T) {
	p := newPool(t, Options{})
	for _, n := range []int{0, 1, blockSize - 1, blockSize, blockSize + 1, 3*blockSize + 5, (keptBlocks + 3) * blockSize} {
		src := noise(n)
		want := sha256.Sum256(src)
		if got := must(t, p, askOf("sum", src)); !bytes.Equal(got, want[:]) {
			t.Errorf("%d bytes come otherwise", n)
		}
	}
	src := noise(2*blockSize + 100)
	got := must(t, p, askOf(fmt.Sprintf("at 0+10,%d+20,5+7,%d+500,%d+1,0+10", blockSize-10, len(src)-100, len(src)), src))
	var want []byte
	for _, r := range [][2]int{{0, 10}, {blockSize - 10, blockSize + 10}, {5, 12}, {len(src) - 100, len(src)}, {0, 10}} {
		want = append(want, src[r[0]:r[1]]...)
	}
	if !bytes.Equal(got, want) {
		t.Error("pieces come otherwise")
	}
}

func TestLargeAnswers(t *testing.T) {
	p := newPool(t, Options{})
	if got := must(t, p, askOf("big 5000000", nil)); len(got) != 5_000_000 {
		t.Errorf("%d bytes", len(got))
	}
}

type brokenAt struct {
	io.ReaderAt
	at  int64
	err error
}

func (b brokenAt) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.at {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, off)
}

// TestErrorsOfTheSource: what cannot be read is not blamed on the file.
func TestErrorsOfTheSource(t *testing.T) {
	p := newPool(t, Options{})
	src := noise(3 * blockSize)
	a := askOf("sum", src)
	gone := errs.New(errs.Unavailable, "the drive is gone")
	a.Source = brokenAt{a.Source, blockSize, gone}
	if _, err := p.Do(t.Context(), a); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	a = askOf("sum", src)
	a.Size *= 2 // it was longer when it was opened
	if _, err := p.Do(t.Context(), a); !errs.Is(err, errs.Conflict) {
		t.Errorf("%v", err)
	}
	if _, err := p.Do(t.Context(), askOf("fail so it is", nil)); !errs.Is(err, errs.Internal) || !strings.Contains(err.Error(), "so it is") {
		t.Errorf("%v", err)
	}
	must(t, p, askOf("sum", src))
}

// TestI24_AChildDiesAlone: crash, hang, endless memory, endless reading.
func TestI24_AChildDiesAlone(t *testing.T) {
	p := newPool(t, Options{Memory: 128 << 20})
	p.reads = 0
	died(t, p, askOf("panic", nil), "panic: as I was told")
	died(t, p, askOf("exit 7", nil), "status 7")
	died(t, p, askOf("swell", nil), "too much memory")
	died(t, p, askOf("deep", nil), "stack")
	short := askOf("loop", nil)
	short.Deadline = 200 * time.Millisecond
	died(t, p, short, "longer than 200ms")
	died(t, p, askOf("again", noise((keptBlocks+1)*blockSize)), "over and over")
}

// slowSource takes its time, for which the file is not to blame.
type slowSource struct {
	io.ReaderAt
	pause time.Duration
}

func (s slowSource) ReadAt(b []byte, off int64) (int, error) {
	time.Sleep(s.pause)
	return s.ReaderAt.ReadAt(b, off)
}

func TestWaitsForTheFileAreNotCounted(t *testing.T) {
	p := newPool(t, Options{})
	src := noise(4 * blockSize)
	a := askOf("sum", src)
	a.Source, a.Deadline = slowSource{a.Source, 200 * time.Millisecond}, 400*time.Millisecond
	must(t, p, a)
}

func TestCancel(t *testing.T) {
	p := newPool(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := p.Do(ctx, askOf("loop", nil)); !errs.Is(err, errs.Cancelled) {
		t.Errorf("%v", err)
	}
	if _, err := p.Do(ctx, askOf("pid", nil)); !errs.Is(err, errs.Cancelled) {
		t.Errorf("%v", err)
	}
	must(t, p, askOf("pid", nil))
}

// TestUrgentOvertakes: what somebody waits for does not wait for the background.
func TestUrgentOvertakes(t *testing.T) {
	p := newPool(t, Options{Workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := p.Do(ctx, askOf("loop", nil)); !errs.Is(err, errs.Cancelled) {
				t.Errorf("%v", err)
			}
		})
	}
	a := askOf("pid", nil)
	a.Urgent = true
	must(t, p, a)
	cancel()
	wg.Wait()
}

// blocked is a source that gives nothing before it is let go.
type blocked struct {
	io.ReaderAt
	asked, free chan struct{}
	once        sync.Once
}

func (b *blocked) ReadAt(p []byte, off int64) (int, error) {
	b.once.Do(func() { close(b.asked) })
	<-b.free
	return b.ReaderAt.ReadAt(p, off)
}

// TestFault_D8_WhoWaitsForItsFileLendsItsPlace: one file that cannot be read for long
// keeps no others waiting, though there is but one place.
func TestFault_D8_WhoWaitsForItsFileLendsItsPlace(t *testing.T) {
	p := newPool(t, Options{Workers: 1})
	p.lanes.lend = time.Millisecond
	text := []byte("text")
	src := &blocked{ReaderAt: bytes.NewReader(text), asked: make(chan struct{}), free: make(chan struct{})}
	slow := make(chan error, 1)
	go func() {
		got, err := p.Do(t.Context(), Ask{Body: []byte("sum"), Source: src, Size: 4})
		if want := sha256.Sum256(text); err == nil && !bytes.Equal(got, want[:]) {
			err = errors.New("it was read wrongly")
		}
		slow <- err
	}()
	<-src.asked
	for range 3 {
		if _, err := p.Do(t.Context(), Ask{Body: []byte("pid")}); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-slow:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	close(src.free)
	if err := <-slow; err != nil {
		t.Error(err)
	}
}

func TestCloseEndsAll(t *testing.T) {
	p := New(Options{Workers: 2})
	var wg sync.WaitGroup
	pid := pidOf(t, p)
	for range 2 {
		wg.Go(func() {
			if _, err := p.Do(t.Context(), askOf("loop", nil)); !errs.Is(err, errs.Unavailable) {
				t.Errorf("%v", err)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	p.Close()
	wg.Wait()
	if _, err := p.Do(t.Context(), askOf("pid", nil)); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Error("a child outlives the pool")
	}
	p.Close()
}

func TestMainByHand(t *testing.T) {
	for _, args := range [][]string{nil, {"x"}, {"-1"}, {launchVerb}, {"1"}, {launchVerb, "{", "/bin/true"}} {
		if Main(args, getReady) == exitOK {
			t.Errorf("%q works", args)
		}
	}
}

// TestWireRefusesNonsense: a child may say what it likes.
func TestWireRefusesNonsense(t *testing.T) {
	for name, b := range map[string][]byte{
		"endless": {0xff, 0xff, 0xff, 0xff}, "cut": {0, 0, 0, 9, 1}, "no map": {0, 0, 0, 1, 1},
		"other types": {0, 0, 0, 3, 0xa1, 0x01, 0x61}, "a promise of much": {0, 0, 0, 6, 0xa1, 0x04, 0x5a, 0x7f, 0xff, 0xff},
	} {
		w, err := newWire(bytes.NewReader(b), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.receive(); err == nil {
			t.Error(name)
		}
	}
}

func FuzzWire(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := newWire(bytes.NewReader(b), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = w.receive()
		}
	})
}
