//go:build linux

package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/vfs"
)

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = r.Read(b)
	return b
}

// sent is a file as the browser has it.
type sent struct {
	path string
	data []byte
}

var then = time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)

func (f sent) in() FileIn {
	return FileIn{Path: f.path, Size: int64(len(f.data)), Modified: then.UnixMilli()}
}

// push sends a file from where it stopped, at most pieces of it.
func (w *testWorld) push(id int64, f sent, pieces int) (FileState, error) {
	out, err := w.up.add(w.ctx, AddIn{id, []FileIn{f.in()}})
	if err != nil {
		return FileState{}, err
	}
	st := out.Items[0]
	for ; pieces > 0 && st.Refused == "" && st.Got < int64(len(f.data)); pieces-- {
		part := f.data[st.Got:min(st.Got+Chunk, int64(len(f.data)))]
		if st.Got, err = w.up.Receive(w.ctx, id, st.File, st.Got, sha256.Sum256(part), bytes.NewReader(part)); err != nil {
			return st, err
		}
	}
	return st, nil
}

func (w *testWorld) begin(files ...sent) BeginOut {
	w.t.Helper()
	in := BeginIn{Into: w.root}
	for _, f := range files {
		in.Files = append(in.Files, f.in())
	}
	out, err := w.up.begin(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// finish commits the plan of an upload.
func (w *testWorld) finish(in FinishIn) action.Plan {
	w.t.Helper()
	p, err := w.up.finish(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.commit(p)
}

func (w *testWorld) commit(p action.Plan) action.Plan {
	w.t.Helper()
	p, err := w.plans.Commit(w.ctx, p.ID, "")
	if err == nil {
		p, err = w.plans.Wait(w.ctx, p.ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *testWorld) has(path string, data []byte) {
	w.t.Helper()
	got, err := os.ReadFile(filepath.Join(w.root, path))
	if err != nil || !bytes.Equal(got, data) {
		w.t.Errorf("%s: %d bytes, %v; want %d", path, len(got), err, len(data))
	}
}

// litter are our private names that are left.
func (w *testWorld) litter() (all []string) {
	es, err := os.ReadDir(w.root)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range es {
		if vfs.IsPrivate(e.Name()) {
			all = append(all, e.Name())
		}
	}
	return all
}

// A tree comes in pieces, the daemon dies in between, and all is as it was sent;
// then it is undone and done again.
func TestUpload_TreeThroughADeath(t *testing.T) {
	w := newTestWorld(t)
	tree := []sent{{"Trip/a.bin", noise(2*Chunk+17, 1)}, {"Trip/days/1/note.txt", []byte("one")}, {"Trip/empty", nil}, {"alone.txt", []byte("alone")}}
	up := w.begin(tree...)
	for _, f := range tree[1:] {
		if st, err := w.push(up.Upload, f, 9); err != nil || st.Refused != "" {
			t.Fatalf("%+v %v", st, err)
		}
	}
	if st, err := w.push(up.Upload, tree[0], 1); err != nil || st.Got != Chunk {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := w.up.finish(w.ctx, FinishIn{Upload: up.Upload}); !errs.Is(err, errs.Invalid) {
		t.Errorf("half an upload ends: %v", err)
	}
	if _, err := os.Stat(filepath.Join(w.root, "alone.txt")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file has its name before all is there: %v", err)
	}
	w.restart()
	again := w.begin(tree...)
	if again.Upload != up.Upload || !again.Resumed {
		t.Fatalf("it began anew: %+v", again)
	}
	st, err := w.push(up.Upload, tree[0], 0)
	if err != nil || st.Got != Chunk {
		t.Fatalf("it goes on from %d, %v", st.Got, err)
	}
	other := tree[0].in()
	other.Anew = true
	if out, err := w.up.add(w.ctx, AddIn{up.Upload, []FileIn{other}}); err != nil || out.Items[0].Got != 0 {
		t.Fatalf("what is not of this file stays: %+v %v", out, err)
	}
	if _, err := w.push(up.Upload, tree[0], 9); err != nil {
		t.Fatal(err)
	}
	p := w.finish(FinishIn{Upload: up.Upload})
	if p.State != action.Done || p.Summary.Files != 4 || !strings.HasPrefix(p.Title, "Upload 2 things to") {
		t.Fatalf("%s %q %+v %s", p.State, p.Title, p.Summary, p.Error)
	}
	check := func() {
		t.Helper()
		for _, f := range tree {
			w.has(f.path, f.data)
			if is, err := os.Stat(filepath.Join(w.root, f.path)); err == nil && !is.ModTime().Equal(then) {
				t.Errorf("%s: its time is %s", f.path, is.ModTime())
			}
		}
	}
	check()
	if list, err := w.up.list(w.ctx, struct{}{}); err != nil || len(list.Items) != 0 || len(w.litter()) != 0 {
		t.Errorf("left: %+v %v %v", list, w.litter(), err)
	}
	undo, err := w.plans.Undo(w.ctx, p.ID, action.User)
	if err != nil {
		t.Fatal(err)
	}
	if undo = w.commit(undo); undo.State != action.Done {
		t.Fatalf("undo: %s %s", undo.State, undo.Error)
	}
	if es, _ := os.ReadDir(w.root); len(es) != 1 || !strings.HasPrefix(es[0].Name(), ".Trash-") {
		t.Errorf("after the undo there is %v", es)
	}
	redo, err := w.plans.Undo(w.ctx, undo.ID, action.User)
	if err != nil {
		t.Fatal(err)
	}
	if redo = w.commit(redo); redo.State != action.Done {
		t.Fatalf("redo: %s %s", redo.State, redo.Error)
	}
	check()
}

// What comes damaged, twice, at the wrong place or too long is refused, and the
// file goes on as if nothing had been.
func TestUpload_RefusesWhatIsNotWanted(t *testing.T) {
	w := newTestWorld(t)
	f := sent{"a.bin", noise(Chunk+5, 2)}
	up := w.begin(f)
	st, err := w.push(up.Upload, f, 0)
	if err != nil {
		t.Fatal(err)
	}
	first, sum := f.data[:Chunk], sha256.Sum256(f.data[:Chunk])
	send := func(off int64, sum Sum, b []byte) error {
		_, err := w.up.Receive(w.ctx, up.Upload, st.File, off, sum, bytes.NewReader(b))
		return err
	}
	flipped := bytes.Clone(first)
	flipped[77] ^= 1
	for name, err := range map[string]error{
		"damaged on the way": send(0, sum, flipped), "cut off": send(0, sum, first[:100]), "at another place": send(5, sum, first),
	} {
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := send(0, sum, append(bytes.Clone(first), 'x')); !errs.Is(err, errs.Invalid) {
		t.Errorf("too long: %v", err)
	}
	if err := send(0, sum, first); err != nil {
		t.Fatal(err)
	}
	if err := send(0, sum, first); !errs.Is(err, errs.Conflict) {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.push(up.Upload, f, 9); err != nil {
		t.Fatal(err)
	}
	if p := w.finish(FinishIn{Upload: up.Upload}); p.State != action.Done {
		t.Errorf("%s %s", p.State, p.Error)
	}
	w.has("a.bin", f.data)
}

// What the volume did not keep as it was sent is not taken for whole: it comes
// again from there. So does a file that somebody cut or took away.
func TestPromise_P2_UploadIsReadBack(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"a byte flips": func(path string) error {
			h, err := os.OpenFile(path, os.O_RDWR, 0)
			if err == nil {
				_, err = h.WriteAt([]byte{^noise(Chunk+9, 3)[Chunk+2]}, Chunk+2)
				err = errors.Join(err, h.Close())
			}
			return err
		},
		"it is cut":     func(path string) error { return os.Truncate(path, 10) },
		"it disappears": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWorld(t)
			f := sent{"a.bin", noise(2*Chunk+9, 3)}
			up := w.begin(f)
			if st, err := w.push(up.Upload, f, 2); err != nil || st.Got != 2*Chunk {
				t.Fatalf("%+v %v", st, err)
			}
			if err := harm(filepath.Join(w.root, w.litter()[0], "a.bin")); err != nil {
				t.Fatal(err)
			}
			st, err := w.push(up.Upload, f, 1)
			if !errs.Is(err, errs.Conflict) {
				t.Fatalf("it went through: %+v %v", st, err)
			}
			if st, err = w.push(up.Upload, f, 9); err != nil || st.Got != int64(len(f.data)) {
				t.Fatalf("%+v %v", st, err)
			}
			if p := w.finish(FinishIn{Upload: up.Upload}); p.State != action.Done {
				t.Errorf("%s %s", p.State, p.Error)
			}
			w.has("a.bin", f.data)
		})
	}
}

// TestUpload_HostileNames: what could lead elsewhere, and what the volume cannot
// hold, is refused with its reason; the rest comes.
func TestUpload_HostileNames(t *testing.T) {
	w := newTestWorld(t)
	up := w.begin()
	for _, path := range []string{"", "/etc/passwd", "../up", "a/../../b", "a//b", "a/./b", "a\x00b", ".", "a/", strings.Repeat("x", 256), strings.Repeat("d/", 101) + "f", "\xff\xfe", vfs.PrivateName() + "/x"} {
		st, err := w.push(up.Upload, sent{path, []byte("x")}, 9)
		if err != nil || st.Refused == "" || st.File != 0 {
			t.Errorf("%q: %+v %v", path, st, err)
		}
	}
	odd := []sent{{`<img src=x onerror=alert(1)>`, []byte("1")}, {"new\nline", []byte("2")}, {"invoice\u202efdp.exe", []byte("3")}, {`C:\x`, []byte("4")}, {"-rf *", []byte("5")}}
	for _, f := range odd {
		if st, err := w.push(up.Upload, f, 9); err != nil || st.Refused != "" {
			t.Errorf("%q: %+v %v", f.path, st, err)
		}
	}
	if p := w.finish(FinishIn{Upload: up.Upload}); p.State != action.Done {
		t.Fatalf("%s %s", p.State, p.Error)
	}
	for _, f := range odd {
		w.has(f.path, f.data)
	}
	if es, _ := os.ReadDir(filepath.Dir(w.root)); len(es) != 2 { // the root and the data
		t.Errorf("something came outside: %v", es)
	}
}

// A name that is taken is asked about like in any plan; what is left out stays
// away, and nothing private is left.
func TestUpload_Conflicts(t *testing.T) {
	for policy, want := range map[fileops.Policy]map[string]string{
		fileops.Skip: {"a.txt": "old"}, fileops.KeepBoth: {"a.txt": "old", "a (2).txt": "new"}, fileops.Replace: {"a.txt": "new"},
	} {
		t.Run(string(policy), func(t *testing.T) {
			w := newTestWorld(t)
			if err := os.WriteFile(filepath.Join(w.root, "a.txt"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			f := sent{"a.txt", []byte("new")}
			up := w.begin(f)
			if _, err := w.push(up.Upload, f, 1); err != nil {
				t.Fatal(err)
			}
			if p, err := w.up.finish(w.ctx, FinishIn{Upload: up.Upload}); err != nil || p.Undecided != 1 {
				t.Fatalf("%+v %v", p, err)
			}
			if p := w.finish(FinishIn{Upload: up.Upload, Conflict: policy}); p.State != action.Done {
				t.Fatalf("%s %s", p.State, p.Error)
			}
			for name, data := range want {
				w.has(name, []byte(data))
			}
			if list, err := w.up.list(w.ctx, struct{}{}); err != nil || len(list.Items)+len(w.litter()) != 0 {
				t.Errorf("left: %+v %v %v", list, w.litter(), err)
			}
		})
	}
}

// What is given up leaves nothing; what came half can be left out.
func TestUpload_GivenUp(t *testing.T) {
	w := newTestWorld(t)
	whole, half := sent{"whole.txt", []byte("whole")}, sent{"half.bin", noise(Chunk+1, 4)}
	up := w.begin(whole, half)
	for _, f := range []sent{whole, half} {
		if _, err := w.push(up.Upload, f, 1); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.up.list(w.ctx, struct{}{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Done != 1 || list.Items[0].Got != Chunk+5 {
		t.Fatalf("%+v %v", list, err)
	}
	if p := w.finish(FinishIn{Upload: up.Upload, Without: true}); p.State != action.Done || p.Summary.Files != 1 {
		t.Fatalf("%s %+v", p.State, p.Summary)
	}
	w.has("whole.txt", whole.data)
	other := w.begin(half)
	if other.Resumed {
		t.Error("an upload that ended goes on")
	}
	if _, err := w.push(other.Upload, half, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.up.discard(w.ctx, WhichIn{other.Upload}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.push(other.Upload, half, 1); !errs.Is(err, errs.NotFound) {
		t.Errorf("what was given up goes on: %v", err)
	}
	if len(w.litter()) != 0 {
		t.Errorf("left: %v", w.litter())
	}
	w.begin(half)
	w.now = w.now.Add(keepUnfinished + time.Hour)
	if list, err := w.up.list(context.Background(), struct{}{}); err != nil || len(list.Items)+len(w.litter()) != 0 {
		t.Errorf("after two weeks: %+v %v %v", list, w.litter(), err)
	}
}
