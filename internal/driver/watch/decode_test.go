package watch

import (
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// text is what Windows has for it, with the separator of this system.
func text(s []uint16) string {
	return strings.ReplaceAll(string(utf16.Decode(s)), `\`, string(filepath.Separator))
}

// records are what ReadDirectoryChangesW would write of changes to paths.
func records(paths ...string) (b []byte) {
	for i, p := range paths {
		name := utf16.Encode([]rune(p))
		r := make([]byte, (12+2*len(name)+3)/4*4)
		if i < len(paths)-1 {
			binary.LittleEndian.PutUint32(r, uint32(len(r)))
		}
		binary.LittleEndian.PutUint32(r[4:], 1)
		binary.LittleEndian.PutUint32(r[8:], uint32(2*len(name)))
		for j, c := range name {
			binary.LittleEndian.PutUint16(r[12+2*j:], c)
		}
		b = append(b, r...)
	}
	return b
}

func TestDecodeReadDirectory(t *testing.T) {
	in := func(names ...string) string { return filepath.Join(append([]string{"root"}, names...)...) }
	whole := records(`a`, `sub\f`, `sub\g`, `sub\ü 漢😀\h`)
	for name, c := range map[string]struct {
		b    []byte
		want []change
	}{
		"one":             {records("f"), []change{{folder: "root"}}},
		"many":            {whole, []change{{folder: "root"}, {folder: in("sub")}, {folder: in("sub", "ü 漢😀")}}},
		"overflow":        {nil, []change{{lost: true}}},
		"cut off":         {whole[:40], []change{{folder: "root"}, {lost: true}}},
		"cut in a name":   {records("file")[:14], []change{{lost: true}}},
		"a record behind": {binary.LittleEndian.AppendUint32(nil, 4), []change{{lost: true}}},
		"an odd length":   {append(binary.LittleEndian.AppendUint32(make([]byte, 8), 1), 'x'), []change{{folder: "root"}}},
		"a huge length":   {append(make([]byte, 8), 255, 255, 255, 255), []change{{lost: true}}},
		"a huge offset":   {append([]byte{255, 255, 255, 255}, make([]byte, 8)...), []change{{lost: true}}},
		"an offset back":  {append([]byte{4, 0, 0, 0}, make([]byte, 8)...), []change{{lost: true}}},
	} {
		got := decodeReadDirectory("root", c.b, text)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func FuzzDecodeReadDirectory(f *testing.F) {
	f.Add(records("a", `b\c`))
	f.Add([]byte{12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		cs := decodeReadDirectory("root", b, text)
		if len(cs) == 0 || len(cs) > len(b)/12+1 {
			t.Errorf("%d bytes told of %d changes", len(b), len(cs))
		}
	})
}

func TestDecodeFSEvents(t *testing.T) {
	got := decodeFSEvents(
		[]string{"/Users/me/", "/Users/me", "/Users/me/a", "/Users/me/b", "/", "/", "/Volumes/stick", "/Volumes/stick"},
		[]uint32{0, 0x400, 0x1, 0x1 | 0x2, 0x10, 0x20, 0x40, 0x80},
	)
	want := []change{{folder: filepath.FromSlash("/Users/me")}, {folder: filepath.FromSlash("/Users/me")}, {lost: true}, {lost: true}, {over: true}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := decodeFSEvents(nil, nil); len(got) != 0 {
		t.Errorf("nothing told: %v", got)
	}
}
