package watch

import (
	"encoding/binary"
	"errors"
	"os"

	"golang.org/x/sys/windows"

	"github.com/stardrive/stardrive/internal/errs"
)

// readDirectory is ReadDirectoryChangesW.
type readDirectory struct{}

func newSystem() (system, error) { return readDirectory{}, nil }

func (readDirectory) how() string { return byReadDir }

const shareAll = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE

func openFolder(path string, access, flags uint32) (windows.Handle, error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, errs.New(errs.Invalid, "watching: %w", err).At(path)
	}
	h, err := windows.CreateFile(p, access, shareAll, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS|flags, 0)
	if err != nil {
		kind := errs.Internal
		switch {
		case errors.Is(err, os.ErrNotExist):
			kind = errs.NotFound
		case errors.Is(err, os.ErrPermission):
			kind = errs.Denied
		}
		return 0, errs.New(kind, "watching: %w", err).At(path)
	}
	return h, nil
}

func (readDirectory) identify(path string) (id folderID, err error) {
	h, err := openFolder(path, windows.FILE_READ_ATTRIBUTES, 0)
	if err != nil {
		return id, err
	}
	defer func() { _ = windows.CloseHandle(h) }()
	if !isFolder(h) {
		return id, errs.New(errs.NotFound, "not a folder").At(path)
	}
	var b [24]byte // FILE_ID_INFO
	if isRemote(h) || !keepsIDs(h) || windows.GetFileInformationByHandleEx(h, windows.FileIdInfo, &b[0], uint32(len(b))) != nil {
		return id, errs.New(errs.Unsupported, "changes on this kind of volume cannot be followed").At(path).Try("Rely on scans, which find its changes.")
	}
	id.volume = binary.LittleEndian.Uint64(b[:])
	copy(id.id[:], b[8:])
	return id, nil
}

func isFolder(h windows.Handle) bool {
	var i windows.ByHandleFileInformation
	return windows.GetFileInformationByHandle(h, &i) == nil && i.FileAttributes&windows.FILE_ATTRIBUTE_DIRECTORY != 0
}

// isRemote reports whether another machine holds the folder: only then is there
// a protocol to tell of.
func isRemote(h windows.Handle) bool {
	var b [256]byte // FILE_REMOTE_PROTOCOL_INFO, of any version
	return windows.GetFileInformationByHandleEx(h, windows.FileRemoteProtocolInfo, &b[0], uint32(len(b))) == nil
}

// keepsIDs reports whether a folder has one number for its life. On FAT it is
// where the folder's record stands, which changes.
func keepsIDs(h windows.Handle) bool {
	var name [windows.MAX_PATH + 1]uint16
	err := windows.GetVolumeInformationByHandle(h, nil, 0, nil, nil, nil, &name[0], uint32(len(name)))
	fs := windows.UTF16ToString(name[:])
	return err == nil && (fs == "NTFS" || fs == "ReFS")
}

const readDirectoryMask = windows.FILE_NOTIFY_CHANGE_FILE_NAME | windows.FILE_NOTIFY_CHANGE_DIR_NAME | windows.FILE_NOTIFY_CHANGE_ATTRIBUTES |
	windows.FILE_NOTIFY_CHANGE_SIZE | windows.FILE_NOTIFY_CHANGE_LAST_WRITE | windows.FILE_NOTIFY_CHANGE_CREATION

// reading is one tree that is watched.
type reading struct {
	root         string
	handle, port windows.Handle
	over         windows.Overlapped
	buf          []byte // the kernel writes to it while a read is under way
	quit, done   chan struct{}
}

func (readDirectory) watch(root string, tell func([]change)) (stop func(), err error) {
	r := &reading{root: root, buf: make([]byte, 64<<10), quit: make(chan struct{}), done: make(chan struct{})}
	if r.handle, err = openFolder(root, windows.FILE_LIST_DIRECTORY, windows.FILE_FLAG_OVERLAPPED); err != nil {
		return nil, err
	}
	if r.port, err = windows.CreateIoCompletionPort(r.handle, 0, 0, 1); err == nil {
		if err = r.begin(); err == nil {
			go r.serve(tell)
			return r.stop, nil
		}
		_ = windows.CloseHandle(r.port)
	}
	_ = windows.CloseHandle(r.handle)
	return nil, errs.New(errs.Unavailable, "watching: %w", err).At(root).Try("Rely on scans, which find all changes.")
}

// begin has the kernel tell of the next changes. From the first call on it keeps
// those that come between two reads.
func (r *reading) begin() error {
	r.over = windows.Overlapped{}
	return windows.ReadDirectoryChanges(r.handle, &r.buf[0], uint32(len(r.buf)), true, readDirectoryMask, nil, &r.over, 0)
}

// stop ends the reading and waits until it has ended. It is called once.
func (r *reading) stop() {
	_ = windows.PostQueuedCompletionStatus(r.port, 0, 0, nil)
	close(r.quit)
	<-r.done
}

func (r *reading) serve(tell func([]change)) {
	defer close(r.done)
	under := true // a read is under way, and may write to buf
	for under {
		n, stopped, err := r.next()
		if stopped {
			break
		}
		var cs []change
		switch under = false; {
		case err == nil:
			cs = decodeReadDirectory(r.root, r.buf[:n], windows.UTF16ToString)
		case errors.Is(err, windows.ERROR_NOTIFY_ENUM_DIR):
			cs = []change{{lost: true}}
		default: // the folder is gone, or its volume
			tell([]change{{over: true}})
			continue
		}
		if under = r.begin() == nil; !under {
			cs = append(cs, change{over: true})
		}
		tell(cs)
	}
	<-r.quit
	if under && windows.CancelIoEx(r.handle, &r.over) == nil {
		for stopped := true; stopped; {
			_, stopped, _ = r.next()
		}
	}
	_ = windows.CloseHandle(r.handle)
	_ = windows.CloseHandle(r.port)
}

// next waits for the read under way. stopped: it was told to stop instead.
func (r *reading) next() (n uint32, stopped bool, err error) {
	var key uintptr
	var over *windows.Overlapped
	err = windows.GetQueuedCompletionStatus(r.port, &n, &key, &over, windows.INFINITE)
	return n, over == nil, err
}
