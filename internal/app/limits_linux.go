package app

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
)

// residentMemory is how much memory the process holds, in bytes; 0 if unknown.
func residentMemory() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// limits looks at what the system grants.
func limits() []limit {
	const fewWatches, fewFiles = 65536, 1024
	watches := limit{name: "folder watches", good: "enough for most libraries"}
	if b, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches"); err == nil {
		n, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		watches.good = fmt.Sprintf("%d folders can be watched live", n)
		if n < fewWatches {
			watches.err = errs.New(errs.Unavailable, "only %d folders can be watched live", n).Try("Run: sysctl fs.inotify.max_user_watches=524288")
		}
	}
	files := limit{name: "open files"}
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err == nil {
		files.good = fmt.Sprintf("%d files can be open", r.Cur)
		if r.Cur < fewFiles {
			files.err = errs.New(errs.Unavailable, "only %d files can be open", r.Cur).Try("Run: ulimit -n 4096")
		}
	}
	return []limit{watches, files}
}
