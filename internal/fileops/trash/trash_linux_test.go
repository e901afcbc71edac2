package trash_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
	if _, err := w.bin.Destroy(w.ctx, s, copier.TempName(), vfs.Entry{}, trash.Options{}); err != nil {
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

// tree makes a tree and returns how many files and folders are in it.
func (w *world) tree(path string, depth, width int) (files, folders int64) {
	must(w.t, os.MkdirAll(w.path(path), 0o755))
	for i := range width {
		w.write(fmt.Sprintf("%s/f%d", path, i), "12345")
		files++
		if depth > 0 {
			f, d := w.tree(fmt.Sprintf("%s/d%d", path, i), depth-1, width)
			files, folders = files+f, folders+d+1
		}
	}
	return files, folders
}

func TestDestroyTree(t *testing.T) {
	w := newWorld(t, "")
	files, folders := w.tree("a", 3, 5)
	w.write("outside/x", "x")
	must(t, os.Symlink("../outside", w.path("a", "link")))
	must(t, syscall.Mkfifo(w.path("a", "fifo"), 0o600))
	seen := map[string]bool{}
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, copier.TempName(), w.stat("a"), trash.Options{
		NotAfter: time.Now().UnixNano(), Gone: func(path string, _ vfs.Entry) { seen[path] = true },
	})
	must(t, err)
	if gone.Files != files+2 || gone.Folders != folders+1 || gone.Bytes < files*5 || !seen["d0/d1/f2"] || !seen[""] || len(seen) != int(files+folders+3) {
		t.Errorf("%+v of %d, %d; told %d", gone, files, folders, len(seen))
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 || w.read("outside/x") != "x" {
		t.Errorf("B5: %v", names)
	}
	if _, err := trash.Destroy(w.ctx, w.top, "a", w.top, copier.TempName(), vfs.Entry{Kind: vfs.Folder, Inode: 1}, trash.Options{}); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestFault_A7_A8_DestroyAnyDepth(t *testing.T) {
	w := newWorld(t, "")
	const depth = 2000
	root, err := os.OpenRoot(w.root)
	must(t, err)
	must(t, root.Mkdir("a", 0o755))
	at := root
	for i := range depth { // far beyond PATH_MAX, with a file and a second folder in each
		name := strings.Repeat("n", 20)
		if i == 0 {
			name = "a"
		} else {
			must(t, at.Mkdir(name, 0o755))
		}
		next, err := at.OpenRoot(name)
		must(t, err)
		at.Close()
		at = next
		f, err := at.Create("file")
		must(t, err)
		f.Close()
		must(t, at.Mkdir("side", 0o755))
	}
	at.Close()
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, copier.TempName(), w.stat("a"), trash.Options{NotAfter: time.Now().UnixNano()})
	if err != nil || gone.Files != depth || gone.Folders != 2*depth {
		t.Errorf("%+v, %v", gone, err)
	}
}

func TestPromise_P5_DestroyRefusesWhatChanged(t *testing.T) {
	w := newWorld(t, "")
	w.tree("a", 2, 3)
	is := w.stat("a")
	planned := time.Now().UnixNano()
	time.Sleep(20 * time.Millisecond) // steps of the kernel's clock
	w.write("a/d1/d1/new", "precious")
	temp := copier.TempName()
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, temp, is, trash.Options{NotAfter: planned})
	if !errs.Is(err, errs.Conflict) || gone.Files+gone.Folders != 0 || w.read("a/d1/d1/new") != "precious" {
		t.Errorf("%+v, %v", gone, err)
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 {
		t.Error(names)
	}
	// another folder of that name
	must(t, os.Rename(w.path("a"), w.path("b")))
	w.write("a/x", "x")
	if _, err := trash.Destroy(w.ctx, w.top, "a", w.top, temp, is, trash.Options{}); !errs.Is(err, errs.Conflict) || w.read("a/x") != "x" {
		t.Error(err)
	}
}

func TestFault_B13_WhatCannotBeRemovedKeepsItsName(t *testing.T) {
	w := newWorld(t, "")
	w.tree("a", 1, 3)
	d := failing{w.d, "f1"}
	top, err := d.Features().Writing.Dir(w.ctx, "")
	must(t, err)
	defer top.Close()
	gone, err := trash.Destroy(w.ctx, top, "a", top, copier.TempName(), w.stat("a"), trash.Options{})
	if !errs.Is(err, errs.Denied) || gone.Failed != 4 || len(gone.Failures) != 4 || gone.Files != 8 || gone.Folders != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	for _, name := range []string{"a/f1", "a/d0/f1", "a/d2/f1"} {
		if w.read(name) != "12345" {
			t.Error(w.read(name))
		}
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 {
		t.Error(names)
	}
	// in the trash it stays listed
	s := w.trash("a")
	bin, err := trash.Of(w.ctx, trash.Volume{Driver: d, Mount: w.root, UID: os.Getuid()})
	must(t, err)
	it, err := bin.Stat(w.ctx, s)
	must(t, err)
	if _, err := bin.Destroy(w.ctx, s, copier.TempName(), it.Is, trash.Options{}); !errs.Is(err, errs.Denied) {
		t.Error(err)
	}
	if items := w.list(); len(items) != 1 || items[0].Orphan != trash.Whole || items[0].Was != "a" {
		t.Errorf("%+v", items)
	}
	it = w.list()[0]
	if _, err := w.bin.Destroy(w.ctx, s, copier.TempName(), it.Is, trash.Options{}); err != nil || len(w.list()) != 0 {
		t.Error(err, w.list())
	}
}

// failing unlinks no file of that name.
type failing struct {
	vfs.Driver
	name string
}

func (f failing) Features() vfs.Features {
	x := f.Driver.Features()
	w, open := *x.Writing, x.Writing.Dir
	w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
		d, err := open(ctx, path)
		return failingDir{d, f.name}, err
	}
	x.Writing = &w
	return x
}

type failingDir struct {
	vfs.Dir
	name string
}

func (f failingDir) Unwrap() vfs.Dir { return f.Dir }

func (f failingDir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	d, err := f.Dir.Sub(ctx, name)
	if err != nil {
		return nil, err
	}
	return failingDir{d, f.name}, nil
}

func (f failingDir) Unlink(ctx context.Context, name string) error {
	if name == f.name {
		return errs.New(errs.Denied, "it is sealed")
	}
	return f.Dir.Unlink(ctx, name)
}

// TestFault_C18_DestroyCancelledAndResumed stops destroying at each thing that
// goes, and goes on.
func TestFault_C18_DestroyCancelledAndResumed(t *testing.T) {
	w := newWorld(t, "")
	files, folders := w.tree("a", 2, 2)
	is := w.stat("a")
	temp := copier.TempName()
	planned := time.Now().UnixNano()
	var total trash.Removed
	for stops := 0; ; stops++ {
		ctx, cancel := context.WithCancel(w.ctx)
		gone, err := trash.Destroy(ctx, w.top, "a", w.top, temp, is, trash.Options{NotAfter: planned, Gone: func(string, vfs.Entry) { cancel() }})
		cancel()
		total.Files, total.Folders = total.Files+gone.Files, total.Folders+gone.Folders
		if err == nil {
			break
		}
		if !errs.Is(err, errs.Cancelled) || stops > 100 {
			t.Fatal(err)
		}
	}
	if total.Files != files || total.Folders != folders+1 {
		t.Errorf("%+v of %d, %d", total, files, folders)
	}
	if names, _ := os.ReadDir(w.root); len(names) != 0 {
		t.Error(names)
	}
}

func TestFault_B8_MountsStay(t *testing.T) {
	w := newWorld(t, "")
	w.write("a/x", "x")
	must(t, os.Mkdir(w.path("a", "m"), 0o755))
	if err := syscall.Mount("tmpfs", w.path("a", "m"), "tmpfs", 0, ""); err != nil {
		t.Skip("cannot mount here: ", err)
	}
	mounted := w.path("a", "m")
	defer func() { _ = syscall.Unmount(mounted, 0) }()
	w.write("a/m/y", "y")
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, copier.TempName(), w.stat("a"), trash.Options{})
	if err == nil || gone.Failed != 1 || gone.Files != 1 || w.read("a/m/y") != "y" {
		t.Errorf("%+v, %v, %q", gone, err, w.read("a/m/y"))
	}
	if errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
