package packed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
)

// reader is an archive whose members are given.
type reader struct {
	all   []Member
	more  bool
	asked int // for members
	read  int // for bytes
	err   error
}

func (r *reader) Members(context.Context, string, io.ReaderAt, int64) ([]Member, bool, error) {
	r.asked++
	return r.all, r.more, r.err
}

func (r *reader) Bytes(_ context.Context, _ string, _ io.ReaderAt, _ int64, nth int) ([]byte, error) {
	r.read++
	return []byte("bytes of " + r.all[nth].Told), nil
}

func newService(r *reader, tag *string) *Service {
	return New(Options{Reader: r, Kinds: filekind.Ours(), Open: func(_ context.Context, _, path string) (File, error) {
		if path != "/a.zip" {
			return File{}, errs.New(errs.NotFound, "no such entry")
		}
		return File{ReaderAt: bytes.NewReader(nil), Closer: io.NopCloser(nil), Name: "a.zip", Path: path, Size: 1, Tag: *tag}, nil
	}})
}

func call(t *testing.T, s *Service, in ListIn) (out ListOut, err error) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Ops()[0].Call(t.Context(), body)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func namesOf(out ListOut) string {
	var all []string
	for _, it := range out.Items {
		name := it.Name
		if it.Folder {
			name += "/"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func sample() []Member {
	file := func(path string, size int64) Member { return Member{Path: path, Told: path, Size: size} }
	return []Member{
		file("top 10.txt", 1), file("top 9.txt", 2), file("b/deep/er/x.jpg", 100), {Path: "b", Told: "b/", Folder: true, Modified: time.Unix(5, 0)},
		file("a/y.md", 10), {Told: "../../etc/passwd", Size: 7, Refused: "its name leads out"}, {Path: "a/to", Told: "a/to", Target: "y.md"},
		file("a", 3), file("top 9.txt", 4),
	}
}

func TestFoldersOfAnArchive(t *testing.T) {
	r, tag := &reader{all: sample()}, "1"
	s := newService(r, &tag)
	for _, x := range []struct{ folder, want string }{
		{"", "a/ b/ ../../etc/passwd a top 9.txt top 9.txt top 10.txt"},
		{"a", "to y.md"},
		{"/b/", "deep/"},
		{"b/deep/er", "x.jpg"},
	} {
		out, err := call(t, s, ListIn{Path: "/a.zip", Folder: x.folder})
		if err != nil || namesOf(out) != x.want || out.Total != len(out.Items) || out.Next != "" || out.Files != 8 || out.Bytes != 127 {
			t.Errorf("%q: %s %+v %v", x.folder, namesOf(out), out, err)
		}
	}
	if _, err := call(t, s, ListIn{Path: "/a.zip", Folder: "a/y.md"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a file as a folder: %v", err)
	}
	if r.asked != 1 {
		t.Errorf("the archive was read %d times", r.asked)
	}
	tag = "2" // it changed
	if _, err := call(t, s, ListIn{Path: "/a.zip"}); err != nil || r.asked != 2 {
		t.Errorf("what changed was not read again: %d %v", r.asked, err)
	}
}

func TestPagesAreTheWhole(t *testing.T) {
	r, tag := &reader{more: true}, "1"
	for i := range 250 {
		r.all = append(r.all, Member{Path: fmt.Sprintf("f%d/x", i), Told: "x", Size: 1}, Member{Path: fmt.Sprintf("n%d", i), Told: "n", Size: 1})
	}
	s := newService(r, &tag)
	var got []string
	for in := (ListIn{Path: "/a.zip", Limit: 64}); ; {
		out, err := call(t, s, in)
		if err != nil || !out.Cut || out.Total != 500 {
			t.Fatal(out, err)
		}
		got = append(got, strings.Fields(namesOf(out))...)
		if in.Cursor = out.Next; in.Cursor == "" {
			break
		}
	}
	if len(got) != 500 || got[0] != "f0/" || got[249] != "f249/" || got[250] != "n0" || got[499] != "n249" {
		t.Errorf("%d: %v", len(got), got)
	}
	for _, bad := range []string{"x", "-1"} {
		if _, err := call(t, s, ListIn{Path: "/a.zip", Cursor: bad}); !errs.Is(err, errs.Invalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestMembersAreOpenedByTheirToken(t *testing.T) {
	r, tag := &reader{all: sample()}, "1"
	s := newService(r, &tag)
	out, err := call(t, s, ListIn{Path: "/a.zip", Folder: "b/deep/er"})
	if err != nil || len(out.Items) != 1 || out.Items[0].Type != "image" {
		t.Fatal(out, err)
	}
	for range 3 {
		m, err := s.Open(t.Context(), "", "/a.zip", out.Items[0].Member)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(m)
		if err != nil || string(b) != "bytes of b/deep/er/x.jpg" || m.Name != "x.jpg" || m.MIME != "image/jpeg" {
			t.Errorf("%q %q %q %v", b, m.Name, m.MIME, err)
		}
	}
	if r.read != 1 {
		t.Errorf("it was unpacked %d times", r.read)
	}
	for member, kind := range map[string]errs.Kind{"2-00000000": errs.NotFound, "99-00000000": errs.NotFound, "x": errs.Invalid, "-1": errs.Invalid, "": errs.Invalid} {
		if _, err := s.Open(t.Context(), "", "/a.zip", member); !errs.Is(err, kind) {
			t.Errorf("%q: %v", member, err)
		}
	}
	tag, r.all = "3", append(sample(), Member{Path: "large", Told: "large", Size: MaxBytes + 1})
	if _, err := s.Open(t.Context(), "", "/a.zip", token(9, &r.all[9])); !errs.Is(err, errs.Unsupported) || r.read != 1 {
		t.Errorf("what is too large: %v", err)
	}
	tag, r.all = "2", append([]Member{{Path: "new", Told: "new"}}, sample()...)
	if _, err := s.Open(t.Context(), "", "/a.zip", out.Items[0].Member); !errs.Is(err, errs.NotFound) {
		t.Errorf("of an archive that changed, another file was opened: %v", err)
	}
}

// Folders that an archive makes out of its names have an end.
func TestFault_ManyFoldersHaveAnEnd(t *testing.T) {
	var all []Member
	for i := range MaxMembers / 20 {
		path := fmt.Sprintf("%d", i) + strings.Repeat("/d", 127)
		all = append(all, Member{Path: path, Told: path})
	}
	h := newShelf(all, false)
	if !h.more || len(h.folders) > maxFolders || len(h.all) == 0 {
		t.Errorf("%d members, %d folders, more: %t", len(h.all), len(h.folders), h.more)
	}
}

func TestErrorsTellTheArchive(t *testing.T) {
	r, tag := &reader{err: errs.New(errs.Unsupported, "it is encrypted")}, "1"
	_, err := call(t, newService(r, &tag), ListIn{Path: "/a.zip"})
	if !errs.Is(err, errs.Unsupported) || !strings.Contains(err.Error(), "/a.zip") {
		t.Error(err)
	}
	if _, err := call(t, newService(r, &tag), ListIn{Path: "/other"}); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
}

// What is held is dropped when nobody asks for it any more, and never grows beyond its bound.
func TestWhatIsHeldHasABound(t *testing.T) {
	r, tag := &reader{all: sample()}, ""
	s := newService(r, &tag)
	for i := range 100 {
		tag = fmt.Sprint(i)
		if _, err := call(t, s, ListIn{Path: "/a.zip"}); err != nil || len(s.held) > 8 {
			t.Fatal(len(s.held), err)
		}
	}
	for _, h := range s.held {
		h.until = time.Now().Add(-time.Second)
	}
	s.drop()
	if len(s.held) != 0 {
		t.Errorf("%d archives are held", len(s.held))
	}
}
