package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func peeked(t testing.TB) map[string][]byte {
	all := []entry{{name: "a/one.txt", data: "one"}, {name: "a/b/two.txt", data: "two, longer"}, {name: "a/bc", data: "no"}, {name: "link", link: "a/one.txt", kind: tar.TypeSymlink}, {name: "../out", data: "out"}, {name: "last", data: ""}}
	return map[string][]byte{"zip": zipOf(t, all...), "tar": tarOf(t, all...)}
}

// Each member that is listed can be read by its number, and only files have bytes.
func TestReadByNumber(t *testing.T) {
	for kind, b := range peeked(t) {
		read := func(nth int64) (m archive.Member, out bytes.Buffer, err error) {
			m, err = archive.Read(t.Context(), bytes.NewReader(b), int64(len(b)), "a", archive.Caps{}, nth, &out)
			return m, out, err
		}
		all, err := list(t, b, archive.Caps{})
		must(t, err)
		for i, m := range all {
			got, out, err := read(int64(i))
			switch {
			case m.Kind != vfs.File:
				if !errs.Is(err, errs.Unsupported) {
					t.Errorf("%s %q: %v", kind, m.Told, err)
				}
			case err != nil || got.Told != m.Told || int64(out.Len()) != m.Size:
				t.Errorf("%s %q: %d of %d bytes, %v", kind, m.Told, out.Len(), m.Size, err)
			}
		}
		if _, _, err := read(int64(len(all))); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: beyond the end: %v", kind, err)
		}
		if _, err := archive.Read(t.Context(), bytes.NewReader(b), int64(len(b)), "a", archive.Caps{}, 1, full{}); !errors.Is(err, errFull) {
			t.Errorf("%s: the error of who takes the bytes is lost: %v", kind, err)
		}
	}
}

var errFull = errs.New(errs.Unsupported, "full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// What is wanted comes out with all below it, and nothing else; what else is refused is not told.
func TestOnlyWhatIsWanted(t *testing.T) {
	for kind, b := range peeked(t) {
		for _, x := range []struct{ only, want string }{
			{"a/b", "a/ a/b/ a/b/two.txt"},
			{"a/one.txt last", "a/ a/one.txt last"},
			{"a", "a/ a/b/ a/b/two.txt a/bc a/one.txt"},
			{"nothing", ""},
		} {
			only := map[string]bool{}
			for _, path := range strings.Fields(x.only) {
				only[path] = true
			}
			f, into := target(t, memfs.Options{})
			out, err := extract(t, b, into, archive.ExtractOptions{Only: only})
			if got := strings.Join(slices.Sorted(maps.Keys(dump(t, f))), " "); err != nil || got != x.want || out.Refused != 0 {
				t.Errorf("%s, %s: %s (%+v, %v)", kind, x.only, got, out, err)
			}
			told := int64(0)
			must(t, archive.Preview(t.Context(), bytes.NewReader(b), int64(len(b)), "a", archive.ExtractOptions{Only: only}, func(m archive.Member) error {
				told++
				return nil
			}))
			if told != out.Files {
				t.Errorf("%s, %s: the preview tells %d members, and %d come out", kind, x.only, told, out.Files)
			}
		}
	}
}

func TestShownIsText(t *testing.T) {
	m := archive.Member{Path: "a\xff", Told: "a\xff", Target: "\xfe"}.Shown()
	if m.Path != "a\uFFFD" || m.Told != m.Path || m.Target != "\uFFFD" {
		t.Errorf("%+v", m)
	}
	if m := (archive.Member{Told: "a/secret", Refused: "it is encrypted"}).Shown(); m.Path != "a/secret" {
		t.Errorf("%+v", m)
	}
	if m := (archive.Member{Told: "../out", Refused: "its name leads out"}).Shown(); m.Path != "" {
		t.Errorf("%+v", m)
	}
}
