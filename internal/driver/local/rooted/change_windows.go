package rooted

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const hasXattrs, hasOwners = false, false

func told(op, path string, err error) error {
	if errors.Is(err, os.ErrClosed) {
		err = errDirClosed
	}
	return oserr.Wrap(op, path, err)
}

// words says what errors mean that tell little.
func (f *dir) words(err error) error {
	var errno windows.Errno
	if already := (*errs.Error)(nil); errors.As(err, &already) || !errors.As(err, &errno) {
		return err
	}
	switch errno {
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL:
		return errs.New(errs.Unavailable, "the volume is full: %w", errno)
	case windows.ERROR_WRITE_PROTECT:
		return errs.New(errs.Denied, "the volume is read-only: %w", errno)
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION:
		return errs.New(errs.Conflict, "another program has it open: %w", errno)
	case windows.ERROR_NOT_SAME_DEVICE:
		return errElsewhere
	}
	return err
}

func (d *Driver) kindOfVolume() kind {
	k := kind{keeps: vfs.PartModified, step: 2_000_000_000, maxName: 3 * utf16Name, holds: holdsName}
	volume := filepath.VolumeName(d.path) + `\`
	root, err := windows.UTF16PtrFromString(volume)
	if err != nil {
		return k
	}
	var name [windows.MAX_PATH + 1]uint16
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) != nil {
		return k
	}
	switch windows.UTF16ToString(name[:]) {
	case "NTFS":
		k.keeps, k.step = vfs.PartModified|vfs.PartLinks|vfs.PartSymlinks, 100
	case "ReFS":
		k.step = 100
	case "FAT32", "FAT":
		k.maxFile = math.MaxUint32
	}
	return k
}

const utf16Name = 255

// holdsName knows what a name must be; a dot or space at its end would be taken
// off without a word.
func holdsName(name string) bool {
	if !utf8.ValidString(name) || !holds(name) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return false
	}
	for _, r := range name {
		if r < ' ' {
			return false
		}
	}
	n := len(utf16.Encode([]rune(name)))
	return n > 0 && n <= utf16Name
}

// Classes of NtSetInformationFile that give an open file a name in a folder.
const (
	fileRenameInformation = 10
	fileLinkInformation   = 11
)

// nameInformation is FILE_RENAME_INFORMATION and FILE_LINK_INFORMATION.
type nameInformation struct {
	replace uint32 // 0: a name that is taken is an error
	folder  windows.Handle
	length  uint32 // bytes
	name    [utf16Name + 1]uint16
}

// setName gives the entry name of from the name toName in to, by handles of both
// folders, in one step that replaces nothing. A reparse point is not followed.
func setName(from *dir, name string, to *dir, toName string, class, access uint32) error {
	long, err := windows.UTF16FromString(toName)
	if err != nil || len(long)-1 > utf16Name {
		return errName
	}
	text, err := windows.NewNTUnicodeString(name)
	if err != nil {
		return errName
	}
	attrs := windows.OBJECT_ATTRIBUTES{RootDirectory: windows.Handle(from.f.Fd()), ObjectName: text}
	attrs.Length = uint32(unsafe.Sizeof(attrs))
	var h windows.Handle
	var status windows.IO_STATUS_BLOCK
	err = windows.NtCreateFile(&h, windows.SYNCHRONIZE|access, &attrs, &status, nil, 0,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, windows.FILE_OPEN,
		windows.FILE_OPEN_REPARSE_POINT|windows.FILE_OPEN_FOR_BACKUP_INTENT|windows.FILE_SYNCHRONOUS_IO_NONALERT, 0, 0)
	if err != nil {
		return errnoOf(err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	info := nameInformation{folder: windows.Handle(to.f.Fd()), length: uint32(len(long)-1) * 2}
	copy(info.name[:], long)
	err = windows.NtSetInformationFile(h, &status, (*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)), class)
	return errnoOf(err)
}

// errnoOf is the error of the Win32 world that means the same.
func errnoOf(err error) error {
	var status windows.NTStatus
	if errors.As(err, &status) {
		return status.Errno()
	}
	return err
}

func linkAt(from *dir, fromName string, to *dir, name string) error {
	fi, err := from.root.Lstat(fromName)
	if err != nil {
		return err
	}
	if fi.IsDir() {
		return errs.New(errs.Unsupported, "a folder has one name only")
	}
	return setName(from, fromName, to, name, fileLinkInformation, windows.FILE_WRITE_ATTRIBUTES)
}

func renameAt(from *dir, name string, to *dir, toName string, how vfs.Renaming) error {
	if how == vfs.Exchange {
		return errNoSwap
	}
	err := setName(from, name, to, toName, fileRenameInformation, windows.DELETE)
	if errors.Is(err, windows.ERROR_INVALID_PARAMETER) {
		return errIntoSelf
	}
	return err
}

// removeAt looks before: os.Root removes both. At worst an empty folder goes that
// took a file's name meanwhile.
func removeAt(d *dir, name string, folder bool) error {
	fi, err := d.root.Lstat(name)
	switch {
	case err != nil:
		return err
	case folder && !fi.IsDir():
		return errFolder
	case !folder && fi.IsDir():
		return errIsFolder
	}
	return d.root.Remove(name)
}

// syncDir: Windows flushes a folder only through a handle that may write it.
func syncDir(*os.File) error {
	return errs.New(errs.Unsupported, "this system does not tell when names are on the medium")
}

func uncache(*os.File) error { return nil }

func describeOwner(*vfs.Meta, fs.FileInfo) {}

func readXattrs(*os.File) (map[string][]byte, error) { return nil, nil }

func setXattrs(*os.File, *vfs.Meta, vfs.Parts) (vfs.Parts, error) { return 0, nil }
