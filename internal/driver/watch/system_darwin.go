package watch

import (
	"encoding/binary"
	"errors"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// fsEvents is what is called of macOS, without cgo.
type fsEvents struct {
	stringCreate  func(allocator uintptr, s string, encoding uint32) uintptr
	arrayCreate   func(allocator uintptr, values *uintptr, n int, callbacks uintptr) uintptr
	release       func(object uintptr)
	queueCreate   func(label string, attributes uintptr) uintptr
	queueRelease  func(queue uintptr)
	currentEvent  func() uint64
	create        func(allocator, callback uintptr, context *streamContext, paths uintptr, since uint64, latency float64, flags uint32) uintptr
	setQueue      func(stream, queue uintptr)
	start         func(stream uintptr) bool
	stop          func(stream uintptr)
	invalidate    func(stream uintptr)
	streamRelease func(stream uintptr)

	callbacks uintptr // kCFTypeArrayCallBacks: the array keeps its strings
	heard     uintptr // what a stream calls

	mu      sync.Mutex
	next    uintptr
	streams map[uintptr]*stream // by the number that stands in their context
}

// streamContext is FSEventStreamContext.
type streamContext struct {
	version                int
	info                   uintptr
	retain, release, about uintptr
}

// stream is one tree that is watched.
type stream struct {
	mu   sync.Mutex
	tell func([]change) // nil once stopped
}

// loadFSEvents is called once for the process, since what it makes for C to call
// is never freed.
var loadFSEvents = sync.OnceValues(func() (*fsEvents, error) {
	f := &fsEvents{streams: map[uintptr]*stream{}}
	const frameworks = "/System/Library/Frameworks/"
	core, err := purego.Dlopen(frameworks+"CoreFoundation.framework/CoreFoundation", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, err
	}
	services, err := purego.Dlopen(frameworks+"CoreServices.framework/CoreServices", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		library uintptr
		name    string
		fn      any
	}{
		{core, "CFStringCreateWithCString", &f.stringCreate},
		{core, "CFArrayCreate", &f.arrayCreate},
		{core, "CFRelease", &f.release},
		{purego.RTLD_DEFAULT, "dispatch_queue_create", &f.queueCreate},
		{purego.RTLD_DEFAULT, "dispatch_release", &f.queueRelease},
		{services, "FSEventsGetCurrentEventId", &f.currentEvent},
		{services, "FSEventStreamCreate", &f.create},
		{services, "FSEventStreamSetDispatchQueue", &f.setQueue},
		{services, "FSEventStreamStart", &f.start},
		{services, "FSEventStreamStop", &f.stop},
		{services, "FSEventStreamInvalidate", &f.invalidate},
		{services, "FSEventStreamRelease", &f.streamRelease},
	} {
		address, err := purego.Dlsym(c.library, c.name)
		if err != nil {
			return nil, err
		}
		purego.RegisterFunc(c.fn, address)
	}
	if f.callbacks, err = purego.Dlsym(core, "kCFTypeArrayCallBacks"); err != nil {
		return nil, err
	}
	f.heard = purego.NewCallback(f.hear)
	return f, nil
})

func newSystem() (system, error) {
	f, err := loadFSEvents()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "FSEvents: %w", err).Try("Rely on scans, which find all changes.")
	}
	return f, nil
}

func (f *fsEvents) how() string { return byFSEvents }

// identify knows APFS and HFS+, where a folder has one number for its life and
// FSEvents tells of all changes.
func (f *fsEvents) identify(path string) (id folderID, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		kind := errs.Internal
		switch {
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
			kind = errs.NotFound
		case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
			kind = errs.Denied
		}
		return id, errs.New(kind, "watching: %w", err).At(path)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return id, errs.New(errs.NotFound, "not a folder").At(path)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return id, errs.New(errs.Internal, "watching: %w", err).At(path)
	}
	if typ := unix.ByteSliceToString(fs.Fstypename[:]); fs.Flags&unix.MNT_LOCAL == 0 || typ != "apfs" && typ != "hfs" {
		return id, errs.New(errs.Unsupported, "changes on this kind of volume cannot be followed").At(path).Try("Rely on scans, which find its changes.")
	}
	id.volume = uint64(uint32(st.Dev))
	binary.NativeEndian.PutUint64(id.id[:], st.Ino)
	return id, nil
}

const (
	utf8Encoding = 0x08000100
	latency      = 0.05      // seconds that changes may gather
	streamFlags  = 0x2 | 0x4 // the first change at once; tell when the root moves
)

func (f *fsEvents) watch(root string, tell func([]change)) (stop func(), err error) {
	failed := errs.New(errs.Unavailable, "FSEvents cannot watch it").At(root).Try("Rely on scans, which find all changes.")
	text := f.stringCreate(0, root, utf8Encoding)
	if text == 0 {
		return nil, failed
	}
	defer f.release(text)
	paths := f.arrayCreate(0, &text, 1, f.callbacks)
	if paths == 0 {
		return nil, failed
	}
	defer f.release(paths)
	s := &stream{tell: tell}
	f.mu.Lock()
	f.next++
	number := f.next
	f.streams[number] = s
	f.mu.Unlock()
	ref := f.create(0, f.heard, &streamContext{info: number}, paths, f.currentEvent(), latency, streamFlags)
	if ref == 0 {
		f.forget(number)
		return nil, failed
	}
	queue := f.queueCreate("stardrive.watch", 0)
	f.setQueue(ref, queue)
	end := func() {
		f.invalidate(ref)
		f.streamRelease(ref)
		f.queueRelease(queue)
		f.forget(number)
	}
	if !f.start(ref) {
		end()
		return nil, failed
	}
	return func() {
		f.stop(ref)
		end()
		s.mu.Lock() // waits for what is being told
		s.tell = nil
		s.mu.Unlock()
	}, nil
}

func (f *fsEvents) forget(number uintptr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.streams, number)
}

// hear is FSEventStreamCallback, called on a thread of the stream's queue.
func (f *fsEvents) hear(_, number, n uintptr, paths **byte, flags *uint32, _ unsafe.Pointer) {
	f.mu.Lock()
	s := f.streams[number]
	f.mu.Unlock()
	if s == nil || n == 0 {
		return
	}
	texts := make([]string, n)
	for i, p := range unsafe.Slice(paths, n) {
		texts[i] = unix.BytePtrToString(p)
	}
	cs := decodeFSEvents(texts, unsafe.Slice(flags, n))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tell != nil {
		s.tell(cs)
	}
}
