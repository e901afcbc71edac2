package watch

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// heard collects what a Notifier tells.
type heard struct {
	mu       sync.Mutex
	changed  []ident.EntryID
	dropped  []ident.EntryID
	overflow int
	news     chan struct{}
}

func (h *heard) told() Told {
	note := func(fn func()) {
		h.mu.Lock()
		fn()
		h.mu.Unlock()
		select {
		case h.news <- struct{}{}:
		default:
		}
	}
	return Told{
		Changed:  func(id ident.EntryID) { note(func() { h.changed = append(h.changed, id) }) },
		Dropped:  func(id ident.EntryID) { note(func() { h.dropped = append(h.dropped, id) }) },
		Overflow: func() { note(func() { h.overflow++ }) },
	}
}

// patience is how long a hint may take before the test gives up.
const patience = 30 * time.Second

// until waits for something to be heard.
func (h *heard) until(t *testing.T, what string, fn func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		ok := fn()
		h.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-h.news:
		case <-late:
			t.Fatalf("never heard: %s (changed %v, dropped %v)", what, h.changed, h.dropped)
		}
	}
}

// sight is a Notifier on a folder of the test, and a second folder for marks.
type sight struct {
	*heard
	t    *testing.T
	n    *Notifier
	top  string
	mark string
	next int
}

const markID ident.EntryID = 1000

func newSight(t *testing.T) *sight {
	t.Helper()
	h := &heard{news: make(chan struct{}, 1)}
	n, err := New(h.told())
	if err != nil {
		t.Skipf("this machine gives no inotify: %v", err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &sight{heard: h, t: t, n: n, top: t.TempDir(), mark: t.TempDir()}
	s.add(s.mark, markID, true)
	return s
}

func (s *sight) path(name string) string { return filepath.Join(s.top, name) }

func (s *sight) add(path string, id ident.EntryID, fresh bool) {
	s.t.Helper()
	added, err := s.n.Add(path, id)
	if err != nil || added != fresh {
		s.t.Fatalf("add %s as %d: %v, %v", path, id, added, err)
	}
}

func (s *sight) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// since makes a mark and returns what was heard up to it: events come in order.
func (s *sight) since() (changed, dropped []ident.EntryID) {
	s.t.Helper()
	s.next++
	s.do(os.Mkdir(filepath.Join(s.mark, fmt.Sprint(s.next)), 0o700))
	s.until(s.t, "the mark", func() bool { return slices.Contains(s.changed, markID) })
	s.mu.Lock()
	defer s.mu.Unlock()
	changed, dropped = s.changed, s.dropped
	s.changed, s.dropped = nil, nil
	changed = slices.DeleteFunc(changed, func(id ident.EntryID) bool { return id == markID })
	slices.Sort(changed)
	slices.Sort(dropped)
	return slices.Compact(changed), dropped
}

func (s *sight) want(what string, changed, dropped []ident.EntryID) {
	s.t.Helper()
	c, d := s.since()
	if !slices.Equal(c, changed) || !slices.Equal(d, dropped) {
		s.t.Errorf("%s: changed %v, dropped %v, want %v and %v", what, c, d, changed, dropped)
	}
}

type ids = []ident.EntryID

func TestFilesComeAndGo(t *testing.T) {
	s := newSight(t)
	s.do(os.Mkdir(s.path("other"), 0o700))
	s.add(s.top, 1, true)
	s.add(s.path("other"), 2, true)
	s.add(s.top, 1, false)

	f, err := os.Create(s.path("a"))
	s.do(err)
	s.want("create", ids{1}, nil)
	_, err = f.WriteString("text")
	s.do(err)
	s.do(f.Sync())
	s.want("write", nil, nil)
	s.do(f.Close())
	s.want("close after a write", ids{1}, nil)
	_, err = os.ReadFile(s.path("a"))
	s.do(err)
	s.want("read", nil, nil)
	s.do(os.Chmod(s.path("a"), 0o400))
	s.want("chmod", ids{1}, nil)
	s.do(os.Rename(s.path("a"), s.path("other/b")))
	s.want("rename to another folder", ids{1, 2}, nil)
	s.do(os.Rename(s.path("other/b"), filepath.Join(s.mark, "away")))
	s.want("rename out", ids{2}, nil)
	s.do(os.Rename(filepath.Join(s.mark, "away"), s.path("in")))
	s.want("rename in", ids{1}, nil)
	s.do(os.Link(s.path("in"), s.path("other/link")))
	c, _ := s.since()
	if !slices.Contains(c, 2) {
		t.Errorf("link: changed %v", c)
	}
	s.do(os.Remove(s.path("in")))
	s.want("delete", ids{1}, nil)
}

func TestFoldersComeAndGo(t *testing.T) {
	s := newSight(t)
	s.add(s.top, 1, true)
	s.do(os.Mkdir(s.path("sub"), 0o700))
	s.want("a new folder", ids{1}, nil)
	s.add(s.path("sub"), 2, true)
	s.do(os.WriteFile(s.path("sub/f"), nil, 0o600))
	s.want("a file in it", ids{2}, nil)
	s.do(os.Chmod(s.path("sub"), 0o750))
	s.want("its mode", ids{1, 2}, nil)
	s.do(os.RemoveAll(s.path("sub")))
	s.want("removed", ids{1, 2}, ids{2})
	s.do(os.Mkdir(s.path("sub"), 0o700))
	s.add(s.path("sub"), 2, true)
	s.want("there again", ids{1}, nil)
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if len(s.n.folder) != 3 || len(s.n.watch) != 3 {
		t.Errorf("%v and %v are remembered", s.n.folder, s.n.watch)
	}
}

func TestFoldersMove(t *testing.T) {
	s := newSight(t)
	s.add(s.top, 1, true)
	s.do(os.Mkdir(s.path("a"), 0o700))
	s.add(s.path("a"), 2, true)
	s.do(os.Rename(s.path("a"), s.path("b")))
	s.want("rename", ids{1}, nil)
	s.add(s.path("b"), 3, true) // the index took it for another folder
	s.do(os.WriteFile(s.path("b/f"), nil, 0o600))
	s.want("a file in it", ids{3}, ids{2})

	s.do(os.Mkdir(s.path("a"), 0o700))
	s.add(s.path("a"), 4, true)
	s.want("another of the old name", ids{1}, nil)
	s.do(os.Rename(s.path("b"), s.path("c")))
	s.do(os.Rename(s.path("a"), s.path("b")))
	s.want("one takes the place of the other", ids{1}, nil)
	s.add(s.path("b"), 3, false) // the index kept the entry: the same name, another folder
	s.want("entry 4 is not there any more", nil, ids{4})
	s.do(os.WriteFile(s.path("c/g"), nil, 0o600))
	s.want("who had the entry before is not watched", nil, nil)
	s.do(os.WriteFile(s.path("b/g"), nil, 0o600))
	s.want("who has it now is", ids{3}, nil)
}

func TestRemove(t *testing.T) {
	s := newSight(t)
	s.add(s.top, 1, true)
	s.n.Remove(1)
	s.n.Remove(1)
	s.n.Remove(99)
	s.want("removed", nil, ids{1})
	s.do(os.WriteFile(s.path("f"), nil, 0o600))
	s.want("a file where nobody watches", nil, nil)
	s.add(s.top, 1, true)
	s.do(os.WriteFile(s.path("g"), nil, 0o600))
	s.want("watched again", ids{1}, nil)
}

func TestWhatIsNotWatched(t *testing.T) {
	s := newSight(t)
	s.do(os.Mkdir(s.path("real"), 0o700))
	s.do(os.Symlink("real", s.path("link")))
	s.do(os.WriteFile(s.path("file"), nil, 0o600))
	for _, name := range []string{"link", "file", "none", ""} {
		path := s.path(name)
		if name == "" {
			path = ""
		}
		if added, err := s.n.Add(path, 7); added || !errs.Is(err, errs.Internal) {
			t.Errorf("%q: %v, %v", name, added, err)
		}
	}
}

// TestFault_E13_WatchLimit: a fake kernel says that there is no room.
func TestFault_E13_WatchLimit(t *testing.T) {
	s := newSight(t)
	kernel := s.n.add
	s.n.add = func(int, string, uint32) (int, error) { return -1, unix.ENOSPC }
	added, err := s.n.Add(s.top, 1)
	if added || !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
		t.Errorf("%v, %v", added, err)
	}
	s.n.add = kernel
	s.add(s.top, 1, true)
}

// event is one record as the kernel writes it.
func event(wd int32, bits uint32, name string) []byte {
	b := make([]byte, unix.SizeofInotifyEvent+len(name))
	binary.NativeEndian.PutUint32(b, uint32(wd))
	binary.NativeEndian.PutUint32(b[4:], bits)
	binary.NativeEndian.PutUint32(b[12:], uint32(len(name)))
	copy(b[unix.SizeofInotifyEvent:], name)
	return b
}

func TestFault_E13_Overflow(t *testing.T) {
	h := &heard{news: make(chan struct{}, 1)}
	n := newNotifier(h.told())
	n.folder[1], n.watch[10] = 10, 1
	n.folder[2], n.watch[20] = 20, 2
	n.parse(slices.Concat(
		event(1, unix.IN_CREATE, "a\x00\x00\x00"),
		event(-1, unix.IN_Q_OVERFLOW, ""),
		event(3, unix.IN_CREATE, "unknown\x00"),
		event(2, unix.IN_UNMOUNT, ""),
		event(2, unix.IN_IGNORED, ""),
		event(2, unix.IN_IGNORED, ""),
		event(2, unix.IN_CREATE, "late\x00"),
		event(1, unix.IN_DELETE|unix.IN_ISDIR, "a\x00\x00\x00"),
	))
	if h.overflow != 1 || !slices.Equal(h.changed, ids{10, 10}) || !slices.Equal(h.dropped, ids{20}) || len(n.folder) != 1 || len(n.watch) != 1 {
		t.Errorf("%d overflows, changed %v, dropped %v, left %v %v", h.overflow, h.changed, h.dropped, n.folder, n.watch)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(event(1, unix.IN_CREATE, "name\x00"))
	f.Add(event(1, unix.IN_IGNORED, "")[:9])
	long := event(1, unix.IN_CREATE, "name")
	binary.NativeEndian.PutUint32(long[12:], 1<<32-1)
	f.Add(long)
	f.Fuzz(func(t *testing.T, b []byte) {
		h := &heard{news: make(chan struct{}, 1)}
		n := newNotifier(h.told())
		n.folder[1], n.watch[10] = 10, 1
		n.parse(b)
		if len(h.changed)+len(h.dropped)+h.overflow > len(b)/unix.SizeofInotifyEvent {
			t.Errorf("%d bytes told of %d changes", len(b), len(h.changed))
		}
	})
}

// TestCloseWhileEventsStream closes while others write and add.
func TestCloseWhileEventsStream(t *testing.T) {
	h := &heard{news: make(chan struct{}, 1)}
	n, err := New(h.told())
	if err != nil {
		t.Skipf("this machine gives no inotify: %v", err)
	}
	dir := t.TempDir()
	if _, err := n.Add(dir, 1); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var busy sync.WaitGroup
	busy.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			p := filepath.Join(dir, fmt.Sprint(i%10))
			_ = os.Mkdir(p, 0o700)
			_, _ = n.Add(p, ident.EntryID(2+i%10))
			_ = os.Remove(p)
			n.Remove(ident.EntryID(2 + i%7))
		}
	})
	h.until(t, "some changes", func() bool { return len(h.changed) > 100 })
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	h.mu.Lock()
	before := len(h.changed) + h.overflow
	h.mu.Unlock()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("late", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	busy.Wait()
	if after := len(h.changed) + h.overflow; after != before {
		t.Errorf("%d changes were told after Close", after-before)
	}
	if added, err := n.Add(dir, 1); added || err == nil {
		t.Errorf("adding after Close: %v, %v", added, err)
	}
	n.Remove(1)
}
