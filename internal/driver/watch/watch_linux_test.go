package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// way is how a test has its folders watched.
type way struct {
	how string
	dir func(*testing.T) string // an empty folder to watch
}

var ways = map[string]way{
	"inotify":           {byInotify, (*testing.T).TempDir},
	"fanotify":          {byFanotify, (*testing.T).TempDir},
	"fanotify on tmpfs": {byFanotify, func(t *testing.T) string { return mounted(t, "tmpfs", "tmpfs") }},
	"fanotify on ext4":  {byFanotify, func(t *testing.T) string { return mounted(t, image(t, "ext4", "-q", "-F"), "ext4") }},
	"fanotify on xfs":   {byFanotify, func(t *testing.T) string { return mounted(t, image(t, "xfs", "-q"), "xfs") }},
	"fanotify on btrfs": {byFanotify, func(t *testing.T) string { return mounted(t, image(t, "btrfs", "-q"), "btrfs") }},
}

// each runs a test in every way.
func each(t *testing.T, fn func(t *testing.T, w way)) {
	for name, w := range ways {
		t.Run(name, func(t *testing.T) { fn(t, w) })
	}
}

// inMemory runs a test by inotify and by fanotify where no disk slows it down.
func inMemory(t *testing.T, fn func(t *testing.T, w way)) {
	shm := func(t *testing.T) string {
		dir, err := os.MkdirTemp("/dev/shm", "stardrive-watch-")
		if err != nil {
			return t.TempDir()
		}
		t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
		return dir
	}
	for _, how := range []string{byInotify, byFanotify} {
		t.Run(how, func(t *testing.T) { fn(t, way{how, shm}) })
	}
}

// sight is a Notifier on a folder of the test, and a second folder for marks.
type sight struct {
	*heard
	t     *testing.T
	n     *Notifier
	top   string
	mark  string
	aside string // is not watched
	next  int
}

const markID ident.EntryID = 1000

// quiet returns a Notifier that does not read yet.
func quiet(t *testing.T, how string, h *heard) *Notifier {
	t.Helper()
	var marks *fanotify
	if how == byFanotify {
		if marks = newFanotify(); marks == nil {
			t.Skip("this system has no fanotify that tells folders")
		}
	}
	n, err := prepare(h.told(), marks)
	if err != nil {
		t.Skipf("this machine gives no inotify: %v", err)
	}
	return n
}

func newSight(t *testing.T, w way) *sight {
	t.Helper()
	h := newHeard()
	base := w.dir(t)
	s := &sight{heard: h, t: t, n: quiet(t, w.how, h), top: filepath.Join(base, "top"), mark: filepath.Join(base, "mark"), aside: filepath.Join(base, "aside")}
	go s.n.serve()
	t.Cleanup(func() { must(t, s.n.Close()) })
	must(t, os.Mkdir(s.top, 0o700), os.Mkdir(s.mark, 0o700), os.Mkdir(s.aside, 0o700))
	if got := s.n.How(s.top); got != w.how {
		t.Skipf("%s cannot be marked here; it is watched by %q", s.top, got)
	}
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
	must(s.t, err)
}

// since makes a mark and returns what was heard up to it: events come in order.
func (s *sight) since() (changed, dropped ids) {
	s.t.Helper()
	s.next++
	s.do(os.Mkdir(filepath.Join(s.mark, fmt.Sprint(s.next)), 0o700))
	s.until(s.t, "the mark", func() bool { return slices.Contains(s.changed, markID) })
	changed, dropped, _ = s.take()
	return slices.DeleteFunc(changed, func(id ident.EntryID) bool { return id == markID }), dropped
}

func (s *sight) wantSince(what string, changed, dropped ids) {
	s.t.Helper()
	c, d := s.since()
	if !slices.Equal(c, changed) || !slices.Equal(d, dropped) {
		s.t.Errorf("%s: changed %v, dropped %v, want %v and %v", what, c, d, changed, dropped)
	}
}

// holds checks the register and how many folders are watched beside the mark.
func (s *sight) holds(n int) {
	s.t.Helper()
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	sources := []*source{s.n.inotify.source}
	if s.n.marks != nil {
		for _, m := range s.n.marks.marked {
			sources = append(sources, m.source)
		}
	}
	check(s.t, s.n.folders, sources...)
	if len(s.n.folders) != n+1 {
		s.t.Errorf("%d folders are watched, want %d", len(s.n.folders)-1, n)
	}
}

func TestFilesComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.do(os.Mkdir(s.path("other"), 0o700))
		s.add(s.top, 1, true)
		s.add(s.path("other"), 2, true)
		s.add(s.top, 1, false)

		f, err := os.Create(s.path("a"))
		s.do(err)
		s.wantSince("create", ids{1}, nil)
		_, err = f.WriteString("text")
		s.do(err)
		s.do(f.Sync())
		s.wantSince("write", nil, nil)
		s.do(f.Close())
		s.wantSince("close after a write", ids{1}, nil)
		_, err = os.ReadFile(s.path("a"))
		s.do(err)
		s.wantSince("read", nil, nil)
		s.do(os.Chmod(s.path("a"), 0o400))
		s.wantSince("chmod", ids{1}, nil)
		s.do(os.Rename(s.path("a"), s.path("other/b")))
		s.wantSince("rename to another folder", ids{1, 2}, nil)
		s.do(os.Rename(s.path("other/b"), filepath.Join(s.aside, "away")))
		s.wantSince("rename out", ids{2}, nil)
		s.do(os.Rename(filepath.Join(s.aside, "away"), s.path("in")))
		s.wantSince("rename in", ids{1}, nil)
		s.do(os.Link(s.path("in"), s.path("other/link")))
		c, _ := s.since()
		if !slices.Contains(c, 2) {
			t.Errorf("link: changed %v", c)
		}
		s.do(os.Remove(s.path("in")))
		s.wantSince("delete", ids{1}, nil)
		s.do(os.WriteFile(filepath.Join(s.aside, "f"), nil, 0o600))
		s.wantSince("where nobody watches", nil, nil)
		s.do(os.Symlink("nowhere", s.path("link")))
		s.wantSince("a symlink", ids{1}, nil)
		s.do(unix.Mkfifo(s.path("fifo"), 0o600))
		s.wantSince("a FIFO", ids{1}, nil)
		s.do(os.WriteFile(s.path("other/swap"), nil, 0o600))
		s.do(os.Rename(s.path("other/swap"), s.path("fifo")))
		s.wantSince("replaced by rename", ids{1, 2}, nil)
		s.holds(2)
	})
}

func TestFoldersComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.add(s.top, 1, true)
		s.do(os.Mkdir(s.path("sub"), 0o700))
		s.wantSince("a new folder", ids{1}, nil)
		s.add(s.path("sub"), 2, true)
		s.do(os.WriteFile(s.path("sub/f"), nil, 0o600))
		s.wantSince("a file in it", ids{2}, nil)
		s.do(os.Chmod(s.path("sub"), 0o750))
		if c, _ := s.since(); !slices.Contains(c, 2) {
			t.Errorf("its mode: changed %v", c)
		}
		s.do(os.RemoveAll(s.path("sub")))
		s.wantSince("removed", ids{1, 2}, ids{2})
		s.do(os.Mkdir(s.path("sub"), 0o700))
		s.add(s.path("sub"), 2, true)
		s.wantSince("there again", ids{1}, nil)
		s.holds(2)
	})
}

func TestFoldersMove(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.add(s.top, 1, true)
		s.do(os.MkdirAll(s.path("a/deep/er"), 0o700))
		s.since()
		s.add(s.path("a"), 2, true)
		s.add(s.path("a/deep/er"), 9, true)
		s.do(os.Rename(s.path("a"), s.path("b")))
		s.wantSince("rename", ids{1}, nil)
		s.do(os.WriteFile(s.path("b/deep/er/f"), nil, 0o600))
		s.wantSince("deep in what moved", ids{9}, nil)
		s.add(s.path("b"), 3, true) // the index took it for another folder
		s.do(os.WriteFile(s.path("b/f"), nil, 0o600))
		s.wantSince("a file in it", ids{3}, ids{2})

		s.do(os.Mkdir(s.path("a"), 0o700))
		s.add(s.path("a"), 4, true)
		s.wantSince("another of the old name", ids{1}, nil)
		s.do(os.Rename(s.path("b"), s.path("c")))
		s.do(os.Rename(s.path("a"), s.path("b")))
		s.wantSince("one takes the place of the other", ids{1}, nil)
		s.add(s.path("b"), 3, false) // the index kept the entry: the same name, another folder
		s.wantSince("entry 4 is not there any more", nil, ids{4})
		s.do(os.WriteFile(s.path("c/g"), nil, 0o600))
		s.wantSince("who had the entry before is not watched", nil, nil)
		s.do(os.WriteFile(s.path("b/g"), nil, 0o600))
		s.wantSince("who has it now is", ids{3}, nil)
		s.do(unix.Renameat2(unix.AT_FDCWD, s.path("b"), unix.AT_FDCWD, s.path("c"), unix.RENAME_EXCHANGE))
		s.do(os.WriteFile(s.path("c/h"), nil, 0o600))
		s.wantSince("exchanged", ids{1, 3}, nil)
		s.holds(3)
	})
}

func TestRemove(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.add(s.top, 1, true)
		s.n.Remove(1)
		s.n.Remove(1)
		s.n.Remove(99)
		s.wantSince("removed", nil, ids{1})
		s.do(os.WriteFile(s.path("f"), nil, 0o600))
		s.wantSince("a file where nobody watches", nil, nil)
		s.add(s.top, 1, true)
		s.do(os.WriteFile(s.path("g"), nil, 0o600))
		s.wantSince("watched again", ids{1}, nil)
		s.n.Remove(1)
		s.n.Remove(markID) // nothing is left: a mark on the file system goes, too
		s.take()
		s.add(s.mark, markID, true)
		s.add(s.top, 1, true)
		s.do(os.WriteFile(s.path("h"), nil, 0o600))
		s.wantSince("after nothing was watched", ids{1}, nil)
		s.holds(1)
	})
}

func TestWhatIsNotWatched(t *testing.T) {
	s := newSight(t, ways["inotify"])
	s.do(os.Mkdir(s.path("real"), 0o700))
	s.do(os.Symlink("real", s.path("link")))
	s.do(os.WriteFile(s.path("file"), nil, 0o600))
	s.do(unix.Mkfifo(s.path("fifo"), 0o600))
	for path, kind := range map[string]errs.Kind{
		s.path("link"): errs.NotFound, s.path("file"): errs.NotFound, s.path("none"): errs.NotFound, s.path("fifo"): errs.NotFound,
		"": errs.NotFound, s.path("a\x00b"): errs.Internal, "/proc/sys": errs.Unsupported, "/sys": errs.Unsupported,
	} {
		if added, err := s.n.Add(path, 7); added || !errs.Is(err, kind) {
			t.Errorf("%q: %v, %v", path, added, err)
		}
		if how := s.n.How(path); how != byNothing {
			t.Errorf("%q is watched by %s", path, how)
		}
	}
	if !errs.Is(errorOf(s.n.Add("/proc/sys", 7)), errs.Unsupported) || errs.RemedyOf(errorOf(s.n.Add("/proc/sys", 7))) == "" {
		t.Error("no word on what to do")
	}
	s.holds(0)
}

func errorOf(_ bool, err error) error { return err }

// TestFileSystems: which kinds are watched how, if they may be marked.
func TestFileSystems(t *testing.T) {
	fd, err := openPath(unix.AT_FDCWD, t.TempDir()) // for its device
	must(t, err)
	f := &folder{fd: fd}
	defer f.close()
	for typ, want := range map[int64]string{
		0xef53: byFanotify, 0x58465342: byFanotify, 0x9123683e: byFanotify, 0xf2f52010: byFanotify, 0x01021994: byFanotify,
		0x4d44: byInotify, 0x2011bab0: byInotify, 0x794c7630: byInotify, 0x5346544e: byInotify, 0x9660: byInotify, 0x2fc12fc1: byInotify,
		0x6969: byNothing, 0xff534d42: byNothing, 0xfe534d42: byNothing, 0x01021997: byNothing, 0x00c36400: byNothing, 0x9fa0: byNothing, 0x62656572: byNothing,
	} {
		f.typ = typ
		got := byInotify
		switch {
		case f.elsewhere():
			got = byNothing
		case f.hasLastingHandles():
			got = byFanotify
		}
		if got != want {
			t.Errorf("%#x is watched by %q, want %q", typ, got, want)
		}
	}
}

// TestManyAtOnce adds, removes and changes the same folders from many sides.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		const folders = 20
		for i := range folders {
			s.do(os.Mkdir(s.path(fmt.Sprint(i)), 0o700))
		}
		var busy sync.WaitGroup
		for who := range 4 {
			busy.Go(func() {
				for i := range 300 {
					p := s.path(fmt.Sprint((i*7 + who) % folders))
					_, _ = s.n.Add(p, ident.EntryID(1+(i*(who+1))%folders))
					_ = os.WriteFile(filepath.Join(p, "f"), nil, 0o600)
					s.n.Remove(ident.EntryID(1 + (i*3+who)%folders))
					if i%50 == 0 {
						_ = os.RemoveAll(p)
						_ = os.Mkdir(p, 0o700)
					}
				}
			})
		}
		busy.Wait()
		s.since()
		for i := range folders {
			_, err := s.n.Add(s.path(fmt.Sprint(i)), ident.EntryID(1+i))
			s.do(err)
		}
		s.since()
		s.holds(folders)
		var all ids
		for i := range folders {
			s.do(os.WriteFile(s.path(fmt.Sprint(i, "/last")), nil, 0o600))
			all = append(all, ident.EntryID(1+i))
		}
		s.wantSince("every one", all, nil)
	})
}

// TestCloseWhileEventsStream closes while others write and add.
func TestCloseWhileEventsStream(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		h, dir := newHeard(), w.dir(t)
		n := quiet(t, w.how, h)
		go n.serve()
		_, err := n.Add(dir, 1)
		must(t, err)
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
		h.until(t, "some changes", func() bool { return len(h.changed) > 10 })
		must(t, n.Close())
		h.take()
		for i := range 20 {
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprint("late", i)), nil, 0o600))
		}
		close(stop)
		busy.Wait()
		h.want(t, "told after Close", nil, nil, 0)
		if added, err := n.Add(dir, 1); added || err == nil {
			t.Errorf("adding after Close: %v, %v", added, err)
		}
		n.Remove(1)
		if how := n.How(dir); how != byNothing {
			t.Errorf("after Close it is watched by %s", how)
		}
	})
}

// TestCloseDuringAdd: a call that hangs in the kernel keeps Close from nothing,
// and finds its descriptors open until it returns.
func TestCloseDuringAdd(t *testing.T) {
	h, dir := newHeard(), t.TempDir()
	n := quiet(t, byInotify, h)
	go n.serve()
	_, err := n.Add(dir, 1)
	must(t, err)
	there, goOn := make(chan struct{}), make(chan struct{})
	kernel := n.inotify.add
	n.inotify.add = func(fd int, path string, mask uint32) (int, error) {
		there <- struct{}{}
		<-goOn
		return kernel(fd, path, mask)
	}
	answers := make(chan error)
	for range 2 {
		go func() {
			_, err := n.Add(dir, 1)
			answers <- err
		}()
		<-there
	}
	must(t, n.Close())
	for range 2 {
		if _, err := unix.FcntlInt(uintptr(n.inotify.fd), unix.F_GETFD, 0); err != nil {
			t.Errorf("a call is under way, and its descriptor: %v", err)
		}
		goOn <- struct{}{}
		if err := <-answers; !errs.Is(err, errs.Internal) {
			t.Errorf("adding while it is closed: %v", err)
		}
	}
	if got, err := os.Readlink(fmt.Sprint("/proc/self/fd/", n.inotify.fd)); err == nil && strings.Contains(got, "inotify") {
		t.Errorf("it is still open: %s", got)
	}
}

// TestAgain: a folder that is added again costs one call, and is looked for
// afresh when it is not where it was.
func TestAgain(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.do(os.MkdirAll(s.path("a"), 0o700))
		s.do(os.MkdirAll(s.path("b"), 0o700))
		s.add(s.path("a"), 1, true)
		if !s.n.stands(s.path("a"), 1) || s.n.stands(s.path("b"), 1) || s.n.stands(s.path("a"), 2) || s.n.stands(s.path("none"), 1) {
			t.Error("it stands where it was added, and nowhere else")
		}
		s.do(os.Remove(s.path("a")))
		s.do(os.Mkdir(s.path("a"), 0o700))
		if s.n.stands(s.path("a"), 1) {
			t.Error("another folder is taken for it")
		}
		_, err := s.n.Add(s.path("a"), 1)
		s.do(err)
		s.do(os.Rename(s.path("a"), s.path("c")))
		s.do(os.Symlink("c", s.path("a")))
		if s.n.stands(s.path("a"), 1) || !s.n.stands(s.path("c"), 1) {
			t.Error("a link is taken for the folder that it leads to")
		}
		s.since()
		s.do(os.WriteFile(s.path("c/f"), nil, 0o600))
		s.do(os.WriteFile(s.path("b/f"), nil, 0o600))
		s.wantSince("only what was added is watched", ids{1}, nil)
		s.holds(1)
		if w.how == byInotify {
			return
		}
		s.n.mu.Lock()
		s.n.marks.doubt()
		s.n.mu.Unlock()
		if s.n.stands(s.path("c"), 1) {
			t.Error("where marks are in doubt, nothing is sure")
		}
		s.add(s.path("c"), 1, false)
		if !s.n.stands(s.path("c"), 1) {
			t.Error("marked again, it is sure")
		}
	})
}
