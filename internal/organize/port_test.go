package organize

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
)

func (w *world) exported() string {
	w.t.Helper()
	var b bytes.Buffer
	if _, err := w.export(w.t.Context(), &b); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

// TestExportAndImport: what a library exports, a fresh one takes over, ties to the same
// files, and exports byte by byte again; twice makes no difference.
func TestExportAndImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	dir := w.file(w.vol.Root, "dir", 0, 5)
	a, b, odd := w.file(dir.ID, "a.jpg", 10, 6), w.file(dir.ID, "b.jpg", 20, 7), w.file(dir.ID, "\xff\xfe", 30, 8)
	w.hash(&a, 'A')
	must(w, w.tagCreate, CreateTagIn{Name: "beach", Aliases: []string{"sea", "日本"}, Description: "line\nbreak and \"quotes\""})
	must(w, w.tagCreate, CreateTagIn{Name: "summer", Parents: []string{"beach"}, Type: Private})
	must(w, w.tagEdit, EditTagIn{Tag: "summer", AddSynonyms: []string{"beach"}})
	for _, e := range []catalog.Entry{a, b, odd, dir} {
		w.add(e)
	}
	must(w, w.tagApply, ApplyIn{Tag: "summer", Here: true, Selection: sel(a)})
	must(w, w.collectionCreate, CreateCollectionIn{Name: "best"})
	must(w, w.collectionAdd, CollectIn{Collection: "best", Selection: sel(b, a, odd)})
	first := w.exported()
	if n := strings.Count(first, "\n"); n < 30 {
		t.Fatalf("%d lines:\n%s", n, first)
	}

	n := newWorld(t, "")
	dir2 := n.file(n.vol.Root, "dir", 0, 5)
	b2 := n.file(dir2.ID, "b.jpg", 20, 7)
	odd2 := n.file(dir2.ID, "\xff\xfe", 30, 8)
	a2 := n.file(dir2.ID, "a.jpg", 10, 6)
	n.hash(&a2, 'A')
	file := filepath.Join(t.TempDir(), "added.jsonl")
	must(w, w.exportTo, PortIn{file})
	_, err := w.exportTo(t.Context(), PortIn{file})
	wantKind(t, err, errs.Conflict)
	if out := must(n, n.importFrom, PortIn{file}); out.Changed != out.Facts || out.Places != 5 {
		t.Errorf("%+v", out)
	}
	for name, e := range map[string]catalog.Entry{"read": a2, "unread": b2, "odd": odd2, "folder": dir2} {
		want := all
		if name == "read" {
			want = "beach summer" + strings.TrimPrefix(all, "beach")
		}
		if got := n.has(e); got != want {
			t.Errorf("%s has %s", name, got)
		}
	}
	if got := n.exported(); got != first {
		t.Errorf("exported again:\n%s\nwant\n%s", got, first)
	}
	if out := must(n, n.importFrom, PortIn{file}); out.Changed != 0 {
		t.Errorf("%+v", out)
	}
	n.restart()
	if got := n.exported(); got != first {
		t.Errorf("after a restart:\n%s\nwant\n%s", got, first)
	}
	must(n, n.undo, UndoIn{})
	if got := n.has(b2); got != "" {
		t.Errorf("undone, and there is %s", got)
	}
}

// TestForeignFilesAreRefused: what is no export changes nothing.
func TestForeignFilesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	must(w, w.tagCreate, CreateTagIn{Name: "x"})
	before := w.dump()
	const head = `{"stardrive":"what users added","version":1}` + "\n"
	for _, text := range []string{
		"", "x", "{}", `{"stardrive":"what users added","version":2}`, head + "x", head + `{"target":"t:1","field":"is","value":"tag"}` + "\nx",
		head + `{"target":"../x","field":"is"}`, head + `{"target":"c:12","field":"is"}`, head + `{"target":"t:1","field":"Is"}`, head + `{"target":"t:1","field":"is","more":1}`,
		head + `{"target":"t:1","field":"name","value":"a/b"}`, head + `{"target":"t:1","field":"alias","member":""}`, head + `{"target":"e:1","field":"rating","value":"9"}`,
		head + `{"place":"t:1","volume":"v"}`, head + `{"place":"e:1"}`, head + `{"place":"e:1","volume":"v","raw":"!"}`, head + `{"target":"t:1","field":"about","value":"` + strings.Repeat("x", maxLine) + `"}`,
	} {
		if _, err := w.take(t.Context(), strings.NewReader(text)); !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
			t.Errorf("%.80q: %v", text, err)
		}
	}
	if got := w.dump(); got != before {
		t.Error(got)
	}
	_, err := w.importFrom(t.Context(), PortIn{t.TempDir()})
	wantKind(t, err, errs.Invalid)
	_, err = w.importFrom(t.Context(), PortIn{filepath.Join(t.TempDir(), "none")})
	wantKind(t, err, errs.NotFound)
	_, err = w.exportTo(t.Context(), PortIn{"relative"})
	wantKind(t, err, errs.Invalid)
	if left, _ := os.ReadDir("."); len(left) == 0 {
		t.Error("the test runs nowhere")
	}
}

// FuzzUnpack: no file brings the reading down, and what is read obeys the limits.
func FuzzUnpack(f *testing.F) {
	const head = `{"stardrive":"what users added","version":1}` + "\n"
	f.Add([]byte(head + `{"target":"t:1","field":"is","value":"tag"}` + "\n" + `{"place":"e:1","volume":"v","raw":"/w=="}`))
	f.Add([]byte(head))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := unpack(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, c := range p.facts {
			if !targetRE.MatchString(c.Target) || len(c.Value) > maxNote {
				t.Errorf("%+v", c)
			}
		}
		for i := range p.places {
			if !isFile(p.places[i].Place) {
				t.Errorf("%+v", p.places[i])
			}
		}
	})
}
