package patient

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	vfstest.Run(t, func(t *testing.T) vfstest.Fixture {
		fs := memfs.New(nil)
		k := New(Options{})
		t.Cleanup(k.Close)
		return vfstest.Fixture{Driver: k.Driver("v", fs), Make: fs}
	})
}

// stuck is a volume whose calls hang until they are let go.
type stuck struct {
	vfs.Driver
	mu     sync.Mutex
	what   string // which calls hang: open, stat, read
	free   chan struct{}
	closed int // handles
	opened int
}

func (s *stuck) hang(what string) {
	s.mu.Lock()
	free := s.free
	if s.what != what {
		free = nil
	}
	s.mu.Unlock()
	if free != nil {
		<-free
	}
}

func (s *stuck) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	s.hang("stat")
	return s.Driver.Stat(ctx, path)
}

func (s *stuck) Open(ctx context.Context, path string) (vfs.Handle, error) {
	s.hang("open")
	h, err := s.Driver.Open(ctx, path)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return &stuckHandle{h, s}, err
}

type stuckHandle struct {
	vfs.Handle
	s *stuck
}

func (h *stuckHandle) Read(p []byte) (int, error) {
	h.s.hang("read")
	return h.Handle.Read(p)
}

func (h *stuckHandle) Close() error {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.s.closed++
	return h.Handle.Close()
}

func (s *stuck) set(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.what = what; what != "" {
		s.free = make(chan struct{})
	}
}

// TestFault_D8_HungCallsAreLeftBehind: whoever asks a volume that does not answer gets
// an error in time, few calls of it hang, others go on, and it is asked again once it
// answers. Files are closed whatever happened to their reads.
func TestFault_D8_HungCallsAreLeftBehind(t *testing.T) {
	for _, what := range []string{"open", "stat", "read"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel() // each waits for its deadlines, which a busy machine must not miss for others
			ctx, fs := t.Context(), memfs.New(nil)
			must(t, fs.WriteFile("a", []byte("text")))
			s := &stuck{Driver: fs}
			k := New(Options{Deadline: 2 * time.Second, Most: 2})
			defer k.Close()
			bad, good := k.Driver("bad", s), k.Driver("good", fs)
			one := func(d vfs.Driver) error {
				if _, err := d.Stat(ctx, "a"); err != nil {
					return err
				}
				h, err := d.Open(ctx, "a")
				if err != nil {
					return err
				}
				b := make([]byte, 9)
				_, err = h.Read(b)
				if errs.Is(err, errs.Unavailable) {
					if _, again := h.Read(make([]byte, 9)); !errs.Is(again, errs.Unavailable) {
						t.Errorf("read after a read that hangs: %v", again)
					}
				}
				return errors.Join(err, h.Close())
			}
			must(t, one(bad))
			s.set(what)
			for i := range 2 {
				if _, hangs := k.Hanging("bad"); hangs {
					t.Errorf("it hangs after %d", i)
				}
				if err := one(bad); !errs.Is(err, errs.Unavailable) {
					t.Errorf("call %d: %v", i, err)
				}
			}
			if _, hangs := k.Hanging("bad"); !hangs {
				t.Error("it does not hang")
			}
			before := s.opened
			if err := one(bad); !errs.Is(err, errs.Unavailable) || s.opened != before {
				t.Errorf("a volume that hangs was asked: %v", err)
			}
			must(t, one(good))
			s.set("")
			close(s.free)
			for late := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
				if _, hangs := k.Hanging("bad"); !hangs {
					break
				}
				if time.Now().After(late) {
					t.Fatal("it hangs for ever")
				}
			}
			must(t, one(bad))
			for late := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
				s.mu.Lock()
				opened, closed := s.opened, s.closed
				s.mu.Unlock()
				if opened == closed {
					break
				}
				if time.Now().After(late) {
					t.Fatalf("%d files were opened, %d closed", opened, closed)
				}
			}
		})
	}
}

// TestFault_D8_WholeHasALimitForEachCall: many calls may take long together, one may
// not, and who is left behind is told so at its next call.
func TestFault_D8_WholeHasALimitForEachCall(t *testing.T) {
	fs := memfs.New(nil)
	must(t, fs.WriteFile("a", make([]byte, 9)))
	s := &stuck{Driver: fs}
	k := New(Options{Deadline: 1500 * time.Millisecond, Most: 1})
	defer k.Close()
	w := k.Driver("v", s).(Whole)
	ended := make(chan error, 1)
	read := func(d vfs.Driver) error {
		h, err := d.Open(t.Context(), "a")
		if err != nil {
			return err
		}
		defer h.Close()
		b := make([]byte, 1)
		for err == nil {
			time.Sleep(200 * time.Millisecond)
			_, err = h.Read(b)
		}
		ended <- err
		return err
	}
	if err := w.Whole(t.Context(), read); !errors.Is(err, io.EOF) || !errors.Is(<-ended, io.EOF) {
		t.Errorf("a slow one: %v", err)
	}
	s.set("read")
	if err := w.Whole(t.Context(), read); !errs.Is(err, errs.Unavailable) {
		t.Errorf("one that hangs: %v", err)
	}
	if err := w.Whole(t.Context(), read); !errs.Is(err, errs.Unavailable) {
		t.Errorf("while it hangs: %v", err)
	}
	close(s.free)
	if err := <-ended; !errs.Is(err, errs.Unavailable) {
		t.Errorf("who was left behind read on: %v", err)
	}
}

// TestNobodyWaitsForWhatIsCancelled, nor when the program ends, and neither makes a
// volume one that hangs.
func TestNobodyWaitsForWhatIsCancelled(t *testing.T) {
	fs := memfs.New(nil)
	must(t, fs.WriteFile("a", []byte("text")))
	s := &stuck{Driver: fs}
	s.set("stat")
	k := New(Options{Most: 1})
	d := k.Driver("v", s)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for range 3 {
		if _, err := d.Stat(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if _, hangs := k.Hanging("v"); hangs {
		t.Error("it hangs because nobody waited")
	}
	k.Close()
	if _, err := d.Stat(t.Context(), "a"); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	for range 2 * mostLeft { // there is an end to what is left behind
		_, _ = d.Stat(ctx, "a")
	}
	if n := k.volumes["v"].left; n > mostLeft {
		t.Errorf("%d calls were left behind", n)
	}
	close(s.free)
}

func BenchmarkSmallFile(b *testing.B) {
	fs := memfs.New(nil)
	must(b, fs.WriteFile("a", make([]byte, 16<<10)))
	k := New(Options{})
	defer k.Close()
	for name, d := range map[string]vfs.Driver{"plain": fs, "patient": k.Driver("v", fs)} {
		buffer := make([]byte, 512<<10)
		read := func(d vfs.Driver) error {
			h, err := d.Open(b.Context(), "a")
			must(b, err)
			_, err = h.Stat()
			must(b, err)
			for err == nil {
				_, err = h.Read(buffer)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
			_, err = h.Stat()
			must(b, err)
			return h.Close()
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, read(d))
			}
		})
		if w, ok := d.(Whole); ok {
			b.Run("whole", func(b *testing.B) {
				for b.Loop() {
					must(b, w.Whole(b.Context(), read))
				}
			})
		}
	}
}
