package catalog

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// View is an entry as every face shows it, indexed or not.
type View struct {
	ID        string         `json:"id" jsonschema:"the entry's id; empty while it is not in the index"`
	Name      string         `json:"name" jsonschema:"its name, for people"`
	Raw       string         `json:"raw,omitempty" jsonschema:"base64 of the name's bytes where name cannot show them"`
	Path      string         `json:"path" jsonschema:"its SdPath: the address that works everywhere"`
	OSPath    string         `json:"os_path,omitempty" jsonschema:"its absolute path on this machine, for people, while its volume is mounted"`
	Kind      string         `json:"kind" jsonschema:"file, folder, symlink, fifo, socket, char_device, block_device or unknown"`
	Size      int64          `json:"size" jsonschema:"bytes of a file; of a folder, the sum of what is below it"`
	Modified  time.Time      `json:"modified,omitzero" jsonschema:"last change of its bytes"`
	Created   time.Time      `json:"created,omitzero" jsonschema:"when it was made, where the volume knows"`
	Mode      string         `json:"mode" jsonschema:"permission bits in octal, such as 0644"`
	State     string         `json:"state" jsonschema:"present, absent, offline, unknown, or excluded by the rules of its location"`
	Hidden    bool           `json:"hidden" jsonschema:"its name begins with a dot"`
	Type      string         `json:"type,omitempty" jsonschema:"of a file: what it is for, by its name: image, video, audio, document, code ... or other"`
	MIME      string         `json:"mime,omitempty" jsonschema:"of a file: media type, by its name"`
	Extension string         `json:"extension,omitempty" jsonschema:"lower-case extension without the dot"`
	Files     int64          `json:"files,omitempty" jsonschema:"of a folder: all below it that is not a folder"`
	Folders   int64          `json:"folders,omitempty" jsonschema:"of a folder: folders below it"`
	Links     uint32         `json:"links,omitempty" jsonschema:"names of this file (hard links)"`
	Inode     string         `json:"inode,omitempty" jsonschema:"its number on the volume"`
	Parent    string         `json:"parent,omitempty" jsonschema:"id of the folder it stands in"`
	Volume    string         `json:"volume,omitempty" jsonschema:"name of its volume"`
	VolumeID  ident.VolumeID `json:"volume_id,omitempty" jsonschema:"id of its volume"`
	Target    string         `json:"target,omitempty" jsonschema:"what a symlink points to"`
	Mount     bool           `json:"mount,omitempty" jsonschema:"another file system is mounted here"`
}

// NewView shows e, which stands at path on the volume g.
func (c *Catalog) NewView(e *Entry, path string, g Ground) View {
	name := e.Name
	if e.Parent == 0 {
		name = g.Name
	}
	v := View{
		Name: name, Path: g.SdPath(path).String(), Kind: e.Kind.String(), Size: e.Size, Mode: fmt.Sprintf("%04o", e.Mode),
		Modified: fromNanos(e.Modified), Created: fromNanos(e.Created), State: stateName(e.State, g.Online),
		Hidden: strings.HasPrefix(name, ".") && e.Parent != 0, Links: e.Links, Volume: g.Name, VolumeID: g.ID,
	}
	if !Printable(name) {
		v.Raw = base64.StdEncoding.EncodeToString([]byte(name))
		v.Name = PlainName(name)
	}
	if e.ID != 0 {
		v.ID, v.Parent = idString(e.ID), idString(e.Parent)
	}
	if e.Inode != 0 {
		v.Inode = fmt.Sprint(e.Inode)
	}
	if g.Mount != "" {
		v.OSPath = PlainName(filepath.Join(g.Mount, filepath.FromSlash(path)))
	}
	if e.Kind == vfs.Folder {
		v.Size, v.Files, v.Folders = e.Totals.Bytes, e.Totals.Files, e.Totals.Folders
	} else {
		v.Extension = filekind.Extension(name)
		if e.Kind == vfs.File {
			t := c.Kinds.ByName(name)
			v.Type, v.MIME = t.Kind.String(), t.MIME
		}
	}
	return v
}

func idString(id ident.EntryID) string {
	if id == 0 {
		return ""
	}
	b, _ := id.MarshalText()
	return string(b)
}

func stateName(s State, online bool) string {
	switch {
	case s == Absent:
		return "absent"
	case s == Excluded:
		return "excluded"
	case !online:
		return "offline"
	case s == Present:
		return "present"
	}
	return "unknown"
}

// Printable reports whether text shows name faithfully: valid UTF-8 without
// control characters.
func Printable(name string) bool {
	if !utf8.ValidString(name) {
		return false
	}
	return strings.IndexFunc(name, unicode.IsControl) < 0
}

// PlainName makes valid UTF-8 of raw bytes, for people; it loses what is not.
func PlainName(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }
