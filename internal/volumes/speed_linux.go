package volumes

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// openUncached opens a file for reading, past the page cache where the file
// system lets one. FIFOs and devices are not opened: what stands at path is
// looked at first, and again when it is open.
func openUncached(root *os.Root, path string) (uncached, error) {
	seen, err := root.Lstat(path)
	if err != nil || !seen.Mode().IsRegular() {
		return uncached{}, errs.New(errs.NotFound, "no file any more")
	}
	f, err := root.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_DIRECT, 0)
	bypasses := err == nil
	if err != nil {
		f, err = root.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	}
	if err != nil {
		return uncached{}, err
	}
	if now, err := f.Stat(); err != nil || !os.SameFile(seen, now) {
		_ = f.Close() // it was only looked at
		return uncached{}, errs.New(errs.NotFound, "no file any more")
	}
	return uncached{File: f, size: seen.Size() / small * small, bypasses: bypasses}, nil
}

// bypass makes reads and writes of an open file go past the page cache, where
// the file system can.
func bypass(f *os.File) bool {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_SETFL, flags|unix.O_DIRECT)
	}
	return err == nil
}

// forget asks the system to drop what it keeps of the file in memory.
func (f uncached) forget() {
	if !f.bypasses {
		_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) // a hint
	}
}

// aligned returns n bytes that begin where devices want them to.
func aligned(n int) []byte {
	b := make([]byte, n+small)
	skip := small - int(uintptr(unsafe.Pointer(&b[0]))%small)
	return b[skip : skip+n]
}
