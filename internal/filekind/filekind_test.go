package filekind

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestBuiltinTable(t *testing.T) {
	seen := map[string]string{}
	n := 0
	for line := range strings.Lines(kinds) {
		n++
		f := strings.Split(strings.TrimSpace(line), "\t")
		if f[0][0] == '#' {
			continue
		}
		for _, e := range append(strings.Fields(f[2]), strings.Fields(f[1])...) {
			if seen[e] != "" || strings.ToLower(e) != e {
				t.Errorf("line %d: %s stands also in %q, or has capitals", n, e, seen[e])
			}
			seen[e] = line
		}
	}
	table := Ours()
	used := map[Kind]bool{}
	for _, r := range table.rows {
		used[r.kind] = true
	}
	for k := Other + 1; k < Count; k++ {
		if !used[k] {
			t.Errorf("no file is of the kind %s", k)
		}
		if back, ok := Parse(k.String()); !ok || back != k {
			t.Errorf("%s leads to %s", k, back)
		}
	}
	if Count.String() != "other" || len(Names()) != int(Count) {
		t.Error("the names are not as many as the kinds")
	}
}

func zip(name string) []byte {
	b := append([]byte("PK\x03\x04\x14\x00\x00\x00\x00\x00"), make([]byte, 20)...)
	b[26] = byte(len(name))
	return append(append(b, name...), "some bytes of the first member, deflated"...)
}

func elf() []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 2)
	return b
}

func TestOf(t *testing.T) {
	jpeg := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 and so on")
	tiff := []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	stream := bytes.Repeat(append([]byte{0x47}, make([]byte, 187)...), 4)
	noise := []byte{0x91, 0, 3, 0xff, 0x80, 1, 2, 0, 9, 0xc3, 0x28, 0xfe}
	for _, c := range []struct {
		name, head string
		kind       Kind
		mime       string
		by         Confidence
	}{
		{"a.JPG", string(jpeg), Image, "image/jpeg", ByItsBytes},
		{"a.txt", string(jpeg), Image, "image/jpeg", ByItsBytes}, // the bytes win
		{"a.png", string(jpeg), Image, "image/jpeg", ByItsBytes},
		{"noname", string(jpeg), Image, "image/jpeg", ByItsBytes},
		{"a.jpg", "", Image, "image/jpeg", ByItsName}, // an empty file
		{"a.jpg", string(noise), Image, "image/jpeg", ByItsName},
		{"a.nef", string(tiff), Image, "image/x-nikon-nef", ByItsBytes}, // a carrier: the name tells which
		{"a.tif", string(tiff), Image, "image/tiff", ByItsBytes},
		{"a", string(tiff), Image, "image/tiff", ByItsBytes},
		{"a.cr2", "II*\x00\x10\x00\x00\x00CR\x02\x00", Image, "image/x-canon-cr2", ByItsBytes},
		{"a.tif", "II*\x00\x10\x00\x00\x00CR\x02\x00", Image, "image/x-canon-cr2", ByItsBytes},
		{"a.zip", string(zip("x.txt")), Archive, "application/zip", ByItsBytes},
		{"a.kra", string(zip("maindoc.xml")), Image, "application/x-krita", ByItsBytes},
		{"a.docx", string(zip("x.txt")), Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ByItsBytes},
		{"a.cbz", string(zip("01.jpg")), Book, "application/vnd.comicbook+zip", ByItsBytes},
		{"a.jpg", string(zip("x.txt")), Archive, "application/zip", ByItsBytes},
		{"a.pages", string(zip("x")), Document, "application/vnd.apple.pages", ByItsBytes},
		{"a.ts", "export const a: number = 1;\n", Code, "text/x-typescript", ByItsBytes},
		{"a.ts", string(stream), Video, "video/mp2t", ByItsBytes},
		{"a.go", "package a\n", Code, "text/x-go", ByItsBytes},
		{"Makefile", "all:\n\tgo build\n", Code, "text/x-makefile", ByItsBytes},
		{"CMakeLists.txt", "project(x)\n", Code, "text/x-cmake", ByItsBytes},
		{"run", "#!/bin/sh\nexit\n", Code, "text/x-shellscript", ByItsBytes},
		{"notes", "plain words\n", Text, "text/plain", ByItsBytes},
		{"a.unheardof", "plain words\n", Text, "text/plain", ByItsBytes},
		{"a.unheardof", string(noise), Other, "", Unknown},
		{"a.txt", string(noise), Other, "application/octet-stream", ByItsBytes},
		{"a.txt", "BLENDER is what this text is about.\n", Text, "text/plain", ByItsBytes},
		{"a.blend", "BLENDER-v300RENDH", Model, "application/x-blender", ByItsBytes},
		{"model.bin", "GGUF\x03\x00\x00\x00\x91\x00", Model, "application/x-gguf", ByItsBytes},
		{"server.key", "-----BEGIN PRIVATE KEY-----\nabc\n", Key, "application/x-pem-file", ByItsBytes},
		{".env", "PASSWORD=x\n", Key, "text/x-dotenv", ByItsBytes},
		{"prod.env", "PASSWORD=x\n", Key, "text/x-dotenv", ByItsBytes},
		{".Netrc", "machine a login b password c\n", Key, "text/x-secrets", ByItsBytes},
		{"shadow", "root:$6$abc:19000:0:99999:7:::\n", Key, "text/x-secrets", ByItsBytes},
		{".bash_history", "ls\n", Key, "text/x-secrets", ByItsBytes},
		{"home.ovpn", "client\n", Key, "text/x-secrets", ByItsBytes},
		{"wg0.conf", "[Interface]\n", Key, "text/x-secrets", ByItsBytes},
		{"id_rsa", "some words\n", Key, "text/x-secrets", ByItsBytes},
		{"shadow", string(jpeg), Image, "image/jpeg", ByItsBytes},
		{"x.conf", "[a]\n", Config, "text/x-ini", ByItsBytes},
		{"a.asc", "-----BEGIN PGP MESSAGE-----\nabc\n", Key, "application/pgp-keys", ByItsBytes},
		{"a.json", `{"a": 1}`, Config, "application/json", ByItsBytes},
		{"a.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`, Image, "image/svg+xml", ByItsBytes},
		{"a.zip", "<!DOCTYPE html><html><body>404</body></html>", Code, "text/html", ByItsBytes},
		{"libx.so.1", string(elf()), Executable, "application/x-executable", ByItsBytes},
		{"a.m4a", "\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00", Audio, "audio/mp4", ByItsBytes},
		{"a.mkv", "\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23\x42\x82\x88matroska", Video, "video/x-matroska", ByItsBytes},
		{"a.mka", "\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23\x42\x82\x88matroska", Audio, "audio/x-matroska", ByItsBytes},
		{"a.opus", "OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead", Audio, "audio/ogg", ByItsBytes},
		{"a.pdf", "%PDF-1.7\n", Document, "application/pdf", ByItsBytes},
		{"a.ai", "%PDF-1.5\n", Image, "application/illustrator", ByItsBytes},
		{"a.doc", `{\rtf1\ansi text}`, Document, "text/rtf", ByItsBytes},
		{"a.sqlite", "SQLite format 3\x00\x10\x00", Database, "application/vnd.sqlite3", ByItsBytes},
		{"Thumbs.db", string(noise), Database, "application/vnd.sqlite3", ByItsName},
	} {
		if got := Ours().Of(c.name, []byte(c.head)); got != (Type{c.kind, c.mime, c.by}) {
			t.Errorf("%s %.20q: %v, not %v %s by %s", c.name, c.head, got, c.kind, c.mime, c.by)
		}
	}
}

func TestByName(t *testing.T) {
	for name, want := range map[string]Kind{
		"a.jpg": Image, "A.JPG": Image, ".jpg": Other, "jpg": Other, "a.": Other, "": Other, "a.tar.gz": Archive, "README": Text, "readme.md": Text,
		".bashrc": Config, "Dockerfile": Code, "x.Dockerfile": Code, "a.epub": Book, "a.srt": Subtitle, "a.iso": DiskImage, "a.deb": Package, "\xff.mp3": Audio,
	} {
		if got := Ours().ByName(name); got.Kind != want || (got.MIME == "") != (want == Other) {
			t.Errorf("%q: %v", name, got)
		}
		k, special := Ours().ByExtension(Extension(name))
		if !special && k != want {
			t.Errorf("%q: its extension tells %v", name, k)
		}
	}
}

func TestExtension(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "txt", "a.TXT": "txt", "a.tar.gz": "gz", ".bashrc": "", ".config.json": "json", "a.": "", "a": "", "": "", ".": "", "..": "",
		"a.ÄÖ": "äö", "a.b c": "b c", "a.averyveryverylongextension": "", "a.\xff": "\uFFFD", "x.12345678901234567890": "", "x.1234567890123456789": "1234567890123456789",
	} {
		if got := Extension(name); got != want {
			t.Errorf("extension of %q: got %q, want %q", name, got, want)
		}
	}
}

func TestExtraTable(t *testing.T) {
	table, err := New("# mine\n\nimage\timage/x-mine\tmine .own =Special\t0:4d494e45\r\ncode\ttext/x-c\tjpg\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Kind{"a.mine": Image, "a.own": Image, "special": Image, "a.jpg": Code, "a.png": Image} {
		if got := table.ByName(name); got.Kind != want {
			t.Errorf("%s is %v", name, got)
		}
	}
	if got := table.Of("x", []byte("MINE\x00\x01\x02\xff")); got.MIME != "image/x-mine" {
		t.Errorf("by its magic it is %v", got)
	}
	for _, bad := range []string{"image", "image\timage/x", "picture\timage/x\tx", "image\timage\tx", "image\timage/*\tx", "image\t\tx", "image\timage/x\tx\tzz", "image\timage/x\tx\t0:", "image\timage/x\tx\t-1:00", "image\timage/x\tx\t5000:00", "image\ta/b\tx\t0:00\tmore"} {
		if _, err := New(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestOfAnything: whatever the bytes, the answer is a whole one, and the same.
func TestOfAnything(t *testing.T) {
	var exts []string
	for e := range Ours().ext {
		exts = append(exts, "x."+e)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.SampledFrom(exts), rapid.String()).Draw(rt, "name")
		head := rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(rt, "head")
		got := Ours().Of(name, head)
		if got != Ours().Of(name, append(head, make([]byte, 0, 8)...)) || (got.MIME == "") != (got.Confidence == Unknown) || got.Kind >= Count {
			rt.Errorf("%v", got)
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add("image\timage/x-mine\tmine =Special\t0:4d494e45,4:00|9:ff\n", []byte("MINE"))
	f.Fuzz(func(t *testing.T, extra string, head []byte) {
		if table, err := New(extra); err == nil {
			table.Of("a.mine", head)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	head, err := os.ReadFile("of.go")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Ours().Of("of.go", head)
	}
}

func TestIsTar(t *testing.T) {
	old := make([]byte, 512) // of before there was a mark: only the sum tells
	copy(old, "a/b.txt")
	copy(old[148:], "        ")
	sum := 0
	for _, c := range old {
		sum += int(c)
	}
	copy(old[148:], fmt.Sprintf("%06o\x00 ", sum))
	marked := make([]byte, 512)
	copy(marked[257:], "ustar")
	wrong := append([]byte{}, old...)
	wrong[0]++
	for name, c := range map[string]struct {
		head []byte
		want bool
	}{"old": {old, true}, "marked": {marked, true}, "short": {marked[:511], false}, "zeros": {make([]byte, 512), false}, "wrong sum": {wrong, false}} {
		if got := IsTar(c.head); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
