package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// target is an empty volume and its root.
func target(t testing.TB, o memfs.Options) (*memfs.FS, vfs.Dir) {
	f := memfs.NewWith(o)
	dir, err := f.Features().Writing.Dir(t.Context(), "")
	must(t, err)
	t.Cleanup(func() { _ = dir.Close() })
	return f, dir
}

// dump tells what is on a volume: path → bytes, or what it is.
func dump(t testing.TB, f vfs.Driver) map[string]string {
	out := map[string]string{}
	var walk func(dir string)
	walk = func(dir string) {
		must(t, f.List(t.Context(), dir, func(batch []vfs.Entry) error {
			for _, e := range slices.Clone(batch) {
				path := vfs.Join(dir, e.Name)
				switch e.Kind {
				case vfs.Folder:
					out[path+"/"] = fmt.Sprintf("%o", e.Mode)
					walk(path)
				case vfs.Symlink:
					target, err := f.Features().Readlink(t.Context(), path)
					must(t, err)
					out[path] = "-> " + target
				default:
					h, err := f.Open(t.Context(), path)
					must(t, err)
					b, err := io.ReadAll(h)
					must(t, err)
					h.Close()
					out[path] = string(b)
				}
			}
			return nil
		}))
	}
	walk("")
	return out
}

func extract(t testing.TB, b []byte, into vfs.Dir, o archive.ExtractOptions) (archive.Extracted, error) {
	return archive.Extract(t.Context(), bytes.NewReader(b), int64(len(b)), "some.bin", into, o)
}

func list(t testing.TB, b []byte, caps archive.Caps) (all []archive.Member, err error) {
	err = archive.List(t.Context(), bytes.NewReader(b), int64(len(b)), "some.bin", caps, func(m archive.Member) error { all = append(all, m); return nil })
	return all, err
}

var longAgo = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// compress packs all of a volume.
func compress(t testing.TB, f *memfs.FS, format archive.Format) ([]byte, error) {
	paths := slices.Sorted(maps.Keys(dump(t, f)))
	var out bytes.Buffer
	err := archive.Compress(t.Context(), &out, format, func() (archive.Source, error) {
		if len(paths) == 0 {
			return archive.Source{}, io.EOF
		}
		path := strings.TrimSuffix(paths[0], "/")
		paths = paths[1:]
		seen, err := f.Stat(t.Context(), path)
		return archive.Source{Driver: f, Path: path, As: path, Seen: seen}, err
	}, nil)
	return out.Bytes(), err
}

func TestCompressAndExtract(t *testing.T) {
	for _, format := range []archive.Format{archive.Zip, archive.Tar, archive.TarGz, archive.TarZst} {
		f := memfs.New(nil)
		must(t, f.MkdirAll("docs/deep/er"))
		must(t, f.MkdirAll("empty"))
		must(t, f.WriteFile("docs/a.txt", []byte("hello")))
		must(t, f.WriteFile("docs/deep/er/ü.bin", bytes.Repeat([]byte("0123456789"), 100_000)))
		must(t, f.WriteFile("docs/nothing", nil))
		must(t, f.Symlink("../docs/a.txt", "docs/link"))
		must(t, f.Chmod("docs/a.txt", 0o4750))
		must(t, f.SetModified("docs/a.txt", longAgo))
		must(t, f.SetModified("docs/deep", longAgo))
		b, err := compress(t, f, format)
		must(t, err)
		if got, err := archive.Detect(bytes.NewReader(b), int64(len(b))); err != nil || got != format {
			t.Errorf("%s is taken for %q: %v", format, got, err)
		}
		to, dir := target(t, memfs.Options{})
		out, err := extract(t, b, dir, archive.ExtractOptions{Symlinks: true})
		if err != nil || out.Files != 3 || out.Folders != 4 || out.Symlinks != 1 || out.Refused != 0 || out.Bytes != 1_000_005 {
			t.Fatalf("%s: %+v, %v", format, out, err)
		}
		if want, got := dump(t, f), dump(t, to); !maps.Equal(want, got) {
			t.Errorf("%s: %v", format, slices.Sorted(maps.Keys(got)))
		}
		for path, mode := range map[string]uint32{"docs/a.txt": 0o750, "docs/deep": 0o755} {
			if is, err := to.Stat(t.Context(), path); err != nil || is.Mode != mode || is.Modified != longAgo.UnixNano() {
				t.Errorf("%s: B14: %s has mode %o, time %d", format, path, is.Mode, is.Modified)
			}
		}
		// a power cut loses nothing of what was reported
		if want, got := dump(t, to), dump(t, to.Crash(1, 0)); !maps.Equal(want, got) {
			t.Errorf("%s: P1: of %d things %d survive", format, len(want), len(got))
		}
	}
}

func TestExtractWithoutSyncAll(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.MkdirAll("a/b"))
	must(t, f.WriteFile("a/b/c", []byte("x")))
	must(t, f.WriteFile("top", []byte("x")))
	b, err := compress(t, f, archive.Zip)
	must(t, err)
	to, dir := target(t, memfs.Options{NoSyncAll: true})
	_, err = extract(t, b, dir, archive.ExtractOptions{})
	must(t, err)
	if want, got := dump(t, f), dump(t, to.Crash(1, 0)); !maps.Equal(want, got) {
		t.Errorf("P1: %v", got)
	}
}

// entry is a member of a hand-made archive.
type entry struct {
	name, data, link string
	kind             byte // of tar
}

func tarOf(t testing.TB, entries ...entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		kind := e.kind
		if kind == 0 {
			kind = tar.TypeReg
		}
		must(t, w.WriteHeader(&tar.Header{Name: e.name, Linkname: e.link, Size: int64(len(e.data)), Mode: 0o644, Typeflag: kind}))
		_, err := io.WriteString(w, e.data)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

func zipOf(t testing.TB, entries ...entry) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		data := e.data
		if e.kind == tar.TypeSymlink {
			h.SetMode(0o777 | fs.ModeSymlink)
			data = e.link
		}
		f, err := w.CreateHeader(h)
		must(t, err)
		_, err = io.WriteString(f, data)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

func TestFault_I13_I25_NamesThatLeadOut(t *testing.T) {
	entries := []entry{
		{name: "../up", data: "x"}, {name: "a/../../up", data: "x"}, {name: "/etc/passwd", data: "x"}, {name: `..\..\up`, data: "x"}, {name: `C:\windows`, data: "x"},
		{name: "C:/windows", data: "x"}, {name: "c:evil", data: "x"}, {name: strings.Repeat("n", 256), data: "x"}, {name: strings.Repeat("d/", 200) + "f", data: "x"},
		{name: "./good/./one", data: "good"}, {name: "good//two", data: "good"}, {name: "..good", data: "good"},
	}
	for name, b := range map[string][]byte{"tar": tarOf(t, entries...), "zip": zipOf(t, entries...)} {
		to, dir := target(t, memfs.Options{})
		out, err := extract(t, b, dir, archive.ExtractOptions{})
		if err != nil || out.Refused != 9 || out.Files != 3 || len(out.Refusals) != 9 {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		if got := dump(t, to); len(got) != 4 || got["good/one"] != "good" || got["good/two"] != "good" || got["..good"] != "good" {
			t.Errorf("%s: %v", name, got)
		}
		members, err := list(t, b, archive.Caps{})
		if err != nil || len(members) != len(entries) || members[0].Refused == "" || members[0].Path != "" || members[9].Path != "good/one" {
			t.Errorf("%s: %+v, %v", name, members, err)
		}
	}
}

func TestFault_I25_SymlinksInArchives(t *testing.T) {
	entries := []entry{
		{name: "out", link: "/etc", kind: tar.TypeSymlink}, {name: "out/passwd", data: "x"},
		{name: "up", link: "../..", kind: tar.TypeSymlink}, {name: "d/over", link: "../../x", kind: tar.TypeSymlink},
		{name: "here", link: ".", kind: tar.TypeSymlink}, {name: "trick", link: "here/..", kind: tar.TypeSymlink},
		{name: "d/fine", link: "../here", kind: tar.TypeSymlink}, {name: "here/through", data: "x"},
	}
	for name, b := range map[string][]byte{"tar": tarOf(t, entries...), "zip": zipOf(t, entries...)} {
		_, dir := target(t, memfs.Options{})
		out, err := extract(t, b, dir, archive.ExtractOptions{})
		if err != nil || out.Refused != 6 || out.Symlinks != 0 {
			t.Errorf("%s: not asked for: %+v, %v", name, out, err)
		}
		to, dir := target(t, memfs.Options{})
		out, err = extract(t, b, dir, archive.ExtractOptions{Symlinks: true})
		got := dump(t, to)
		if err == nil && (got["here"] != "-> ." || got["d/fine"] != "-> ../here" || got["out/passwd"] != "x" || out.Symlinks != 2) {
			t.Errorf("%s: %v, %+v", name, got, out)
		}
		if _, through := got["through"]; through || err != nil && !errs.Is(err, errs.Denied) {
			t.Errorf("%s: a symlink was followed: %v, %v", name, got, err)
		}
	}
}

func TestHardLinksAndSpecialFilesInTars(t *testing.T) {
	b := tarOf(t, entry{name: "d/a", data: "x"}, entry{name: "b", link: "d/a", kind: tar.TypeLink}, entry{name: "c", link: "/etc/passwd", kind: tar.TypeLink},
		entry{name: "e", link: "missing", kind: tar.TypeLink}, entry{name: "fifo", kind: tar.TypeFifo}, entry{name: "null", kind: tar.TypeChar}, entry{name: "d/a", data: "again"})
	to, dir := target(t, memfs.Options{})
	out, err := extract(t, b, dir, archive.ExtractOptions{})
	if err != nil || out.Files != 2 || out.Refused != 5 {
		t.Errorf("%+v, %v", out, err)
	}
	is, err := to.Stat(t.Context(), "b")
	if err != nil || is.Links != 2 || dump(t, to)["d/a"] != "x" {
		t.Errorf("%+v, %v", is, err)
	}
}

func TestFault_I25_Bombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 20<<20)
	packed := func(b []byte) []byte {
		var out bytes.Buffer
		z, err := zstd.NewWriter(&out)
		must(t, err)
		_, err = z.Write(b)
		must(t, err)
		must(t, z.Close())
		return out.Bytes()
	}
	bomb := tarOf(t, entry{name: "a", data: zeros})
	for name, b := range map[string][]byte{"zip": zipOf(t, entry{name: "a", data: zeros}), "tar.zst": packed(bomb), "single": packed([]byte(zeros))} {
		_, dir := target(t, memfs.Options{})
		if _, err := extract(t, b, dir, archive.ExtractOptions{Caps: archive.Caps{Ratio: 10}}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: ratio: %v", name, err)
		}
		_, dir = target(t, memfs.Options{})
		if _, err := extract(t, b, dir, archive.ExtractOptions{Caps: archive.Caps{Bytes: 1 << 20}}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: bytes: %v", name, err)
		}
	}
	if _, err := list(t, packed(bomb), archive.Caps{Bytes: 1 << 20}); !errs.Is(err, errs.Invalid) {
		t.Error("listing a packed tar is not bounded: ", err)
	}
	var many []entry
	for i := range 100 {
		many = append(many, entry{name: fmt.Sprint(i)})
	}
	for name, b := range map[string][]byte{"zip": zipOf(t, many...), "tar": tarOf(t, many...)} {
		if _, err := list(t, b, archive.Caps{Members: 99}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: members: %v", name, err)
		}
	}
}

func TestSinglePackedFiles(t *testing.T) {
	var gz, x bytes.Buffer
	z := gzip.NewWriter(&gz)
	z.Name = "../../notes.txt"
	_, _ = z.Write([]byte("hello"))
	must(t, z.Close())
	w, err := xz.NewWriter(&x)
	must(t, err)
	_, _ = w.Write([]byte("hello"))
	must(t, w.Close())
	for want, b := range map[string][]byte{"notes.txt": gz.Bytes(), "some": x.Bytes()} {
		to, dir := target(t, memfs.Options{})
		if _, err := extract(t, b, dir, archive.ExtractOptions{}); err != nil || dump(t, to)[want] != "hello" {
			t.Errorf("%v, %v", dump(t, to), err)
		}
	}
}

// rarOf is a RAR 5 of one file that is not packed.
func rarOf(name, data string) []byte {
	block := func(body []byte, data string) []byte {
		sized := append([]byte{byte(len(body))}, body...)
		return append(append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(sized)), sized...), data...)
	}
	file := []byte{2, 2, byte(len(data)), 4, byte(len(data)), 0xa4, 0x03}
	file = binary.LittleEndian.AppendUint32(file, crc32.ChecksumIEEE([]byte(data)))
	file = append(append(file, 0, 1, byte(len(name))), name...)
	out := append([]byte("Rar!\x1a\x07\x01\x00"), block([]byte{1, 0, 0}, "")...)
	return append(append(out, block(file, data)...), block([]byte{5, 0, 0}, "")...)
}

func TestRar(t *testing.T) {
	b := rarOf("a/b.txt", "hello")
	if got, err := archive.Detect(bytes.NewReader(b), int64(len(b))); err != nil || got != archive.Rar {
		t.Errorf("%q, %v", got, err)
	}
	to, dir := target(t, memfs.Options{})
	out, err := extract(t, b, dir, archive.ExtractOptions{})
	if err != nil || out.Files != 1 || dump(t, to)["a/b.txt"] != "hello" {
		t.Errorf("%+v, %v, %v", out, dump(t, to), err)
	}
	bad := bytes.Replace(b, []byte("hello"), []byte("hallo"), 1)
	_, dir = target(t, memfs.Options{})
	if _, err := extract(t, bad, dir, archive.ExtractOptions{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a wrong byte: %v", err)
	}
}

func TestSevenZipIsRefusedUnread(t *testing.T) {
	b := []byte("7z\xbc\xaf\x27\x1c\x00\x04 and what it claims")
	if got, err := archive.Detect(bytes.NewReader(b), int64(len(b))); err != nil || got != archive.SevenZip {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := list(t, b, archive.Caps{}); !errs.Is(err, errs.Unsupported) || errs.RemedyOf(err) == "" {
		t.Error(err)
	}
}

func TestNamesTheTargetCannotHold(t *testing.T) {
	b := zipOf(t, entry{name: "a:b", data: "x"}, entry{name: "NUL.txt", data: "x"}, entry{name: "Foo", data: "x"}, entry{name: "foo", data: "y"})
	to, dir := target(t, memfs.Options{Folding: true, Holds: func(name string) bool { return !strings.Contains(name, ":") }})
	out, err := extract(t, b, dir, archive.ExtractOptions{Target: to.Features().Writing})
	if err != nil || out.Refused != 3 || dump(t, to)["Foo"] != "x" {
		t.Errorf("A10, A12: %+v, %v, %v", out, dump(t, to), err)
	}
}

func TestCompressRefuses(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.WriteFile("a", []byte("hello")))
	seen, err := f.Stat(t.Context(), "a")
	must(t, err)
	must(t, f.WriteFile("a", []byte("hallo")))
	for _, c := range []struct {
		s    archive.Source
		want errs.Kind
	}{
		{archive.Source{Driver: f, Path: "a", As: "a", Seen: seen}, errs.Conflict},
		{archive.Source{Driver: f, Path: "a", As: "../a", Seen: seen}, errs.Invalid},
		{archive.Source{Driver: f, Path: "a", As: "a", Seen: vfs.Entry{Kind: vfs.FIFO}}, errs.Unsupported},
	} {
		for _, format := range []archive.Format{archive.Zip, archive.TarZst} {
			done := false
			err := archive.Compress(t.Context(), io.Discard, format, func() (archive.Source, error) {
				if done {
					return archive.Source{}, io.EOF
				}
				done = true
				return c.s, nil
			}, nil)
			if !errs.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
	}
	if err := archive.Compress(t.Context(), io.Discard, archive.Rar, nil, nil); !errs.Is(err, errs.Unsupported) {
		t.Error(err)
	}
}

func TestFault_C7_FullTargetAndCancel(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.WriteFile("a", bytes.Repeat([]byte("x"), 1<<20)))
	b, err := compress(t, f, archive.TarGz)
	must(t, err)
	_, dir := target(t, memfs.Options{Capacity: 100_000})
	if _, err := extract(t, b, dir, archive.ExtractOptions{}); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, dir = target(t, memfs.Options{})
	if _, err := archive.Extract(ctx, bytes.NewReader(b), int64(len(b)), "a", dir, archive.ExtractOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(tarOf(f, entry{name: "a/b", data: "x"}, entry{name: "l", link: "a", kind: tar.TypeSymlink}))
	f.Add(zipOf(f, entry{name: "a/b", data: "x"}, entry{name: "../x", data: "y"}))
	f.Add(rarOf("a/b.txt", "hello"))
	f.Fuzz(func(t *testing.T, b []byte) {
		to, dir := target(t, memfs.Options{Capacity: 8 << 20})
		o := archive.ExtractOptions{Symlinks: true, Caps: archive.Caps{Bytes: 4 << 20, Members: 1000}}
		out, err := extract(t, b, dir, o)
		if err != nil {
			return
		}
		files := int64(0)
		for path, what := range dump(t, to) {
			if !vfs.Valid(strings.TrimSuffix(path, "/")) {
				t.Errorf("%q stands there", path)
			}
			if !strings.HasSuffix(path, "/") && !strings.HasPrefix(what, "-> ") {
				files++
			}
		}
		if files != out.Files {
			t.Errorf("%d files, and %d are told", files, out.Files)
		}
	})
}

// What the preview tells is what comes to pass.
func TestPromise_P5_PreviewTellsWhatIsRefused(t *testing.T) {
	entries := []entry{
		{name: "a/photo.jpg", data: "first"}, {name: "a/photo.jpg", data: "other bytes"}, {name: "a", data: "a file"}, {name: "a/", kind: tar.TypeDir},
		{name: "b", data: "b"}, {name: "b/under", data: "x"}, {name: "A/Photo.jpg", data: "letters"}, {name: "what?", data: "x"}, {name: "l", link: "b", kind: tar.TypeSymlink},
		{name: "../up", data: "x"}, {name: "d/e/f", data: "x"}, {name: "d/e", kind: tar.TypeDir},
	}
	for format, b := range map[string][]byte{"tar": tarOf(t, entries...), "zip": zipOf(t, entries...)} {
		for _, o := range []memfs.Options{{}, {Folding: true}} {
			for _, symlinks := range []bool{false, true} {
				to, dir := target(t, o)
				x := archive.ExtractOptions{Symlinks: symlinks, Target: to.Features().Writing}
				var files, refused int64
				var bytesOf int64
				err := archive.Preview(t.Context(), bytes.NewReader(b), int64(len(b)), "some.bin", x, func(m archive.Member) error {
					switch {
					case m.Refused != "":
						refused++
					case m.Kind == vfs.File:
						files, bytesOf = files+1, bytesOf+m.Size
					}
					return nil
				})
				must(t, err)
				out, err := extract(t, b, dir, x)
				must(t, err)
				if files != out.Files || refused != out.Refused || bytesOf != out.Bytes || refused < 4 {
					t.Errorf("%s, %+v: told %d files of %d bytes, %d refused; it is %+v", format, o, files, bytesOf, refused, out)
				}
				if want := out.Unasked > 0; want == symlinks {
					t.Errorf("%s: symlinks %v, not asked for: %d", format, symlinks, out.Unasked)
				}
			}
		}
	}
}
