package trash_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type world struct {
	t    testing.TB
	ctx  context.Context
	root string
	d    vfs.Driver
	bin  *trash.Bin
	top  vfs.Dir
}

var deleted = time.Date(2020, 5, 6, 7, 8, 9, 0, time.Local)

func newWorld(t testing.TB, home string) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), root: fastDir(t)}
	d, err := local.New(w.root, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	w.d = d
	w.bin = w.newBin(home)
	w.top = w.dir("")
	return w
}

// fastDir is a folder in memory where there is one.
func fastDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "trash-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (w *world) newBin(home string) *trash.Bin {
	w.t.Helper()
	b, err := trash.Of(w.ctx, trash.Volume{Driver: w.d, Mount: w.root, Home: home, UID: os.Getuid()})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) dir(path string) vfs.Dir {
	w.t.Helper()
	dir, err := w.d.Features().Writing.Dir(w.ctx, path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = dir.Close() })
	return dir
}

func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.root}, parts...)...)
}

func (w *world) write(path, data string) {
	w.t.Helper()
	must(w.t, os.MkdirAll(filepath.Dir(w.path(path)), 0o755))
	must(w.t, os.WriteFile(w.path(path), []byte(data), 0o644))
}

func (w *world) read(path string) string {
	b, err := os.ReadFile(w.path(path))
	if err != nil {
		return "error: " + err.Error()
	}
	return string(b)
}

func (w *world) stat(path string) vfs.Entry {
	w.t.Helper()
	is, err := w.d.Stat(w.ctx, path)
	must(w.t, err)
	return is
}

// trash deletes path as the executor does.
func (w *world) trash(path string) trash.Slot {
	w.t.Helper()
	dir, name := vfs.Split(path)
	s, err := w.bin.Propose(w.ctx, name)
	must(w.t, err)
	must(w.t, w.bin.Reserve(w.ctx, s, path, deleted))
	must(w.t, w.bin.Sync(w.ctx))
	_, err = w.bin.Put(w.ctx, w.dir(dir), name, w.stat(path), s)
	must(w.t, err)
	return s
}

func (w *world) list() (items []trash.Item) {
	w.t.Helper()
	must(w.t, w.bin.List(w.ctx, func(batch []trash.Item) error { items = append(items, batch...); return nil }))
	slices.SortFunc(items, func(a, b trash.Item) int { return strings.Compare(a.Name, b.Name) })
	return items
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTrashAndRestore(t *testing.T) {
	for _, home := range []string{"", "home/me/.local/share/Trash"} {
		w := newWorld(t, home)
		name := "ä b%\n\xff.txt"
		w.write("docs/"+name, "hello")
		was := w.stat("docs/" + name)
		s := w.trash("docs/" + name)
		items := w.list()
		if len(items) != 1 || items[0].Was != "docs/"+name || !items[0].Deleted.Equal(deleted) || items[0].Slot != s || items[0].Orphan != trash.Whole || items[0].Is.Size != 5 {
			t.Fatalf("%+v", items)
		}
		info := w.read(s.Folder + "/info/" + s.Name + ".trashinfo")
		path := "docs/%C3%A4%20b%25%0A%FF.txt"
		if home != "" {
			path = w.root + "/" + path
		}
		if want := "[Trash Info]\nPath=" + path + "\nDeletionDate=2020-05-06T07:08:09\n"; info != want {
			t.Errorf("%q, want %q", info, want)
		}
		if is := w.stat(s.Folder); is.Mode != 0o700 {
			t.Errorf("others can look into the trash: %o", is.Mode)
		}
		_, err := w.bin.Restore(w.ctx, s, items[0].Is, w.dir("docs"), name)
		must(t, err)
		if got := w.stat("docs/" + name); !copier.Same(was, got, false) || len(w.list()) != 0 {
			t.Errorf("%+v came back as %+v", was, got)
		}
		// as after a crash between the two steps
		if _, err := w.bin.Restore(w.ctx, s, items[0].Is, w.dir("docs"), name); err != nil {
			t.Error(err)
		}
	}
}

func TestFault_C19_NoTrashIsSaid(t *testing.T) {
	w := newWorld(t, "")
	if folder, there, err := w.bin.Where(w.ctx); err != nil || there || folder != fmt.Sprintf(".Trash-%d", os.Getuid()) {
		t.Error(folder, there, err)
	}
	w.write(fmt.Sprintf(".Trash-%d", os.Getuid()), "a file in its place")
	if _, _, err := w.bin.Where(w.ctx); !errs.Is(err, errs.Unsupported) {
		t.Error(err)
	}
	if _, err := w.bin.Propose(w.ctx, "a"); !errs.Is(err, errs.Unsupported) {
		t.Error(err)
	}
}

func TestFault_C20_TrashOfTheAdministrator(t *testing.T) {
	uid := fmt.Sprint(os.Getuid())
	for _, c := range []struct {
		name string
		make func(w *world)
		want string
	}{
		{"sticky", func(w *world) {
			must(t, os.Mkdir(w.path(".Trash"), 0o777))
			must(t, os.Chmod(w.path(".Trash"), 0o777|os.ModeSticky))
		}, ".Trash/" + uid},
		{"not sticky", func(w *world) { must(t, os.Mkdir(w.path(".Trash"), 0o777)) }, ".Trash-" + uid},
		{"a symlink", func(w *world) {
			must(t, os.Mkdir(w.path("elsewhere"), 0o777))
			must(t, os.Chmod(w.path("elsewhere"), 0o777|os.ModeSticky))
			must(t, os.Symlink("elsewhere", w.path(".Trash")))
		}, ".Trash-" + uid},
		{"mine is a symlink", func(w *world) {
			must(t, os.Mkdir(w.path(".Trash"), 0o777))
			must(t, os.Chmod(w.path(".Trash"), 0o777|os.ModeSticky))
			must(t, os.Mkdir(w.path("elsewhere"), 0o777))
			must(t, os.Symlink("../elsewhere", w.path(".Trash", uid)))
		}, ".Trash-" + uid},
		{"mine is somebody else's", func(w *world) {
			if os.Getuid() != 0 {
				t.Skip("only root can make a folder of somebody else")
			}
			must(t, os.Mkdir(w.path(".Trash"), 0o777))
			must(t, os.Chmod(w.path(".Trash"), 0o777|os.ModeSticky))
			must(t, os.Mkdir(w.path(".Trash", uid), 0o777))
			must(t, os.Chown(w.path(".Trash", uid), 12345, 12345))
		}, ".Trash-" + uid},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "")
			c.make(w)
			folder, _, err := w.bin.Where(w.ctx)
			must(t, err)
			w.write("a", "a")
			if s := w.trash("a"); s.Folder != c.want || folder != c.want {
				t.Errorf("it went to %q, and %q was said", s.Folder, folder)
			}
		})
	}
}

func TestFault_C21_SameNameTwice(t *testing.T) {
	w := newWorld(t, "")
	var slots []trash.Slot
	for i := range 20 {
		w.write("photo.jpg", fmt.Sprint(i))
		slots = append(slots, w.trash("photo.jpg"))
	}
	if items := w.list(); len(items) != 20 {
		t.Fatalf("%d items", len(items))
	}
	for i, s := range slots {
		it, err := w.bin.Stat(w.ctx, s)
		must(t, err)
		_, err = w.bin.Restore(w.ctx, s, it.Is, w.top, fmt.Sprint(i))
		must(t, err)
		if w.read(fmt.Sprint(i)) != fmt.Sprint(i) {
			t.Errorf("%d came back as %q", i, w.read(fmt.Sprint(i)))
		}
	}
	// a slot that another program takes between proposal and reservation
	s, err := w.bin.Propose(w.ctx, "x")
	must(t, err)
	w.write(s.Folder+"/info/x.trashinfo", "[Trash Info]\nPath=theirs\n")
	if err := w.bin.Reserve(w.ctx, s, "x", deleted); !errs.Is(err, errs.Conflict) {
		t.Error(err)
	}
	if two, err := w.bin.Propose(w.ctx, "x"); err != nil || two == s {
		t.Error(two, err)
	}
}

func TestFault_C21_OrphansAndOtherPrograms(t *testing.T) {
	w := newWorld(t, "home/Trash")
	uid := fmt.Sprint(os.Getuid())
	w.write("home/Trash/files/data only", "x")
	w.write("home/Trash/info/info only.trashinfo", "[Trash Info]\nPath="+w.root+"/gone\nDeletionDate=2021-01-02T03:04:05\n")
	w.write("home/Trash/files/gnome", "x")
	w.write("home/Trash/info/gnome.trashinfo", "[Trash Info]\r\nPath="+w.root+"/docs/a%20b\r\nDeletionDate=2021-01-02T03:04:05\r\nPath=second\r\n")
	w.write(".Trash-"+uid+"/files/kde", "x")
	w.write(".Trash-"+uid+"/info/kde.trashinfo", "[Other]\nPath=no\n[Trash Info]\nDeletionDate=nonsense\nPath=pics/%\n")
	w.write(".Trash-"+uid+"/files/evil", "x")
	w.write(".Trash-"+uid+"/info/evil.trashinfo", "[Trash Info]\nPath=../../etc/passwd\n")
	w.write("home/Trash/files/foreign", "x")
	w.write("home/Trash/info/foreign.trashinfo", "[Trash Info]\nPath=/nowhere/x\n")
	want := map[string]trash.Item{
		"data only": {Orphan: trash.DataOnly}, "info only": {Was: "gone", Orphan: trash.InfoOnly}, "gnome": {Was: "docs/a b"},
		"kde": {Was: "pics/%"}, "evil": {}, "foreign": {},
	}
	for _, it := range w.list() {
		x, ok := want[it.Name]
		if !ok || x.Was != it.Was || x.Orphan != it.Orphan {
			t.Errorf("%+v", it)
		}
		delete(want, it.Name)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
	it, err := w.bin.Stat(w.ctx, trash.Slot{Folder: "home/Trash", Name: "data only"})
	must(t, err)
	if _, err := w.bin.Restore(w.ctx, it.Slot, it.Is, w.top, "again"); err != nil || w.read("again") != "x" {
		t.Error(err)
	}
	s := trash.Slot{Folder: "home/Trash", Name: "info only"}
	if _, err := w.bin.Destroy(w.ctx, s, vfs.PrivateName(), vfs.Entry{}, trash.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := w.bin.Stat(w.ctx, s); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	if _, err := w.bin.Stat(w.ctx, trash.Slot{Folder: "home", Name: "Trash"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a slot that is no trash: %v", err)
	}
}

func TestFault_C22_RestoreToAPlaceThatIsTakenOrGone(t *testing.T) {
	w := newWorld(t, "")
	w.write("a/b/c.txt", "old")
	s := w.trash("a/b/c.txt")
	it, err := w.bin.Stat(w.ctx, s)
	must(t, err)
	w.write("a/b/c.txt", "new")
	if _, err := w.bin.Restore(w.ctx, s, it.Is, w.dir("a/b"), "c.txt"); !errs.Is(err, errs.Conflict) || w.read("a/b/c.txt") != "new" {
		t.Error(err)
	}
	must(t, os.RemoveAll(w.path("a")))
	dir, made, err := trash.Parents(w.ctx, w.d, "a/b")
	must(t, err)
	defer dir.Close()
	if !slices.Equal(made, []string{"a", "a/b"}) {
		t.Error(made)
	}
	_, err = w.bin.Restore(w.ctx, s, it.Is, dir, "c.txt")
	must(t, err)
	if w.read("a/b/c.txt") != "old" {
		t.Error(w.read("a/b/c.txt"))
	}
	must(t, os.Symlink("/etc", w.path("link")))
	if _, _, err := trash.Parents(w.ctx, w.d, "link/x"); err == nil {
		t.Error("C5: a symlink was followed")
	}
}

func TestPromise_P4_PutTakesOnlyWhatWasPlanned(t *testing.T) {
	w := newWorld(t, "")
	w.write("a", "a")
	is := w.stat("a")
	w.write("a", "edited")
	s, err := w.bin.Propose(w.ctx, "a")
	must(t, err)
	must(t, w.bin.Reserve(w.ctx, s, "a", deleted))
	if _, err := w.bin.Put(w.ctx, w.top, "a", is, s); !errs.Is(err, errs.Conflict) || w.read("a") != "edited" {
		t.Error(err)
	}
	if full, err := w.bin.Cancel(w.ctx, s); full || err != nil || len(w.list()) != 0 {
		t.Error(full, err)
	}
	s = w.trash("a")
	if full, err := w.bin.Cancel(w.ctx, s); !full || err != nil || len(w.list()) != 1 {
		t.Errorf("P10: a slot that is in use was cancelled: %v, %v", full, err)
	}
}
