package absence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// fuseFS is a read-only file system that a program serves, and that fails when
// it is told to. It speaks as much of the kernel's protocol as listing takes.
type fuseFS struct {
	dev    *os.File
	nodes  []fuseNode // by node id - 1; the first is the root
	fault  atomic.Pointer[fault]
	serves sync.WaitGroup
}

// fuseNode is a folder (with children) or an empty file.
type fuseNode struct {
	path, name string
	folder     bool
	children   []uint64
}

// fault is asked before each answer: what is asked for ("lookup", "getattr",
// "readdir"), of which path, and, of readdir, how many entries were told already.
// It may block; an error is the answer.
type fault func(op, path string, told int) unix.Errno

// newFUSE makes a file system of paths, which name files; folders come by themselves.
func newFUSE(paths ...string) *fuseFS {
	f := &fuseFS{nodes: []fuseNode{{folder: true}}}
	ids := map[string]uint64{"": 1}
	for _, p := range paths {
		var above uint64 = 1
		for i, name := range strings.Split(p, "/") {
			path := strings.Join(strings.Split(p, "/")[:i+1], "/")
			if ids[path] == 0 {
				f.nodes = append(f.nodes, fuseNode{path: path, name: name, folder: path != p})
				ids[path] = uint64(len(f.nodes))
				f.nodes[above-1].children = append(f.nodes[above-1].children, ids[path])
			}
			above = ids[path]
		}
	}
	return f
}

// fuse mounts the file system at rel. It is known by its source.
func (s *stage) fuse(f *fuseFS, rel string) {
	s.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		s.Skipf("no /dev/fuse: %v", err)
	}
	s.mount("test:"+s.path("fuse"), rel, "fuse.sdtest", unix.MS_RDONLY, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd))
	f.dev = os.NewFile(uintptr(fd), "/dev/fuse") // before it was mounted nobody could wait for it
	f.serves.Go(f.serve)
	s.after = append(s.after, f.die)
}

// fails makes all that follows meet the fault; nil ends it.
func (f *fuseFS) fails(fn fault) {
	if fn == nil {
		f.fault.Store(nil)
		return
	}
	f.fault.Store(&fn)
}

// die ends the program: whoever asks hears that the transport is not connected.
func (f *fuseFS) die() {
	f.fails(nil)
	_ = f.dev.Close() // a second time it is closed already
	f.serves.Wait()
}

func (f *fuseFS) serve() {
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		buf := make([]byte, 1<<17+4096) // the longest write and its header
		n, err := f.dev.Read(buf)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT):
			continue // the call was interrupted before it was read
		case err != nil || n < 40:
			return // unmounted, or closed
		}
		calls.Go(func() { f.answer(buf[:n]) })
	}
}

// Numbers of the protocol, from linux/fuse.h.
const (
	opLookup      = 1
	opForget      = 2
	opGetattr     = 3
	opStatfs      = 17
	opInit        = 26
	opOpendir     = 27
	opReaddir     = 28
	opReleasedir  = 29
	opInterrupt   = 36
	opBatchForget = 42
)

var order = binary.LittleEndian

func (f *fuseFS) answer(in []byte) {
	op, unique, id := order.Uint32(in[4:]), order.Uint64(in[8:]), order.Uint64(in[16:])
	var body []byte
	var errno unix.Errno
	switch op {
	case opForget, opBatchForget, opInterrupt:
		return // no answer is wanted
	case opInit:
		body = make([]byte, 64)
		order.PutUint32(body, 7)
		order.PutUint32(body[4:], 31)
		order.PutUint32(body[20:], 1<<17) // the longest write
	case opStatfs:
		body = make([]byte, 80)
		for i := range 5 {
			order.PutUint64(body[8*i:], 1000)
		}
		order.PutUint32(body[40:], 4096)
		order.PutUint32(body[44:], 255)
		order.PutUint32(body[48:], 4096)
	case opOpendir:
		body = make([]byte, 16)
	case opReleasedir:
	case opGetattr:
		if errno = f.meets("getattr", id, 0); errno == 0 {
			body = append(make([]byte, 16), f.attributes(id)...)
		}
	case opLookup:
		body, errno = f.lookup(id, strings.TrimRight(string(in[40:]), "\x00"))
	case opReaddir:
		body, errno = f.readdir(id, int(order.Uint64(in[48:])), int(order.Uint32(in[56:])))
	default:
		errno = unix.ENOSYS
	}
	if errno != 0 {
		body = nil
	}
	out := make([]byte, 16, 16+len(body))
	order.PutUint32(out, uint32(16+len(body)))
	order.PutUint32(out[4:], uint32(-int32(errno)))
	order.PutUint64(out[8:], unique)
	if _, err := f.dev.Write(append(out, body...)); err != nil && !errors.Is(err, os.ErrClosed) && !errors.Is(err, io.EOF) {
		return // the caller was killed, or the file system unmounted
	}
}

func (f *fuseFS) meets(op string, id uint64, told int) unix.Errno {
	if fn := f.fault.Load(); fn != nil {
		return (*fn)(op, f.nodes[id-1].path, told)
	}
	return 0
}

func (f *fuseFS) attributes(id uint64) []byte {
	a := make([]byte, 88)
	order.PutUint64(a, id)
	for i := 3; i < 6; i++ {
		order.PutUint64(a[8*i:], 1_700_000_000)
	}
	mode, links := uint32(unix.S_IFREG|0o644), uint32(1)
	if f.nodes[id-1].folder {
		mode, links = unix.S_IFDIR|0o755, 2
	}
	order.PutUint32(a[60:], mode)
	order.PutUint32(a[64:], links)
	return a
}

func (f *fuseFS) lookup(dir uint64, name string) ([]byte, unix.Errno) {
	for _, id := range f.nodes[dir-1].children {
		if f.nodes[id-1].name != name {
			continue
		}
		if errno := f.meets("lookup", id, 0); errno != 0 {
			return nil, errno
		}
		entry := make([]byte, 40) // valid for no time at all: nothing is kept
		order.PutUint64(entry, id)
		return append(entry, f.attributes(id)...), 0
	}
	return nil, unix.ENOENT
}

func (f *fuseFS) readdir(dir uint64, from, room int) (out []byte, errno unix.Errno) {
	children := f.nodes[dir-1].children
	for i := from; i < len(children) && i < from+10; i++ { // few at a time, so that one can fail in the middle
		n := f.nodes[children[i]-1]
		e := make([]byte, 24, 24+len(n.name)+8)
		order.PutUint64(e, children[i])
		order.PutUint64(e[8:], uint64(i+1))
		order.PutUint32(e[16:], uint32(len(n.name)))
		kind := uint32(unix.DT_REG)
		if n.folder {
			kind = unix.DT_DIR
		}
		order.PutUint32(e[20:], kind)
		e = append(e, n.name...)
		for len(e)%8 != 0 {
			e = append(e, 0)
		}
		if len(out)+len(e) > room {
			break
		}
		out = append(out, e...)
	}
	return out, f.meets("readdir", dir, from)
}
