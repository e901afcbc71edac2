package cli

import (
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

const maxLog = 4 << 20 // serve.log is set aside as serve.log.1 when it is larger

// openLog opens the daemon's log for appending, readable by its owner only
// whatever the umask is, and tells its size.
func openLog(path string) (*os.File, int64, error) {
	if fi, err := os.Lstat(path); err == nil && fi.Size() > maxLog {
		_ = os.Rename(path, path+".1") // failing that, it grows on
	}
	f, err := openPrivate(path, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return nil, 0, err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return nil, 0, errs.New(errs.Internal, "%w", err)
	}
	return f, end, nil
}

// openPrivate opens or creates a file of mode 0600, independent of the umask.
func openPrivate(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errs.In("", err)
	}
	if fi, err := f.Stat(); err == nil && fi.Mode().IsRegular() && fi.Mode().Perm() != 0o600 {
		_ = f.Chmod(0o600)
	}
	return f, nil
}

// lastLines returns the last n lines that were written to path from an offset on.
func lastLines(path string, from int64, n int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil {
		from = max(from, fi.Size()-64<<10)
	}
	b, _ := io.ReadAll(io.NewSectionReader(f, from, 64<<10))
	lines := strings.Split(string(bytes.TrimSpace(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
