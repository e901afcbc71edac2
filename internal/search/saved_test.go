package search

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/vfs"
)

// call runs an operation by its name.
func (s *shelf) call(name string, in, out any) error {
	s.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	ops := s.Ops()
	at := slices.IndexFunc(ops, func(d op.Def) bool { return d.Name == name })
	b, err = ops[at].Call(s.t.Context(), b)
	if err == nil {
		err = json.Unmarshal(b, out)
	}
	return err
}

// savedNames are the names of all saved searches, in the order of the list.
func (s *shelf) savedNames() (names []string) {
	s.t.Helper()
	var list SavedList
	if err := s.call("saved.list", struct{}{}, &list); err != nil {
		s.t.Fatal(err)
	}
	for _, v := range list.Items {
		names = append(names, v.Name)
	}
	return names
}

// TestSaved: a search that was saved runs as it was meant, under each name it is
// given, until it is removed; no name is taken twice.
func TestSaved(t *testing.T) {
	s := newShelf(t)
	folder := s.add(s.vol.Root, "folder", vfs.Folder)
	for i, name := range []string{"a.jpg", "b.jpg", "c.txt"} {
		s.add(folder.ID, name, vfs.File)
		s.add(s.vol.Root, fmt.Sprint("outside ", i, ".jpg"), vfs.File)
	}
	s.Service.Folder = func(_ context.Context, path string) (ident.EntryID, error) {
		if path != "/folder" {
			return 0, errs.New(errs.NotFound, "there is no such folder").At(path)
		}
		return folder.ID, nil
	}
	s.serve()
	s.finds("ext:jpg", "a.jpg", "b.jpg", "outside 0.jpg", "outside 1.jpg", "outside 2.jpg")

	in := SaveIn{Name: "it's my 中文 \"list\"", Query: "ext:jpg", In: "/folder", Sort: ByName, Descending: true}
	var made Saved
	if err := s.call("saved.create", in, &made); err != nil {
		t.Fatal(err)
	}
	if made.ID == "" {
		t.Error("a saved search has no id that lasts")
	}
	if want := (Saved{ID: made.ID, Name: in.Name, Query: in.Query, In: in.In, Sort: in.Sort, Descending: true, Created: noon}); !reflect.DeepEqual(made, want) {
		t.Errorf("made %+v, want %+v", made, want)
	}
	if err := s.call("saved.create", SaveIn{Name: "other", Query: "kind:text"}, &made); err != nil {
		t.Fatal(err)
	}
	var odd, gone Saved
	if err := s.call("saved.create", SaveIn{Name: "odd", Query: "size:>10 mb"}, &odd); err != nil || len(odd.Hints) != 1 || odd.Hints[0].At != 9 {
		t.Errorf("saved %+v (%v), want a hint", odd, err)
	}
	if err := s.call("saved.remove", SavedIn{"odd"}, &gone); err != nil || gone.Hints != nil {
		t.Error(gone, err)
	}
	if err := s.call("saved.rename", RenameIn{in.Name, "photos"}, &made); err != nil || made.Name != "photos" || made.Query != "ext:jpg" {
		t.Fatal(made, err)
	}
	if got := s.savedNames(); !slices.Equal(got, []string{"other", "photos"}) {
		t.Errorf("saved are %q", got)
	}
	var hits Hits
	if err := s.call("saved.run", RunIn{Name: "photos"}, &hits); err != nil || hits.Total != 2 || hits.Items[0].Name != "b.jpg" || hits.Items[1].Name != "a.jpg" {
		t.Errorf("found %+v, %v", hits, err)
	}
	if err := s.call("saved.run", RunIn{Name: "photos", Limit: 1, Offset: 1}, &hits); err != nil || len(hits.Items) != 1 || hits.Items[0].Name != "a.jpg" {
		t.Errorf("the second page is %+v, %v", hits, err)
	}

	for _, c := range []struct {
		op   string
		in   any
		kind errs.Kind
	}{
		{"saved.create", SaveIn{Name: "photos", Query: "x"}, errs.Conflict},
		{"saved.create", SaveIn{Name: " ", Query: "x"}, errs.Invalid},
		{"saved.create", SaveIn{Name: fmt.Sprintf("%0201d", 0), Query: "x"}, errs.Invalid},
		{"saved.create", SaveIn{Name: "long", Query: fmt.Sprintf("%05000d", 0)}, errs.Invalid},
		{"saved.create", SaveIn{Name: "lost", Query: "x", In: "/no such"}, errs.NotFound},
		{"saved.rename", RenameIn{"photos", "other"}, errs.Conflict},
		{"saved.rename", RenameIn{"photos", ""}, errs.Invalid},
		{"saved.rename", RenameIn{"no such", "name"}, errs.NotFound},
		{"saved.run", RunIn{Name: in.Name}, errs.NotFound},
		{"saved.remove", SavedIn{"no such"}, errs.NotFound},
	} {
		if err := s.call(c.op, c.in, &json.RawMessage{}); !errs.Is(err, c.kind) {
			t.Errorf("%s %.60v: %v, want %s", c.op, c.in, err, c.kind)
		}
	}
	if err := s.call("saved.remove", SavedIn{"photos"}, &made); err != nil || made.Query != "ext:jpg" {
		t.Error(made, err)
	}
	if got := s.savedNames(); !slices.Equal(got, []string{"other"}) {
		t.Errorf("left is %q", got)
	}
}
