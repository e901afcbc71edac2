package trash

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	infoHead = "[Trash Info]"
	maxInfo  = 64 << 10
	when     = "2006-01-02T15:04:05" // local time, as the specification has it
)

// info is what a .trashinfo tells.
type info struct {
	path    string // decoded: absolute, or relative to the volume
	deleted time.Time
}

// encode writes a .trashinfo.
func (i info) encode() []byte {
	return []byte(infoHead + "\nPath=" + escape(i.path) + "\nDeletionDate=" + i.deleted.Local().Format(when) + "\n")
}

// parseInfo reads a .trashinfo of whatever program. Of a key that is there twice
// the first counts; a date that cannot be read is none. ok: it tells a path.
func parseInfo(b []byte) (i info, ok bool) {
	inside, dated := false, false
	for line := range bytes.Lines(b) {
		s := strings.TrimRight(string(line), "\r\n")
		if strings.HasPrefix(s, "[") {
			inside = s == infoHead
			continue
		}
		key, value, found := strings.Cut(s, "=")
		if !inside || !found {
			continue
		}
		switch strings.TrimSpace(key) {
		case "Path":
			if !ok {
				i.path, ok = unescape(strings.TrimSpace(value)), true
			}
		case "DeletionDate":
			if !dated {
				dated = true
				i.deleted = parseDate(strings.TrimSpace(value))
			}
		}
	}
	return i, ok && i.path != ""
}

func parseDate(s string) time.Time {
	for _, layout := range []string{when, time.RFC3339, "20060102T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t
		}
	}
	return time.Time{}
}

// escape encodes raw bytes as in a URL; the slashes stay.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.!~*'()/", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(hex[c>>4])
		out.WriteByte(hex[c&15])
	}
	return out.String()
}

// unescape undoes escape. A % that begins no number stands for itself.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, ok1 := unhex(s[i+1])
			lo, ok2 := unhex(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// told is the path that an info in folder has of a thing that stood at was.
func (b *Bin) told(folder, was string) string {
	if folder == b.v.Home {
		return strings.TrimSuffix(b.v.Mount, "/") + "/" + was
	}
	return was // so that it holds wherever the volume is mounted
}

// was makes of the path in an info one of the driver; "" where it is none of this
// volume, or leads somewhere by "..".
func (b *Bin) was(folder, path string) string {
	if rel, absolute := strings.CutPrefix(path, "/"); absolute {
		mount := strings.Trim(b.v.Mount, "/")
		if mount != "" {
			var ok bool
			if rel, ok = strings.CutPrefix(rel, mount+"/"); !ok {
				return ""
			}
		}
		path = rel
	} else if folder == b.v.Home { // beside the home's trash folder, as the specification allows
		parent, _ := vfs.Split(folder)
		path = vfs.Join(parent, path)
	}
	path = strings.TrimSuffix(path, "/")
	if path == "" || !vfs.Valid(path) {
		return ""
	}
	return path
}

// readInfo reads the info of a name. ok false: there is none that says anything.
func readInfo(ctx context.Context, dir vfs.Dir, name string) (i info, ok bool, err error) {
	if len(name)+len(infoExt) > 255 {
		return i, false, nil
	}
	h, err := dir.Open(ctx, name+infoExt)
	switch errs.KindOf(err) {
	case "":
	case errs.NotFound, errs.Unsupported, errs.Denied, errs.Invalid:
		return i, false, nil
	default:
		return i, false, err
	}
	defer h.Close()
	raw, err := io.ReadAll(io.LimitReader(h, maxInfo))
	if err != nil {
		return i, false, err
	}
	i, ok = parseInfo(raw)
	return i, ok, nil
}
