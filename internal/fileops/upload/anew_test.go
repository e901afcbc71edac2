//go:build linux

package upload

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// late is a body whose bytes come when something else has happened.
type late struct {
	io.Reader
	first func()
}

func (l *late) Read(b []byte) (int, error) {
	if l.first != nil {
		l.first()
		l.first = nil
	}
	return l.Reader.Read(b)
}

// A file that is told anew while a piece of the old one is on its way is not taken
// for whole with the old bytes.
func TestUpload_ToldAnewMeanwhile(t *testing.T) {
	w := newTestWorld(t)
	was, now := sent{"a.bin", noise(3000, 1)}, sent{"a.bin", noise(2000, 2)}
	up := w.begin(was)
	st, err := w.push(up.Upload, was, 0)
	if err != nil {
		t.Fatal(err)
	}
	body := &late{bytes.NewReader(was.data), func() {
		if _, err := w.push(up.Upload, now, 0); err != nil {
			t.Error(err)
		}
	}}
	if _, err := w.up.Receive(w.ctx, up.Upload, st.File, 0, sha256.Sum256(was.data), body); !errs.Is(err, errs.Conflict) {
		t.Errorf("a piece of the old file: %v", err)
	}
	if st, err = w.push(up.Upload, now, 0); err != nil || st.Got != 0 || st.Done {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := w.push(up.Upload, now, 1); err != nil {
		t.Fatal(err)
	}
	p, err := w.up.finish(w.ctx, FinishIn{Upload: up.Upload})
	if err != nil {
		t.Fatal(err)
	}
	empty := sent{"a.bin", nil}
	if _, err := w.push(up.Upload, empty, 0); !errs.Is(err, errs.Conflict) {
		t.Errorf("what was looked at can be changed: %v", err)
	}
	w.commit(p)
	w.has("a.bin", now.data)
}
