package filekind

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
)

//go:embed kinds.tsv
var kinds string

// row is one media type.
type row struct {
	kind  Kind
	mime  string
	magic [][]mark // one of these, all marks of it
}

// mark is what stands at one place of a file.
type mark struct {
	at    int
	bytes []byte
}

// Table tells types of files. It does not change, and is safe for concurrent use.
type Table struct {
	rows  []row
	ext   map[string]int // by extension
	whole map[string]int // by a whole name, in lower case
	mime  map[string]int
	odd   map[string]bool // extensions of whole names
	magic []int           // rows that have some, the newest first
}

// Ours returns the table of this program, for those whom nobody gave the user's.
// It is data of ours: it is tested, and never changes.
func Ours() *Table { return ours() }

var ours = sync.OnceValue(func() *Table {
	t, err := New("")
	if err != nil {
		panic(err)
	}
	return t
})

// New returns the table of this program with the lines of extra, in the form of
// kinds.tsv, laid over it. Errors: errs.Invalid with the line that is wrong.
func New(extra string) (*Table, error) {
	t := &Table{ext: map[string]int{}, whole: map[string]int{}, mime: map[string]int{}, odd: map[string]bool{}}
	for _, text := range []string{kinds, extra} {
		var magic []int
		n := 0
		for line := range strings.Lines(text) {
			n++
			if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
				continue
			}
			if why := t.add(strings.Split(line, "\t")); why != "" {
				return nil, errs.New(errs.Invalid, "line %d of the table of kinds: %s", n, why).Try("A line holds a kind, a media type, extensions and maybe OFFSET:HEX, apart by tabs.")
			}
			if last := len(t.rows) - 1; t.rows[last].magic != nil {
				magic = append(magic, last)
			}
		}
		t.magic = append(magic, t.magic...)
	}
	return t, nil
}

func (t *Table) add(fields []string) (why string) {
	if len(fields) < 3 || len(fields) > 4 {
		return "it has " + strconv.Itoa(len(fields)) + " fields"
	}
	kind, ok := Parse(fields[0])
	if !ok {
		return "there is no kind " + strconv.Quote(fields[0])
	}
	types := strings.Fields(strings.ToLower(fields[1]))
	if len(types) == 0 {
		return "it has no media type"
	}
	r, n := row{kind: kind, mime: types[0]}, len(t.rows)
	for _, m := range types {
		if major, minor, ok := strings.Cut(m, "/"); !ok || major == "" || minor == "" || strings.ContainsAny(m, ";,*") {
			return strconv.Quote(m) + " is no media type"
		}
		t.mime[m] = n
	}
	for _, e := range strings.Fields(strings.ToLower(fields[2])) {
		if name, ok := strings.CutPrefix(e, "="); ok {
			t.whole[name], t.odd[Extension(name)] = n, true
		} else {
			t.ext[strings.TrimPrefix(e, ".")] = n
		}
	}
	if len(fields) == 4 {
		if r.magic, ok = parseMagic(fields[3]); !ok {
			return strconv.Quote(fields[3]) + " is no OFFSET:HEX"
		}
	}
	t.rows = append(t.rows, r)
	return ""
}

func parseMagic(text string) (magic [][]mark, ok bool) {
	for one := range strings.SplitSeq(text, "|") {
		var marks []mark
		for m := range strings.SplitSeq(one, ",") {
			at, digits, _ := strings.Cut(strings.TrimSpace(m), ":")
			offset, err := strconv.Atoi(at)
			b, hexErr := hex.DecodeString(digits)
			if err != nil || hexErr != nil || len(b) == 0 || offset < 0 || offset > HeadSize-len(b) {
				return nil, false
			}
			marks = append(marks, mark{offset, b})
		}
		magic = append(magic, marks)
	}
	return magic, true
}

// strong reports whether nothing else bears the row's marks by accident.
func (r *row) strong() bool {
	for _, marks := range r.magic {
		n := 0
		for _, m := range marks {
			n += len(m.bytes)
		}
		if n < 8 {
			return false
		}
	}
	return true
}

// bears reports whether head has the row's marks.
func (r *row) bears(head []byte) bool {
	for _, marks := range r.magic {
		all := true
		for _, m := range marks {
			all = all && len(head) >= m.at && bytes.HasPrefix(head[m.at:], m.bytes)
		}
		if all {
			return true
		}
	}
	return false
}

// ByName is as the function.
func (t *Table) ByName(name string) Type {
	if i, ok := t.named(name); ok {
		return Type{t.rows[i].kind, t.rows[i].mime, ByItsName}
	}
	return Type{}
}

func (t *Table) named(name string) (i int, ok bool) {
	ext := Extension(name)
	if t.odd[ext] {
		if i, ok := t.whole[strings.ToLower(name)]; ok {
			return i, true
		}
	}
	i, ok = t.ext[ext]
	return i, ok && ext != ""
}

// ByExtension is as the function.
func (t *Table) ByExtension(ext string) (kind Kind, special bool) {
	if i, ok := t.ext[ext]; ok {
		kind = t.rows[i].kind
	}
	return kind, t.odd[ext]
}
