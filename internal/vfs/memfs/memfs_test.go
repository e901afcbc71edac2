package memfs_test

import (
	"context"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

var ctx = context.Background()

func TestConformance(t *testing.T) {
	vfstest.Run(t, func(*testing.T) vfstest.Fixture {
		f := memfs.New(nil)
		return vfstest.Fixture{Driver: f, Make: f, Denies: true,
			Mount: func(_ testing.TB, path string) error { return f.SetMount(path, true) }}
	})
}

func TestWriting(t *testing.T) {
	for name, o := range map[string]memfs.Options{
		"unix":     {},
		"fat":      {Folding: true, NoInodes: true, TimeStep: 2 * time.Second, Loses: ^vfs.PartModified, MaxFile: 1<<32 - 1, NoClone: true, NoExchange: true},
		"no dates": {Loses: vfs.PartModified | vfs.PartXattrs, NoSyncAll: true, MaxName: 143},
	} {
		t.Run(name, func(t *testing.T) {
			vfstest.RunWriting(t, func(*testing.T) vfstest.Fixture {
				f := memfs.NewWith(o)
				return vfstest.Fixture{Driver: f, Make: f, Denies: true,
					Mount: func(_ testing.TB, path string) error { return f.SetMount(path, true) }}
			})
		})
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func stat(t *testing.T, f *memfs.FS, path string) vfs.Entry {
	t.Helper()
	e, err := f.Stat(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTimesComeFromTheClock(t *testing.T) {
	now := time.Unix(1000, 7)
	f := memfs.New(func() time.Time { return now })
	must(t, f.Mkdir("d"), f.WriteFile("d/f", []byte("x")))
	now = time.Unix(2000, 0)
	must(t, f.Chmod("d/f", 0o600))
	if e := stat(t, f, "d/f"); e.Modified != time.Unix(1000, 7).UnixNano() || e.Changed != now.UnixNano() || e.Created != e.Modified {
		t.Errorf("after chmod: %+v", e)
	}
	must(t, f.WriteFile("d/f", []byte("longer")))
	if e := stat(t, f, "d/f"); e.Modified != now.UnixNano() || e.Size != 6 || e.Mode != 0o600 || e.Inode != 3 {
		t.Errorf("after write: %+v", e)
	}
	if e := stat(t, f, "d"); e.Modified != time.Unix(1000, 7).UnixNano() {
		t.Errorf("writing to a file touched its folder: %+v", e)
	}
	now = time.Unix(3000, 0)
	must(t, f.Rename("d/f", "g"), f.SetModified("g", time.Unix(5, 6)))
	if e := stat(t, f, "g"); e.Modified != 5_000_000_006 || e.Changed != now.UnixNano() || e.Inode != 3 {
		t.Errorf("after rename: %+v", e)
	}
	for _, dir := range []string{"", "d"} {
		if e := stat(t, f, dir); e.Modified != now.UnixNano() {
			t.Errorf("rename did not touch %q: %+v", dir, e)
		}
	}
}

func TestListingIsDeterministicAndUnsorted(t *testing.T) {
	order := func() (names string) {
		f := memfs.New(nil)
		for _, n := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			must(t, f.WriteFile(n, nil))
		}
		must(t, f.List(t.Context(), "", func(batch []vfs.Entry) error {
			for _, e := range batch {
				names += e.Name
			}
			return nil
		}))
		return names
	}
	if a := order(); a != order() || a == "abcdefg" {
		t.Errorf("order %q, then %q", a, order())
	}
}

func TestMutatorsRefuse(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.MkdirAll("a/b/c"), f.MkdirAll("a/b"), f.WriteFile("f", nil), f.Mkdir("empty"), f.WriteFile("g", nil))
	for name, c := range map[string]struct {
		err  error
		kind errs.Kind
	}{
		"mkdir over folder":       {f.Mkdir("a"), errs.Conflict},
		"mkdir without parent":    {f.Mkdir("x/y"), errs.NotFound},
		"mkdir below file":        {f.Mkdir("f/y"), errs.NotFound},
		"write over folder":       {f.WriteFile("a", nil), errs.Conflict},
		"symlink over file":       {f.Symlink("t", "f"), errs.Conflict},
		"remove nothing":          {f.Remove("x"), errs.NotFound},
		"remove the root":         {f.Remove(""), errs.Invalid},
		"rename into itself":      {f.Rename("a", "a/b/x"), errs.Invalid},
		"rename over full folder": {f.Rename("empty", "a"), errs.Conflict},
		"rename file over folder": {f.Rename("f", "empty"), errs.Conflict},
		"rename nothing":          {f.Rename("x", "y"), errs.NotFound},
		"rename the root":         {f.Rename("", "y"), errs.NotFound},
		"chmod nothing":           {f.Chmod("x", 0), errs.NotFound},
		"special file":            {f.Special(vfs.File, "x"), errs.Invalid},
		"link folder":             {f.Link("a", "l"), errs.Unsupported},
		"link nothing":            {f.Link("x", "l"), errs.NotFound},
		"bad path":                {f.MkdirAll("a/../x"), errs.Invalid},
	} {
		if !errs.Is(c.err, c.kind) {
			t.Errorf("%s: %v, want kind %s", name, c.err, c.kind)
		}
	}
	must(t, f.Rename("f", "g"), f.Mkdir("full2"), f.Rename("empty", "full2"))
}

func TestFault_B9_HardLinks(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.Mkdir("d"), f.WriteFile("a", []byte("x")), f.Link("a", "d/b"))
	a, b := stat(t, f, "a"), stat(t, f, "d/b")
	if a.Inode != b.Inode || a.Links != 2 || b.Name != "b" {
		t.Errorf("%+v, %+v", a, b)
	}
	must(t, f.Remove("d"))
	if e := stat(t, f, "a"); e.Links != 1 {
		t.Errorf("after removing one name: %+v", e)
	}
	if e := stat(t, f, ""); e.Links != 2 {
		t.Errorf("root: %+v", e)
	}
}

func TestFolderRemovedMidList(t *testing.T) {
	f := memfs.New(nil)
	must(t, f.Mkdir("d"))
	for i := range 600 {
		must(t, f.WriteFile("d/"+string(rune('a'+i%26))+string(rune('A'+i/26)), nil))
	}
	err := f.List(t.Context(), "d", func([]vfs.Entry) error { return f.Remove("d") })
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("%v", err)
	}
}
