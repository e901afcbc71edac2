package watch

import (
	"encoding/binary"
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Notifier watches folders with inotify: one small kernel object a folder and
// two map entries here, no paths. (fsnotify keeps two paths a folder, 30 MB for
// 100,000 of them.)
type Notifier struct {
	file *os.File // its Close ends a Read under way
	tell Told
	done chan struct{}
	add  func(fd int, osPath string, mask uint32) (wd int, err error) // replaced by tests

	mu     sync.Mutex
	fd     int // of file; -1 once closed
	folder map[int32]ident.EntryID
	watch  map[ident.EntryID]int32
}

// A file that is being written is told when it is closed: a log that never
// closes would have its folder listed for ever.
const mask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB |
	unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW | unix.IN_EXCL_UNLINK

// New starts a Notifier. The caller must Close it.
func New(tell Told) (*Notifier, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "inotify: %w", err).Try("Raise fs.inotify.max_user_instances, or rely on scans.")
	}
	n := newNotifier(tell)
	n.file, n.fd = os.NewFile(uintptr(fd), "inotify"), fd
	go n.read()
	return n, nil
}

func newNotifier(tell Told) *Notifier {
	return &Notifier{
		tell: tell, done: make(chan struct{}), add: unix.InotifyAddWatch, fd: -1,
		folder: map[int32]ident.EntryID{}, watch: map[ident.EntryID]int32{},
	}
}

// Add watches the folder at osPath and tells whether it was not watched before.
// A folder that was watched under another id, since it moved, is not watched
// under that any more, and Dropped is told of it before Add returns.
//
// Errors: errs.Unavailable when the system's limit of watches is reached,
// errs.Internal else.
func (n *Notifier) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	n.mu.Lock() // held over the call, so that no event comes before its folder is known
	wd, err := n.add(n.fd, osPath, mask)
	if err != nil {
		n.mu.Unlock()
		if errors.Is(err, unix.ENOSPC) {
			return false, errs.New(errs.Unavailable, "the limit of watched folders is reached").Try("Raise fs.inotify.max_user_watches.")
		}
		return false, errs.New(errs.Internal, "inotify: %w", err).At(osPath)
	}
	was, had := n.folder[int32(wd)], n.watch[folder]
	if was != folder {
		delete(n.watch, was)
	}
	if had != 0 && had != int32(wd) { // another folder stands there now
		delete(n.folder, had)
		n.forget(had)
	}
	n.folder[int32(wd)], n.watch[folder] = folder, int32(wd)
	n.mu.Unlock()
	if was != 0 && was != folder {
		n.tell.Dropped(was)
	}
	return had == 0, nil
}

// forget has the kernel remove a watch. It fails where the kernel was faster;
// both end in IN_IGNORED.
func (n *Notifier) forget(wd int32) {
	if n.fd >= 0 {
		_, _ = unix.InotifyRmWatch(n.fd, uint32(wd))
	}
}

// Remove ends the watching of a folder, if it is watched. Dropped is told.
func (n *Notifier) Remove(folder ident.EntryID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if wd, ok := n.watch[folder]; ok {
		n.forget(wd)
	}
}

// Close ends the watching. Nothing is told after it returns.
func (n *Notifier) Close() error {
	n.mu.Lock()
	n.fd = -1
	n.mu.Unlock()
	err := n.file.Close()
	<-n.done
	return err
}

func (n *Notifier) read() {
	defer close(n.done)
	buf := make([]byte, 64<<10)
	for {
		got, err := n.file.Read(buf)
		if err != nil {
			return // closed
		}
		n.parse(buf[:got])
	}
}

func (n *Notifier) parse(b []byte) {
	for len(b) >= unix.SizeofInotifyEvent {
		wd := int32(binary.NativeEndian.Uint32(b))
		bits := binary.NativeEndian.Uint32(b[4:])
		length := uint64(binary.NativeEndian.Uint32(b[12:]))
		b = b[min(uint64(len(b)), unix.SizeofInotifyEvent+length):]
		switch {
		case bits&unix.IN_Q_OVERFLOW != 0:
			n.tell.Overflow()
		case bits&unix.IN_IGNORED != 0:
			if folder, ok := n.drop(wd); ok {
				n.tell.Dropped(folder)
			}
		case bits&unix.IN_UNMOUNT != 0: // IN_IGNORED follows, and there is nothing left to look at
		default:
			if folder, ok := n.of(wd); ok {
				n.tell.Changed(folder)
			}
		}
	}
}

func (n *Notifier) of(wd int32) (ident.EntryID, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ok := n.folder[wd]
	return id, ok
}

// drop forgets a watch that the kernel removed.
func (n *Notifier) drop(wd int32) (ident.EntryID, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ok := n.folder[wd]
	if ok {
		delete(n.folder, wd)
		delete(n.watch, id)
	}
	return id, ok
}
