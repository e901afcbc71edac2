package watch

import (
	"encoding/binary"
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// inotify watches folders one by one: each costs a kernel object of about 1 KB,
// with the inode it holds in memory, and counts against a limit of the user.
type inotify struct {
	fd     int
	source *source
	roots  map[int32]*source                                          // watches that tell of the end of a marked file system
	add    func(fd int, path string, mask uint32) (wd int, err error) // replaced by tests
}

// A file that is being written is told when it is closed: a log that never
// closes would have its folder listed for ever.
const inotifyMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_CLOSE_WRITE |
	unix.IN_ATTRIB | unix.IN_ONLYDIR | unix.IN_EXCL_UNLINK

func newInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &inotify{fd: fd, source: newSource(), roots: map[int32]*source{}, add: unix.InotifyAddWatch}, nil
}

func (i *inotify) close() { _ = unix.Close(i.fd) }

// watch begins to watch an open folder. One that is watched already keeps its
// place.
func (i *inotify) watch(f *folder) (place, error) {
	wd, err := i.addFD(f.fd, inotifyMask)
	return place(wd), err
}

// addFD goes through the descriptor: no path is looked up again, which might
// block, or lead elsewhere by now.
func (i *inotify) addFD(fd int, mask uint32) (wd int, err error) {
	wd, err = i.add(i.fd, "/proc/self/fd/"+strconv.Itoa(fd), mask)
	switch {
	case err == nil:
		return wd, nil
	case errors.Is(err, unix.ENOSPC):
		return 0, errs.New(errs.Unavailable, "the limit of watched folders is reached").Try("Raise fs.inotify.max_user_watches.")
	case errors.Is(err, unix.EACCES):
		return 0, errs.New(errs.Denied, "inotify: %w", err)
	}
	return 0, errs.New(errs.Internal, "inotify: %w", err)
}

// forget has the kernel end a watch. It fails where the kernel was faster.
func (i *inotify) forget(wd place) { _, _ = unix.InotifyRmWatch(i.fd, uint32(wd)) }

// hearInotify tells what a batch of inotify events says.
func (n *Notifier) hearInotify(b []byte) {
	i := n.inotify
	for len(b) >= unix.SizeofInotifyEvent {
		wd := int32(binary.NativeEndian.Uint32(b))
		bits := binary.NativeEndian.Uint32(b[4:])
		length := uint64(binary.NativeEndian.Uint32(b[12:]))
		b = b[min(uint64(len(b)), unix.SizeofInotifyEvent+length):]
		at := spot{i.source, place(wd)}
		switch {
		case bits&unix.IN_Q_OVERFLOW != 0:
			n.marks.doubt() // the end of a file system may be among what was lost
			n.tell.Overflow()
		case bits&unix.IN_IGNORED != 0:
			if s, ok := i.roots[wd]; ok {
				delete(i.roots, wd)
				n.marks.forget(s)
				n.end(s)
			}
			n.dropped(at)
		case bits&unix.IN_UNMOUNT != 0: // IN_IGNORED follows, and there is nothing left to look at
		default:
			n.changed(at)
		}
	}
}
