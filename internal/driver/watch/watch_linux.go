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
	file     *os.File // its Close ends a Read under way
	changed  Changed
	overflow Overflow
	done     chan struct{}

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
func New(changed Changed, overflow Overflow) (*Notifier, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "inotify: %w", err).Try("Raise fs.inotify.max_user_instances, or rely on scans.")
	}
	n := &Notifier{
		file: os.NewFile(uintptr(fd), "inotify"), changed: changed, overflow: overflow, done: make(chan struct{}),
		fd: fd, folder: map[int32]ident.EntryID{}, watch: map[ident.EntryID]int32{},
	}
	go n.read()
	return n, nil
}

// Add watches the folder at osPath and tells whether it was not watched before.
// Errors: errs.Unavailable when the system's limit of watches is reached,
// errs.Internal else.
func (n *Notifier) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	n.mu.Lock() // held over the call, so that no event comes before its folder is known
	defer n.mu.Unlock()
	wd, err := unix.InotifyAddWatch(n.fd, osPath, mask)
	if errors.Is(err, unix.ENOSPC) {
		return false, errs.New(errs.Unavailable, "the limit of watched folders is reached").Try("Raise fs.inotify.max_user_watches.")
	}
	if err != nil {
		return false, errs.New(errs.Internal, "inotify: %w", err).At(osPath)
	}
	_, known := n.folder[int32(wd)]
	n.folder[int32(wd)], n.watch[folder] = folder, int32(wd)
	return !known, nil
}

// Close ends the watching. No hint is told after it returns.
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
		length := int(binary.NativeEndian.Uint32(b[12:]))
		b = b[min(len(b), unix.SizeofInotifyEvent+length):]
		switch {
		case bits&unix.IN_Q_OVERFLOW != 0:
			n.overflow()
		case bits&unix.IN_IGNORED != 0:
			n.drop(wd)
		default:
			if folder, ok := n.of(wd); ok {
				n.changed(folder)
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

// drop forgets a watch that the kernel removed with its folder.
func (n *Notifier) drop(wd int32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id, ok := n.folder[wd]; ok {
		delete(n.folder, wd)
		if n.watch[id] == wd {
			delete(n.watch, id)
		}
	}
}
