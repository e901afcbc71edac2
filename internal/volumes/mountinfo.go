package volumes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parseMountinfo reads the text of /proc/self/mountinfo (see proc_pid_mountinfo(5)):
//
//	36 35 98:0 /root /mnt/usb rw,noatime master:1 - ext4 /dev/sdb1 rw,errors=continue
//
// A line that cannot be read fails the whole: with a mount missing, its paths
// would seem to lie on the volume below.
func parseMountinfo(text string) ([]Mount, error) {
	var mounts []Mount
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		m, err := parseMountLine(line)
		if err != nil {
			return nil, fmt.Errorf("mount table: %w: %q", err, line)
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

func parseMountLine(line string) (m Mount, err error) {
	// A source may be empty, which leaves two spaces: fields are split at each.
	f := strings.Split(line, " ")
	if len(f) < 6 {
		return m, fmt.Errorf("only %d fields", len(f))
	}
	sep := slices.Index(f[6:], "-")
	if sep < 0 || len(f[6+sep:]) < 4 {
		return m, fmt.Errorf("no file system type, source and options")
	}
	if m.ID, err = strconv.Atoi(f[0]); err != nil {
		return m, err
	}
	if m.Parent, err = strconv.Atoi(f[1]); err != nil {
		return m, err
	}
	tail := f[7+sep:]
	m.Dev, m.Root, m.Point = f[2], unescape(f[3]), unescape(f[4])
	m.Type, m.Source, m.Options = unescape(tail[0]), unescape(tail[1]), unescape(tail[2])
	m.ReadOnly = hasOption(f[5], "ro") || hasOption(tail[2], "ro")
	if !strings.HasPrefix(m.Point, "/") {
		return m, fmt.Errorf("the mount point is not absolute")
	}
	return m, nil
}

func hasOption(options, name string) bool {
	return slices.Contains(strings.Split(options, ","), name)
}

// unescape turns the kernel's \ooo (three octal digits) back into bytes.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
