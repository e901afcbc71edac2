package watch

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Notifier watches folders: by a mark on their whole file system where that is
// allowed and possible (fanotify), else one by one (inotify).
type Notifier struct {
	tell Told
	wake int // an eventfd, which ends the loop
	done chan struct{}

	mu      sync.Mutex
	closed  bool
	ended   bool // the loop, too
	users   int  // calls under way that use the descriptors without the lock
	folders register
	inotify *inotify
	marks   *fanotify // nil: not allowed here
	flock   flock     // of the batch that is being told
}

// New starts a Notifier. The caller must Close it.
//
// Errors: errs.Unavailable when the system gives no more of what is needed.
func New(tell Told) (*Notifier, error) {
	n, err := prepare(tell, newFanotify())
	if err == nil {
		go n.serve()
	}
	return n, err
}

func prepare(tell Told, marks *fanotify) (*Notifier, error) {
	ino, err := newInotify()
	if err != nil {
		marks.close()
		return nil, errs.New(errs.Unavailable, "inotify: %w", err).Try("Raise fs.inotify.max_user_instances, or rely on scans.")
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		ino.close()
		marks.close()
		return nil, errs.New(errs.Unavailable, "eventfd: %w", err).Try("Raise the limit of open files.")
	}
	n := newNotifier(tell, ino, marks)
	n.wake = wake
	return n, nil
}

func newNotifier(tell Told, ino *inotify, marks *fanotify) *Notifier {
	return &Notifier{tell: tell, done: make(chan struct{}), folders: register{}, inotify: ino, marks: marks, flock: flock{}}
}

// Add watches the folder at osPath, which may be a folder only and no link to
// one, and tells whether this id was not watched before. A folder that was
// watched under another id is not watched under that any more, and Dropped is
// told of it before Add returns. All changes from its return on are told.
// It may block as long as the file system does, and keeps no other call waiting.
//
// Errors: errs.Unsupported where others change files behind the system's back
// (network and FUSE mounts) or nothing tells of changes; errs.Unavailable when
// the system's limit of watches is reached; errs.NotFound when there is no
// folder, errs.Denied when it may not be read, errs.Internal else.
func (n *Notifier) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	if n.stands(osPath, folder) {
		return false, nil
	}
	f, err := openFolder(osPath)
	if err != nil {
		return false, err
	}
	// Held until the folder is registered: as long as it is open the kernel cannot
	// tell that it is gone, nor unmount it.
	defer f.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := n.spot(f)
	if err != nil {
		return false, err
	}
	added, was, old := n.folders.put(s, folder)
	n.release(old)
	if was != 0 {
		n.tell.Dropped(was)
	}
	return added, nil
}

// spot has a folder watched and returns where it is told of.
func (n *Notifier) spot(f *folder) (spot, error) {
	if n.closed {
		return spot{}, errs.New(errs.Internal, "the folder watch is closed")
	}
	src, err := n.mark(f)
	if err != nil {
		return spot{}, err
	}
	if src != nil {
		p, mount, err := n.marks.place(f.fd, "", unix.AT_EMPTY_PATH)
		src.mount = mount
		return spot{src, p}, err
	}
	p, err := n.inotify.watch(f)
	return spot{n.inotify.source, p}, err
}

// stands reports whether a folder is watched already and is still what stands
// at osPath, as nearly all are when a location is scanned again: one call of the
// kernel tells.
func (n *Notifier) stands(osPath string, folder ident.EntryID) bool {
	n.mu.Lock()
	s, had := n.folders[folder]
	if !had || n.closed || s.source != n.inotify.source && !s.source.sure {
		n.mu.Unlock()
		return false
	}
	mount := s.source.mount
	n.users++
	n.mu.Unlock()

	p, at, err := place(0), mount, error(nil)
	if s.source == n.inotify.source {
		var wd int
		wd, err = n.inotify.add(n.inotify.fd, osPath, inotifyMask|unix.IN_DONT_FOLLOW)
		p = place(wd)
	} else {
		p, at, err = n.marks.place(unix.AT_FDCWD, osPath, 0)
	}

	n.mu.Lock()
	defer n.mu.Unlock()
	n.users--
	switch {
	case n.closed:
		n.shut()
		return false
	case err != nil:
		return false
	case p == s.place && at == mount && n.folders[folder] == s:
		return true
	}
	if s.source == n.inotify.source && s.source.ids[p] == 0 && n.inotify.roots[int32(p)] == nil {
		n.inotify.forget(p) // a watch that nobody is to have, yet
	}
	return false
}

// mark has the file system of a folder marked. Nil: it cannot be.
func (n *Notifier) mark(f *folder) (*source, error) {
	if n.marks == nil || !f.hasLastingHandles() {
		return nil, nil
	}
	return n.marks.mark(f, n.inotify)
}

// release ends a watch that no folder is registered for. What the kernel tells
// of it meanwhile is unknown, and passed over.
func (n *Notifier) release(s spot) {
	if n.closed || s.source == nil {
		return
	}
	if s.source == n.inotify.source {
		n.inotify.forget(s.place)
	} else {
		n.marks.flush(n.inotify)
	}
}

// Remove ends the watching of a folder, if it is watched. Dropped is told
// before it returns.
func (n *Notifier) Remove(folder ident.EntryID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if old, had := n.folders.remove(folder); had {
		n.release(old)
		if !n.closed {
			n.tell.Dropped(folder)
		}
	}
}

// How tells what watches the file system of the folder at osPath: "fanotify",
// "inotify", or "" when nothing tells of its changes. It may block as Add does.
func (n *Notifier) How(osPath string) string {
	f, err := openFolder(osPath)
	if err != nil {
		return byNothing
	}
	defer f.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return byNothing
	}
	if src, err := n.mark(f); src != nil && err == nil {
		return byFanotify
	}
	return byInotify
}

// Close ends the watching. Nothing is told after it returns.
func (n *Notifier) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	_, err := unix.Write(n.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	if err != nil {
		return errs.New(errs.Internal, "ending the folder watch: %w", err)
	}
	<-n.done
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	n.shut()
	return os.NewSyscallError("close", unix.Close(n.wake))
}

// shut closes the descriptors when the loop has ended and no call uses them.
func (n *Notifier) shut() {
	if n.ended && n.users == 0 {
		n.inotify.close()
		n.marks.close()
	}
}

// pause is how long the loop lets events gather when it has read all there
// were: a storm wakes it 200 times a second, and the kernel merges what is alike.
const pause = 5 // milliseconds

// serve reads events until Close.
func (n *Notifier) serve() {
	defer close(n.done)
	fds := []unix.PollFd{{Fd: int32(n.wake), Events: unix.POLLIN}, {Fd: int32(n.inotify.fd), Events: unix.POLLIN}}
	if n.marks != nil {
		fds = append(fds, unix.PollFd{Fd: int32(n.marks.fd), Events: unix.POLLIN})
	}
	buf := make([]byte, 64<<10)
	for {
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			n.tell.Overflow() // nothing will be told any more
			return
		}
		if fds[0].Revents != 0 {
			return
		}
		more := fds[1].Revents != 0 && n.read(n.inotify.fd, buf, n.hearInotify)
		if len(fds) > 2 && fds[2].Revents != 0 && n.read(n.marks.fd, buf, n.hearMarks) {
			more = true
		}
		if !more {
			_, _ = unix.Poll(fds[:1], pause)
		}
	}
}

// read takes what events there are, and reports whether there may be more.
func (n *Notifier) read(fd int, buf []byte, hear func([]byte)) (more bool) {
	got, err := unix.Read(fd, buf)
	if err != nil {
		return false // no event after all, or out of memory
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		clear(n.flock)
		hear(buf[:got])
	}
	return got > len(buf)/2
}

// end tells that no folder of a source is watched any more.
func (n *Notifier) end(s *source) {
	for _, id := range n.folders.end(s) {
		n.tell.Dropped(id)
	}
}

// dropped notes that the kernel ended a watch.
func (n *Notifier) dropped(s spot) {
	if id, had := n.folders.gone(s); had {
		delete(n.flock, id)
		n.tell.Dropped(id)
	}
}

// changed notes a change at a place of a source.
func (n *Notifier) changed(s spot) {
	if id, ok := s.source.ids[s.place]; ok {
		n.flock.tell(id, &n.tell)
	}
}
