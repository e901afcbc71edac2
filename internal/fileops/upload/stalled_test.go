//go:build linux

package upload

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// stalled sends a piece of which nothing comes until the writer is closed; the channel
// tells what became of it.
func (w *testWorld) stalled(id int64, st FileState) (io.Closer, <-chan error) {
	body, sender := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := w.up.Receive(w.ctx, id, st.File, st.Got, sha256.Sum256(nil), body)
		done <- err
	}()
	_, _ = sender.Write([]byte("x")) // it is being read now
	return sender, done
}

// A piece that does not come holds nobody up: its upload can be finished without the
// file, and given up, and the piece is refused when it comes at last.
func TestUpload_AStalledPieceHoldsNobodyUp(t *testing.T) {
	for name, end := range map[string]func(w *testWorld, id int64) error{
		"discard": func(w *testWorld, id int64) error {
			_, err := w.up.discard(w.ctx, WhichIn{id})
			return err
		},
		"finish": func(w *testWorld, id int64) error {
			if p := w.finish(FinishIn{Upload: id, Without: true}); p.State != action.Done {
				t.Errorf("%s %s", p.State, p.Error)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWorld(t)
			whole, half := sent{"whole.txt", []byte("whole")}, sent{"half.bin", noise(Chunk+1, 4)}
			up := w.begin(whole, half)
			if _, err := w.push(up.Upload, whole, 1); err != nil {
				t.Fatal(err)
			}
			st, err := w.push(up.Upload, half, 0)
			if err != nil {
				t.Fatal(err)
			}
			sender, done := w.stalled(up.Upload, st)
			if err := end(w, up.Upload); err != nil { // would wait for ever
				t.Error(err)
			}
			_ = sender.Close()
			if err := <-done; err == nil {
				t.Error("the piece was taken")
			}
			if list, err := w.up.list(w.ctx, struct{}{}); err != nil || len(list.Items) != 0 {
				t.Errorf("%+v %v", list, err)
			}
			if len(w.litter()) != 0 {
				t.Errorf("left: %v", w.litter())
			}
		})
	}
}

// Whoever remembers the number of an upload of a library that was made anew since does
// not get hold of another one by it.
func TestUpload_NumbersComeOnceOnly(t *testing.T) {
	first, second := newTestWorld(t), newTestWorld(t)
	f := sent{"a", []byte("a")}
	was := first.begin(f).Upload
	now := second.begin(f).Upload
	if was == now || was <= 0 || was > 1<<53 || now > 1<<53 {
		t.Errorf("%d, %d", was, now)
	}
	if _, err := second.push(was, f, 1); !errs.Is(err, errs.NotFound) {
		t.Errorf("another upload's number: %v", err)
	}
}

// A folder of an upload that no library knows goes when nothing in it has changed for two
// weeks, and not before; nothing else goes, whatever it is called.
func TestUpload_FoldersThatNobodyKnowsAreClearedAway(t *testing.T) {
	w := newTestWorld(t)
	known := w.begin(sent{"mine", noise(10, 1)})
	if _, err := w.push(known.Upload, sent{"mine", noise(10, 1)}, 0); err != nil {
		t.Fatal(err)
	}
	mine := w.litter()[0]
	stray, other := vfs.StageName(), vfs.PrivateName()
	for _, dir := range []string{stray, other} {
		if err := os.MkdirAll(filepath.Join(w.root, dir, "Trip"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.root, dir, "Trip", "a"), []byte("a"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	look := func(left int) {
		t.Helper()
		for _, name := range []string{mine, stray, other} {
			w.up.Staged(catalog.Spot{Volume: "vol", Path: name})
		}
		w.up.tidyStrays(w.ctx)
		if len(w.litter()) != left {
			t.Errorf("left %v, want %d", w.litter(), left)
		}
	}
	look(3)
	w.now = w.now.Add(keepUnfinished + time.Hour)
	look(2)
	if b, err := os.ReadFile(filepath.Join(w.root, other, "Trip", "a")); err != nil || !bytes.Equal(b, []byte("a")) {
		t.Errorf("what is no upload's: %v", err)
	}
	if _, err := os.Stat(filepath.Join(w.root, mine)); err != nil {
		t.Errorf("a folder that is known: %v", err)
	}
}
