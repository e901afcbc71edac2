package watch

import (
	"encoding/binary"
	"errors"
	"hash/maphash"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// fanotify watches whole file systems, with one mark each: a folder costs the
// kernel nothing, and there is no limit of them. An event carries the handle of
// the folder in which something changed.
//
// Asked for the folder only (not for the file too, nor for its name), the kernel
// merges all that happens in one folder until it is read: 50,000 files that come
// and go in a folder are two or three events.
type fanotify struct {
	fd      int
	seed    maphash.Seed
	marked  map[fsid]*mark
	refused map[fsid]bool // file systems that cannot be marked, or not by us
}

// fsid names a file system, as statfs and events do.
type fsid uint64

// mark is a file system whose events come.
type mark struct {
	*source
	root int32 // the inotify watch that tells when the file system is gone
}

// fanotifyMask: the end of a folder is told by itself, all else by the folder in
// which it happens.
const fanotifyMask = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO | unix.FAN_CLOSE_WRITE |
	unix.FAN_ATTRIB | unix.FAN_DELETE_SELF | unix.FAN_ONDIR

// newFanotify returns nil where there is none: before Linux 5.9, or forbidden.
// Whether file systems may be marked shows when one is.
func newFanotify() *fanotify {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_REPORT_DIR_FID|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, unix.O_RDONLY)
	if err != nil {
		return nil
	}
	return &fanotify{fd: fd, seed: maphash.MakeSeed(), marked: map[fsid]*mark{}, refused: map[fsid]bool{}}
}

func (a *fanotify) close() {
	if a != nil {
		_ = unix.Close(a.fd)
	}
}

// mark has the file system of a folder marked. Nil: it cannot be, but its
// folders can be watched one by one.
func (a *fanotify) mark(f *folder, i *inotify) (*source, error) {
	m := a.marked[f.fs]
	if m != nil && m.sure {
		return m.source, nil
	}
	if a.refused[f.fs] {
		return nil, nil
	}
	if err := unix.FanotifyMark(a.fd, unix.FAN_MARK_ADD|unix.FAN_MARK_FILESYSTEM, fanotifyMask, f.fd, "."); err != nil {
		a.refused[f.fs] = true
		return nil, nil
	}
	// A file system takes its marks along, and fanotify does not tell. An inotify
	// watch on its topmost folder does.
	root, err := i.watchRoot(f)
	if err != nil {
		_ = unix.FanotifyMark(a.fd, unix.FAN_MARK_REMOVE|unix.FAN_MARK_FILESYSTEM, fanotifyMask, f.fd, ".")
		return nil, err
	}
	if m == nil {
		m = &mark{source: newSource()}
		a.marked[f.fs] = m
	}
	m.root, m.sure = root, true
	i.roots[root] = m.source
	return m.source, nil
}

// forget drops a file system that is gone.
func (a *fanotify) forget(s *source) {
	for id, m := range a.marked {
		if m.source == s {
			delete(a.marked, id)
		}
	}
}

// doubt has every file system marked again when a folder is next added.
func (a *fanotify) doubt() {
	if a == nil {
		return
	}
	for _, m := range a.marked {
		m.sure = false
	}
}

// flush takes all marks away when no folder is left that needs them. (To take
// one away, a path to its file system would be needed.)
func (a *fanotify) flush(i *inotify) {
	for _, m := range a.marked {
		if len(m.ids) > 0 {
			return
		}
	}
	_ = unix.FanotifyMark(a.fd, unix.FAN_MARK_FLUSH|unix.FAN_MARK_FILESYSTEM, 0, unix.AT_FDCWD, "/")
	for _, m := range a.marked {
		delete(i.roots, m.root)
		i.forget(place(m.root))
	}
	clear(a.marked)
}

// place is what a folder's handle comes to. Two folders of one place would be
// taken for one, and the first told as dropped; among a million folders that
// happens once in 30 million times.
func (a *fanotify) place(dir int, path string, flags int) (p place, mount int, err error) {
	h, mount, err := unix.NameToHandleAt(dir, path, flags)
	if err != nil {
		return 0, 0, errs.New(errs.Internal, "the folder's handle: %w", err)
	}
	b := binary.NativeEndian.AppendUint32(make([]byte, 0, 32), uint32(h.Type()))
	return a.placeOf(append(b, h.Bytes()...)), mount, nil
}

// placeOf takes a handle as it stands in an event: its type, then its bytes.
func (a *fanotify) placeOf(handle []byte) place { return place(maphash.Bytes(a.seed, handle)) }

// hearMarks tells what a batch of fanotify events says.
func (n *Notifier) hearMarks(b []byte) {
	for {
		e, rest, err := nextEvent(b)
		if err != nil {
			n.tell.Overflow() // never seen: an event of another form
			return
		}
		if rest == nil {
			return
		}
		b = rest
		if e.mask&unix.FAN_Q_OVERFLOW != 0 {
			n.tell.Overflow()
			continue
		}
		m := n.marks.marked[e.fs]
		if m == nil {
			continue
		}
		at := spot{m.source, n.marks.placeOf(e.handle)}
		if e.mask&^(unix.FAN_DELETE_SELF|unix.FAN_ONDIR) != 0 {
			n.changed(at)
		}
		if e.mask&unix.FAN_DELETE_SELF != 0 {
			n.dropped(at)
		}
	}
}

// event is a change in a folder. The kernel merges several into one.
type event struct {
	mask   uint64
	fs     fsid
	handle []byte // of the folder: type and bytes
}

var errEvent = errors.New("a fanotify event that cannot be understood")

// nextEvent takes the first event off b; rest is nil when there is none.
func nextEvent(b []byte) (e event, rest []byte, err error) {
	const head, info, handle = 24, 12, 8 // sizes of what stands before each part
	if len(b) == 0 {
		return e, nil, nil
	}
	if len(b) < head {
		return e, nil, errEvent
	}
	size, at := int64(binary.NativeEndian.Uint32(b)), int64(binary.NativeEndian.Uint16(b[6:]))
	if b[4] != unix.FANOTIFY_METADATA_VERSION || at < head || size < at || size > int64(len(b)) {
		return e, nil, errEvent
	}
	e.mask = binary.NativeEndian.Uint64(b[8:])
	rest, b = b[size:], b[at:size]
	if e.mask&unix.FAN_Q_OVERFLOW != 0 {
		return e, rest, nil
	}
	if len(b) < info+handle || b[0] != unix.FAN_EVENT_INFO_TYPE_FID && b[0] != unix.FAN_EVENT_INFO_TYPE_DFID {
		return e, nil, errEvent
	}
	e.fs = fsid(binary.NativeEndian.Uint64(b[4:]))
	b = b[info:]
	n := int64(binary.NativeEndian.Uint32(b))
	if n+handle > int64(len(b)) {
		return e, nil, errEvent
	}
	e.handle = b[4 : handle+n]
	return e, rest, nil
}
