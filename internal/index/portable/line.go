package portable

import (
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/stardrive/stardrive/internal/vfs"
)

// The first line says what the file is; later versions may say more in it.
type head struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Header
}

// line is any later one: the beginning of a folder, an entry, or the end.
type line struct {
	Folder uint64 `json:"folder,omitzero"`
	entryLine
	End *end `json:"end,omitempty"`
}

type entryLine struct {
	Name     string `json:"name,omitempty"` // where the bytes are valid UTF-8
	Raw      []byte `json:"raw,omitempty"`  // else
	Kind     string `json:"kind,omitempty"` // no line but an entry's has one
	State    State  `json:"state,omitempty"`
	Size     int64  `json:"size,omitzero"`
	Modified int64  `json:"modified,omitzero"`
	Changed  int64  `json:"changed,omitzero"`
	Created  int64  `json:"created,omitzero"`
	Inode    uint64 `json:"inode,omitzero"`
	Mode     uint32 `json:"mode,omitzero"`
	Links    uint32 `json:"links,omitzero"`
}

type end struct {
	Entries int64  `json:"entries"`
	SHA256  string `json:"sha256"` // hex, of all bytes before this line
}

var kinds = []vfs.Kind{vfs.Unknown, vfs.File, vfs.Folder, vfs.Symlink, vfs.FIFO, vfs.Socket, vfs.CharDevice, vfs.BlockDevice}

func (e *Entry) line() entryLine {
	l := entryLine{"", nil, e.Kind.String(), e.State, e.Size, e.Modified, e.Changed, e.Created, e.Inode, e.Mode, e.Links}
	if utf8.ValidString(e.Name) {
		l.Name = e.Name
	} else {
		l.Raw = []byte(e.Name)
	}
	return l
}

func (l *entryLine) entry() (Entry, error) {
	i := slices.IndexFunc(kinds, func(k vfs.Kind) bool { return k.String() == l.Kind })
	if i < 0 {
		return Entry{}, damaged("%q is no kind of entry", l.Kind)
	}
	e := Entry{l.Name, kinds[i], l.State, l.Size, l.Modified, l.Changed, l.Created, l.Inode, l.Mode, l.Links}
	switch {
	case len(l.Raw) == 0:
	case l.Name != "" || utf8.Valid(l.Raw): // two spellings of one name
		return e, damaged("%q has a name twice", l.Raw)
	default:
		e.Name = string(l.Raw)
	}
	switch e.State {
	case Present, Known, Absent, Excluded:
		return e, nil
	}
	return e, damaged("%q is in no known state", e.Name)
}

// MarshalJSONTo writes e as a line has it.
func (e Entry) MarshalJSONTo(enc *jsontext.Encoder) error { return json.MarshalEncode(enc, e.line()) }

// UnmarshalJSONFrom reads what MarshalJSONTo writes.
func (e *Entry) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var l entryLine
	if err := json.UnmarshalDecode(dec, &l); err != nil {
		return err
	}
	var err error
	*e, err = l.entry()
	return err
}
