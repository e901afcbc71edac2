package portable

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func header() Header {
	return Header{
		Volume:   Volume{Identity: "uuid:1", Name: "Disk", Facts: json.RawMessage(`{"fs":"ext4"}`), Seen: time.Unix(5, 6).UTC()},
		Location: Location{Name: "Photos", Mode: "shallow", State: "ready", Settings: json.RawMessage(`{"rules":{}}`), Indexed: time.Unix(7, 8).UTC()},
		Path:     []Entry{{Kind: vfs.Folder, State: Known}, {Name: "p\xff", Kind: vfs.Folder, Inode: 1<<63 + 1}},
	}
}

// tree is a folder and what is in it, as a test makes it up.
type tree struct {
	Entry
	in []tree
}

func write(t interface{ Fatal(...any) }, h Header, root []tree) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	todo := [][]tree{root}
	for len(todo) > 0 {
		folder := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if err := w.Folder(); err != nil {
			t.Fatal(err)
		}
		for _, e := range folder {
			if err := w.Add(e.Entry); err != nil {
				t.Fatal(err)
			}
			if e.Kind == vfs.Folder {
				todo = append(todo, e.in)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns the tree in a file.
func read(r io.Reader) (Header, []tree, error) {
	x, err := NewReader(r)
	if err != nil {
		return Header{}, nil, err
	}
	top := &tree{}
	type slot struct {
		in *tree
		i  int
	}
	var at *tree
	waiting := []slot{{nil, 0}}
	for {
		item, err := x.Next()
		if errors.Is(err, io.EOF) {
			return x.Header, top.in, nil
		}
		if err != nil {
			return Header{}, nil, err
		}
		if item.Entry == nil {
			s := waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
			if s.in == nil {
				at = top
			} else {
				at = &s.in.in[s.i]
			}
			continue
		}
		at.in = append(at.in, tree{Entry: *item.Entry})
		if item.Entry.Kind == vfs.Folder {
			waiting = append(waiting, slot{at, len(at.in) - 1})
		}
	}
}

func drawTree(t *rapid.T, depth int, above State) []tree {
	var out []tree
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "\xff", "a\n", "é", "base64"}), 0, 5, rapid.ID[string]).Draw(t, "names")
	slices.Sort(names)
	for _, away := range []bool{false, true} {
		for _, n := range names {
			states := []State{Absent, Excluded}
			if !away {
				states = []State{Present}
				if !above.there() {
					continue
				}
			}
			if !rapid.Bool().Draw(t, "here") {
				continue
			}
			e := tree{Entry: Entry{
				Name: n, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), State: rapid.SampledFrom(states).Draw(t, "state"),
				Size: rapid.Int64Range(0, 1<<40).Draw(t, "size"), Modified: rapid.Int64().Draw(t, "modified"), Inode: rapid.Uint64().Draw(t, "inode"),
				Mode: rapid.Uint32().Draw(t, "mode"), Links: rapid.Uint32().Draw(t, "links"), Changed: -1, Created: 1,
			}}
			if e.Kind == vfs.Folder && depth > 0 {
				e.in = drawTree(t, depth-1, e.State)
			}
			out = append(out, e)
		}
	}
	return out
}

// What is written is read again, byte for byte.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := drawTree(t, 4, Present)
		h, got, err := read(bytes.NewReader(write(t, header(), root)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, root) || !reflect.DeepEqual(h, header()) {
			t.Fatalf("got %+v\nwant %+v\n%+v", got, root, h)
		}
	})
}

func sample(t *testing.T) []byte {
	return write(t, header(), []tree{{Entry: Entry{Name: "d", Kind: vfs.Folder}, in: []tree{{Entry: Entry{Name: "f", Kind: vfs.File, Size: 5}}}}, {Entry: Entry{Name: "e", Kind: vfs.File}}})
}

// A file that was cut short, or of which any byte is another, is refused as damaged.
func TestDamage(t *testing.T) {
	good := sample(t)
	_, want, err := read(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if _, _, err := read(bytes.NewReader(good[:i])); !errs.Is(err, errs.Invalid) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		h, got, err := read(bytes.NewReader(bad))
		if err != nil && !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Unsupported) {
			t.Errorf("byte %d: %v", i, err)
		}
		if err == nil && (!reflect.DeepEqual(got, want) || !reflect.DeepEqual(h, header())) { // some bits of gzip mean nothing
			t.Errorf("byte %d was not missed", i)
		}
	}
	for name, more := range map[string][]byte{"bytes": []byte("x"), "another file": good} {
		if _, _, err := read(bytes.NewReader(append(bytes.Clone(good), more...))); !errs.Is(err, errs.Invalid) {
			t.Errorf("followed by %s: %v", name, err)
		}
	}
}

// lines packs text as a file.
func lines(text ...string) io.Reader {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	_, _ = io.WriteString(gz, strings.Join(text, "\n")+"\n")
	_ = gz.Close()
	return &b
}

func TestHostileFiles(t *testing.T) {
	const head = `{"format":"stardrive-location","version":1,"volume":{"identity":"a","name":"A"},"location":{"name":"L","mode":"shallow","state":"ready"},"path":[{"kind":"folder"},{"name":"p","kind":"folder"}]}`
	const folder = `{"folder":1}`
	for name, c := range map[string]struct {
		text []string
		kind errs.Kind
		says string
	}{
		"not ours":            {[]string{`{"format":"tar","version":1}`}, errs.Invalid, "no exported location"},
		"no JSON":             {[]string{`hello`}, errs.Invalid, "no exported location"},
		"newer":               {[]string{`{"format":"stardrive-location","version":2,"mood":1}`}, errs.Unsupported, "of version 2"},
		"unknown field":       {[]string{strings.Replace(head, `"mode"`, `"mood"`, 1)}, errs.Invalid, "cannot be read"},
		"no path":             {[]string{strings.Replace(head, `{"kind":"folder"},{"name":"p","kind":"folder"}`, ``, 1)}, errs.Invalid, "no place"},
		"path of dots":        {[]string{strings.Replace(head, `"p"`, `".."`, 1)}, errs.Invalid, "no proper place"},
		"path with a slash":   {[]string{strings.Replace(head, `"p"`, `"p/q"`, 1)}, errs.Invalid, "no proper place"},
		"path of files":       {[]string{strings.Replace(head, `"p","kind":"folder"`, `"p","kind":"file"`, 1)}, errs.Invalid, "no proper place"},
		"no identity":         {[]string{strings.Replace(head, `"identity":"a"`, `"identity":""`, 1)}, errs.Invalid, "names of volume"},
		"control characters":  {[]string{strings.Replace(head, `"L"`, `"L\u001b"`, 1)}, errs.Invalid, "names of volume"},
		"facts of a list":     {[]string{strings.Replace(head, `"name":"A"`, `"name":"A","facts":[]`, 1)}, errs.Invalid, "facts"},
		"no folder":           {[]string{head, `{"name":"x","kind":"file"}`}, errs.Invalid, "in no folder"},
		"name of a slash":     {[]string{head, folder, `{"name":"a/b","kind":"file"}`}, errs.Invalid, "is no name"},
		"name of dots":        {[]string{head, folder, `{"name":"..","kind":"folder"}`}, errs.Invalid, "is no name"},
		"NUL in a name":       {[]string{head, folder, `{"name":"a\u0000","kind":"file"}`}, errs.Invalid, "is no name"},
		"no name":             {[]string{head, folder, `{"kind":"file"}`}, errs.Invalid, "is no name"},
		"two names":           {[]string{head, folder, `{"name":"a","raw":"/w==","kind":"file"}`}, errs.Invalid, "a name twice"},
		"another spelling":    {[]string{head, folder, `{"raw":"YQ==","kind":"file"}`}, errs.Invalid, "a name twice"},
		"long name":           {[]string{head, folder, `{"name":"` + strings.Repeat("x", maxName+1) + `","kind":"file"}`}, errs.Invalid, "is no name"},
		"long line":           {[]string{head, folder, strings.Repeat(" ", 1<<20) + `{"name":"a","kind":"file"}`}, errs.Invalid, "longer than"},
		"negative size":       {[]string{head, folder, `{"name":"a","kind":"file","size":-1}`}, errs.Invalid, "impossible size"},
		"huge size":           {[]string{head, folder, `{"name":"a","kind":"file","size":9223372036854775807}`}, errs.Invalid, "impossible size"},
		"huge together":       {[]string{head, folder, `{"name":"a","kind":"file","size":1152921504606846976}`, `{"name":"b","kind":"file","size":1}`}, errs.Invalid, "larger than any disk"},
		"no number":           {[]string{head, folder, `{"name":"a","kind":"file","size":1e3}`}, errs.Invalid, "cannot be read"},
		"no kind":             {[]string{head, folder, `{"name":"a","kind":"door"}`}, errs.Invalid, "no kind"},
		"no state":            {[]string{head, folder, `{"name":"a","kind":"file","state":"lost"}`}, errs.Invalid, "no known state"},
		"file that leads on":  {[]string{head, folder, `{"name":"a","kind":"file","state":"known"}`}, errs.Invalid, "leads nowhere"},
		"twice":               {[]string{head, folder, `{"name":"a","kind":"file"}`, `{"name":"a","kind":"folder"}`}, errs.Invalid, "or twice"},
		"out of order":        {[]string{head, folder, `{"name":"b","kind":"file"}`, `{"name":"a","kind":"file"}`}, errs.Invalid, "out of its turn"},
		"there after away":    {[]string{head, folder, `{"name":"a","kind":"file","state":"absent"}`, `{"name":"b","kind":"file"}`}, errs.Invalid, "out of its turn"},
		"circle":              {[]string{head, folder, `{"name":"a","kind":"folder"}`, folder}, errs.Invalid, "folder 1 comes out of its turn"},
		"folder of nowhere":   {[]string{head, folder, `{"folder":7}`}, errs.Invalid, "folder 7 comes out of its turn"},
		"first folder first":  {[]string{head, folder, `{"name":"a","kind":"folder"}`, `{"name":"b","kind":"folder"}`, `{"folder":2}`}, errs.Invalid, "folder 2 comes"},
		"there in the absent": {[]string{head, folder, `{"name":"a","kind":"folder","state":"absent"}`, `{"folder":2}`, `{"name":"b","kind":"file"}`}, errs.Invalid, "in a folder that is not"},
		"folder left out":     {[]string{head, folder, `{"name":"a","kind":"folder"}`, `{"end":{"entries":1,"sha256":""}}`}, errs.Invalid, "left out"},
		"wrong sum":           {[]string{head, folder, `{"end":{"entries":0,"sha256":"00"}}`}, errs.Invalid, "check sum"},
		"no end":              {[]string{head, folder}, errs.Invalid, "too early"},
		"empty line":          {[]string{head, `{}`}, errs.Invalid, "says nothing"},
		"two things":          {[]string{head, `{"folder":1,"name":"a","kind":"file"}`}, errs.Invalid, "too much"},
		"a field twice":       {[]string{head, folder, `{"name":"a","name":"b","kind":"file"}`}, errs.Invalid, "cannot be read"},
	} {
		if _, _, err := read(lines(c.text...)); !errs.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A tree that is deeper than any that can be handled is refused; a deep one is not.
func TestDepth(t *testing.T) {
	chain := func(depth int) []byte {
		var b bytes.Buffer
		w, err := NewWriter(&b, header())
		for range depth {
			err = errors.Join(err, w.Folder(), w.Add(Entry{Name: "d", Kind: vfs.Folder}))
		}
		if err = errors.Join(err, w.Folder(), w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for depth, want := range map[int]bool{5000: true, maxDepth: false} {
		x, err := NewReader(bytes.NewReader(chain(depth)))
		for err == nil {
			_, err = x.Next()
		}
		if errors.Is(err, io.EOF) != want {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
}

// FuzzReader: whatever is read ends in the end or in an error of a known kind,
// and what is taken can be written again.
func FuzzReader(f *testing.F) {
	const head = `{"format":"stardrive-location","version":1,"volume":{"identity":"a","name":"A"},"location":{"name":"L","mode":"shallow","state":"ready"},"path":[{"kind":"folder"}]}`
	f.Add(head + "\n" + `{"folder":1}` + "\n" + `{"name":"a","kind":"folder"}` + "\n" + `{"name":"b","kind":"file","state":"absent"}` + "\n" + `{"folder":2}` + "\n")
	f.Add(head + "\n" + `{"folder":1}` + "\n" + `{"raw":"/w==","kind":"file","size":3}` + "\n" + `{"end":{"entries":1,"sha256":"x"}}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		x, err := NewReader(lines(text))
		n := 0
		for err == nil {
			var item Item
			if item, err = x.Next(); err == nil && item.Entry != nil {
				n++
				l := item.Entry.line()
				if again, e := l.entry(); e != nil || again != *item.Entry {
					t.Fatalf("%+v became %+v, %v", *item.Entry, again, e)
				}
			}
		}
		if !errors.Is(err, io.EOF) && !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Unsupported) {
			t.Fatalf("%v", err)
		}
	})
}
