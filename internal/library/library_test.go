package library

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestCreateCloseOpen(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	l := create(t, m, "Photos & more")
	if l.Name != "Photos & more" || l.Path != filepath.Join(dir, "libraries", "Photos & more.sdlibrary") || !l.Created.Equal(now) || l.ID == "" {
		t.Fatalf("%+v", l)
	}
	write(t, l, "kept")
	if same, err := m.Get(t.Context(), "Photos & more"); err != nil || same != l {
		t.Error(same, err)
	}
	if same, err := m.Get(t.Context(), string(l.ID)); err != nil || same != l {
		t.Error(same, err)
	}
	if same, err := m.Get(t.Context(), "PHOTOS & MORE"); err != nil || same != l {
		t.Error(same, err)
	}
	if rs.open["Photos & more"] != 1 {
		t.Error(rs.open)
	}
	if got := files(t, filepath.Join(dir, "libraries")); !slices.Equal(got, []string{"Photos & more.sdlibrary"}) {
		t.Error(got)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if rs.open["Photos & more"] != 0 {
		t.Error("the runtime was not closed")
	}
	if got := files(t, l.Path); !slices.Equal(got, []string{"library.db", "library.json", "lock"}) {
		t.Error("a closed library holds", got)
	}
	_, err := m.Get(t.Context(), "")
	wantKind(t, err, errs.Unavailable)

	m = manager(t, dir)
	again, err := m.Get(t.Context(), "")
	if err != nil || again.ID != l.ID || !again.Created.Equal(now) || !has(t, again, "kept") {
		t.Fatal(again, err)
	}
}

func TestNames(t *testing.T) {
	for _, bad := range []string{"", " ", " a", "a ", "a/b", `a\b`, "a:b", "a*", "a?", `a"`, "a<", "a>", "a|", ".a", "a.", "..", "-a",
		"a\x00", "a\nb", "a\u202eb", "\xff", strings.Repeat("x", 101), "CON", "nul.txt", "com1", "LPT³", "x.sdlibrary", "X.SDLibrary",
		"01890000-0000-7000-8000-000000000000"} {
		if _, err := checkName(bad); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"Home", "a", "Größe 2", "日本", "a.b", "company", "com10", "console", "a-b_c (1)", strings.Repeat("x", 100), "👪"} {
		if got, err := checkName(good); err != nil || got != good {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	if got, err := checkName("e\u0301t"); err != nil || got != "ét" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTakenNames(t *testing.T) {
	m := manager(t, t.TempDir())
	create(t, m, "Straße")
	for _, name := range []string{"Straße", "STRASSE", "straße", "Stra\u00dfe"} {
		_, err := m.Create(t.Context(), name)
		wantKind(t, err, errs.Conflict)
	}
	create(t, m, "Other")
	_, err := m.Rename(t.Context(), "Other", "strasse")
	wantKind(t, err, errs.Conflict)
	if all := list(t, m); len(all) != 2 || all[0].Name != "Other" || all[0].State != Open {
		t.Errorf("%+v", all)
	}
	_, err = m.Create(t.Context(), "a/b")
	wantKind(t, err, errs.Invalid)
}

func TestDefault(t *testing.T) {
	dir, mem := t.TempDir(), &memory{}
	remembering := func(o *Options) { o.Memory = mem }
	m := manager(t, dir, remembering)
	home, err := m.Get(t.Context(), "")
	if err != nil || home.Name != DefaultName || mem.id != home.ID {
		t.Fatal(home, err)
	}
	for range 3 {
		if l, err := m.Get(t.Context(), ""); err != nil || l != home {
			t.Fatal(l, err)
		}
	}
	if mem.writes != 1 {
		t.Errorf("wrote %d times", mem.writes)
	}
	work := create(t, m, "Work") // used last now
	if l, err := m.Get(t.Context(), ""); err != nil || l != work {
		t.Fatal(l, err)
	}
	if l, err := m.Get(t.Context(), "home"); err != nil || l != home {
		t.Fatal(l, err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir, remembering)
	if l, err := m.Get(t.Context(), ""); err != nil || l.ID != home.ID {
		t.Fatal(l, err)
	}
	if all := list(t, m); !all[0].Default || all[1].Default {
		t.Errorf("%+v", all)
	}
	// Forgotten: with several, nobody guesses.
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	mem.id = "gone"
	m = manager(t, dir, remembering)
	_, err = m.Get(t.Context(), "")
	wantKind(t, err, errs.Invalid)
	if !strings.Contains(err.Error(), "Home, Work") || errs.RemedyOf(err) == "" {
		t.Error(err)
	}
	if err := m.Remove(t.Context(), "Work", false); err != nil {
		t.Fatal(err)
	}
	if l, err := m.Get(t.Context(), ""); err != nil || l.ID != home.ID {
		t.Fatal("the only one is the default", l, err)
	}
	_, err = m.Get(t.Context(), "Work")
	wantKind(t, err, errs.NotFound)
}

func TestHomeIsNeverMadeBesideABrokenLibrary(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	l := create(t, m, "Precious")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Path, infoFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	_, err := m.Get(t.Context(), "")
	wantKind(t, err, errs.Invalid)
	if got := files(t, filepath.Join(dir, "libraries")); len(got) != 1 {
		t.Error(got)
	}
}

func TestRename(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	old := create(t, m, "Old")
	write(t, old, "kept")
	i, err := m.Rename(t.Context(), "", "New")
	if err != nil || i.Name != "New" || i.ID != old.ID || i.State != Open {
		t.Fatal(i, err)
	}
	if rs.open["Old"] != 0 || rs.open["New"] != 1 {
		t.Error(rs.open)
	}
	l, err := m.Get(t.Context(), "New")
	if err != nil || l == old || !has(t, l, "kept") {
		t.Fatal(l, err)
	}
	if s, err := load(l.Path); err != nil || s.Name != "New" || !s.Created.Equal(now) {
		t.Error(s, err)
	}
	_, err = m.Get(t.Context(), "Old")
	wantKind(t, err, errs.NotFound)
	// To another case, to itself, to nonsense.
	if i, err := m.Rename(t.Context(), "New", "NEW"); err != nil || i.Name != "NEW" {
		t.Error(i, err)
	}
	if i, err := m.Rename(t.Context(), "NEW", "NEW"); err != nil || i.Name != "NEW" {
		t.Error(i, err)
	}
	_, err = m.Rename(t.Context(), "NEW", "a/b")
	wantKind(t, err, errs.Invalid)
	_, err = m.Rename(t.Context(), "none", "x")
	wantKind(t, err, errs.NotFound)
	// A closed one stays closed.
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	if i, err := m.Rename(t.Context(), "NEW", "Closed"); err != nil || i.State != Closed || len(m.Opened()) != 0 {
		t.Error(i, err)
	}
	if l, err := m.Get(t.Context(), "Closed"); err != nil || !has(t, l, "kept") {
		t.Error(l, err)
	}
}

func TestP10FolderRenamedAndThenTheProcessDied(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	l := create(t, m, "Old")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.Path, filepath.Join(dir, "libraries", "New"+Suffix)); err != nil {
		t.Fatal(err)
	}
	m = manager(t, dir)
	got, err := m.Get(t.Context(), "New")
	if err != nil || got.ID != l.ID {
		t.Fatal(got, err)
	}
	if s, err := load(got.Path); err != nil || s.Name != "New" {
		t.Error(s, err)
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	m := manager(t, dir)
	a := create(t, m, "A")
	write(t, a, "kept")
	if err := m.Remove(t.Context(), "A", false); err != nil {
		t.Fatal(err)
	}
	again := create(t, m, "A")
	if err := m.Remove(t.Context(), string(again.ID), false); err != nil {
		t.Fatal("in the same second:", err)
	}
	if got := files(t, filepath.Join(dir, "trash")); !slices.Equal(got, []string{"A-20261123T040506Z-2.sdlibrary", "A-20261123T040506Z.sdlibrary"}) {
		t.Error(got)
	}
	// Moved back, it is a library.
	if err := os.Rename(filepath.Join(dir, "trash", "A-20261123T040506Z.sdlibrary"), filepath.Join(dir, "libraries", "Back.sdlibrary")); err != nil {
		t.Fatal(err)
	}
	back, err := m.Get(t.Context(), "Back")
	if err != nil || back.ID != a.ID || !has(t, back, "kept") {
		t.Fatal(back, err)
	}
	if err := m.Remove(t.Context(), "Back", true); err != nil {
		t.Fatal(err)
	}
	if got := files(t, filepath.Join(dir, "libraries")); len(got) != 0 {
		t.Error(got)
	}
	for _, ref := range []string{"none", ""} {
		if err := m.Remove(t.Context(), ref, true); err == nil {
			t.Errorf("removed %q", ref)
		}
	}
}

func TestAttachFails(t *testing.T) {
	dir, rs := t.TempDir(), &runtimes{refuse: errs.New(errs.Unavailable, "no workers").Try("Wait.")}
	m := manager(t, dir, func(o *Options) { o.Attach = rs.attach })
	_, err := m.Create(t.Context(), "Home")
	wantKind(t, err, errs.Unavailable)
	if errs.RemedyOf(err) != "Wait." || len(m.Opened()) != 0 {
		t.Error(err)
	}
	rs.refuse = nil
	if l, err := m.Get(t.Context(), ""); err != nil || l.Name != "Home" {
		t.Fatal("nothing may stay locked:", l, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	rs := &runtimes{}
	m := manager(t, t.TempDir(), func(o *Options) { o.Attach = rs.attach })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := m.Get(t.Context(), ""); err != nil {
				t.Error(err)
			}
			if _, err := m.List(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := m.Create(t.Context(), "Work"); err != nil && !errs.Is(err, errs.Conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(m.Opened()) > 2 || rs.open["Work"] != 1 {
		t.Error(m.Opened(), rs.open)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	m := manager(t, t.TempDir())
	end, err := m.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Get(ctx, "")
	wantKind(t, err, errs.Cancelled)
	_, err = m.Create(ctx, "x")
	wantKind(t, err, errs.Cancelled)
	_, err = m.Rename(ctx, "x", "y")
	wantKind(t, err, errs.Cancelled)
	wantKind(t, m.Remove(ctx, "x", false), errs.Cancelled)
	_, err = m.List(ctx)
	wantKind(t, err, errs.Cancelled)
}
