package content

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// listed shows the files that could not be read.
func (w *world) listed() string {
	w.t.Helper()
	var all []string
	for cursor := ""; ; {
		out, err := w.unread(w.t.Context(), UnreadIn{Cursor: cursor, Limit: 1})
		must(w.t, err)
		for _, u := range out.Items {
			all = append(all, fmt.Sprintf("%s %s %d: %s", u.OSPath, u.Why, u.Tries, u.Reason))
		}
		if cursor = out.Next; cursor == "" {
			return strings.Join(all, "; ")
		}
	}
}

// rounds has everything read that is due, and returns what was opened.
func (w *world) rounds() string {
	w.t.Helper()
	w.d.take()
	for {
		due, err := w.due(w.t.Context())
		must(w.t, err)
		if len(due) == 0 {
			return w.d.take()
		}
		for _, v := range due {
			id, err := w.queue(w.t.Context(), v)
			must(w.t, err)
			_, err = w.e.Wait(w.t.Context(), id)
			must(w.t, err)
		}
	}
}

// TestFault_C12_UnreadFilesAreTriedAgain: a file that could not be read is listed with
// its path and the reason, is tried again ever less often, and at once when it changes.
func TestFault_C12_UnreadFilesAreTriedAgain(t *testing.T) {
	w := newWorld(t)
	var later atomic.Int64
	w.now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	u := &unwell{disk: w.d, dead: "top/b"}
	u.err = errs.New(errs.Internal, "read: top/b: %w", syscall.EIO)
	w.Volumes = u
	w.rounds()
	const shut = "/mnt/top/shut denied %d: Stardrive is not allowed to read it"
	const eio = "/mnt/top/b internal %d: the disk does not give its bytes (input/output error)"
	if got := w.listed(); got != fmt.Sprintf(eio+"; "+shut, 1, 1) {
		t.Fatalf("first: %s", got)
	}
	if got := w.rounds(); got != "" {
		t.Errorf("tried again at once: %s", got)
	}
	for try, wait := range []time.Duration{4*time.Minute + 50*time.Second, 19 * time.Minute, 79 * time.Minute, 5 * time.Hour, 21 * time.Hour, 23 * time.Hour, 23 * time.Hour} {
		later.Add(int64(wait))
		if got := w.rounds(); got != "" {
			t.Errorf("try %d came before its time: %s", try+2, got)
		}
		later.Add(int64(lastTry - 20*time.Hour)) // more than what is missing of any
		if got := w.rounds(); !strings.Contains(got, "top/b") || !strings.Contains(got, "top/shut") {
			t.Errorf("try %d did not come: %q", try+2, got)
		}
		if got := w.listed(); got != fmt.Sprintf(eio+"; "+shut, try+2, try+2) {
			t.Fatalf("try %d: %s", try+2, got)
		}
	}
	if n, err := w.CountUnread(t.Context()); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}

	// A change has it tried at once, and counts anew.
	must(t, w.d.Chmod("top/shut", 0))
	must(t, w.d.WriteFile("top/b", []byte("more")))
	w.record("top/b", "top/shut")
	if got := w.rounds(); len(got) != len("top/b top/shut") || w.listed() != fmt.Sprintf(eio+"; "+shut, 1, 1) {
		t.Errorf("changed: %s; %s", got, w.listed())
	}
	// Who asks for the folder has it tried too.
	w.d.take()
	if end := w.identify("top"); end.Warnings != 2 || w.listed() != fmt.Sprintf(eio+"; "+shut, 2, 2) {
		t.Errorf("asked for: %d warnings; %s", end.Warnings, w.listed())
	}
	// What can be read again is known, and no longer listed.
	u.dead = ""
	later.Add(int64(25 * time.Hour))
	if got := w.rounds(); !strings.Contains(got, "top/b") || w.contentOf("top/b") == 0 || w.listed() != fmt.Sprintf(shut, 3) {
		t.Errorf("well again: %s; %s", got, w.listed())
	}
	// What is gone, or not wanted any more, is not.
	must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error {
		e, err := tx.Entry(w.id("top/shut"))
		if err != nil {
			return err
		}
		return tx.Apply(&catalog.Batch{Absent: []ident.EntryID{e.ID}})
	}))
	later.Add(int64(25 * time.Hour))
	w.rounds()
	var rows int
	must(t, w.d.c.Read(t.Context(), func(r *catalog.Reader) error { return r.Store().QueryRow("SELECT count(*) FROM unread").Scan(&rows) }))
	if got := w.listed(); got != "" || rows != 0 {
		t.Errorf("in the end: %s, %d rows", got, rows)
	}
}

// TestFilesThatComeWithAFolder are read as others are: the feed tells of them.
func TestFilesThatComeWithAFolder(t *testing.T) {
	w := newWorld(t)
	w.rounds()
	if w.contentOf("top/shallow/s") != 0 {
		t.Fatal("a shallow location was read")
	}
	must(t, w.d.MkdirAll("top/shallow/in/deep er"))
	w.record("top/shallow/in", "top/shallow/in/deep er")
	w.write(map[string]string{"top/shallow/in/x": "new", "top/shallow/in/deep er/y": "newer"})
	w.rounds()
	move := func(from, to string) {
		t.Helper()
		must(t, w.d.Rename(from, to))
		must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error {
			v, err := tx.VolumeByIdentity("disk")
			if err != nil {
				return err
			}
			e, err := tx.Lookup(v.Root, from)
			if err != nil {
				return err
			}
			dir, name := vfs.Split(to)
			up, err := tx.Lookup(v.Root, dir)
			if err != nil {
				return err
			}
			e.Parent, e.Name = up.ID, name
			return tx.Apply(&catalog.Batch{Move: []catalog.Entry{e}})
		}))
	}
	move("top/shallow/in", "top/in")
	must(t, w.tellOfArrivals(t.Context()))
	if got := w.rounds(); !strings.Contains(got, "top/in/x") || !strings.Contains(got, "top/in/deep er/y") || w.contentOf("top/in/deep er/y") == 0 {
		t.Errorf("read %q", got)
	}
	reached := w.d.c.Reached()
	must(t, w.tellOfArrivals(t.Context()))
	move("top/in/deep er", "top/deep")
	seq := w.d.c.Reached()
	must(t, w.tellOfArrivals(t.Context()))
	if w.d.c.Reached() != seq || seq == reached {
		t.Error("it was told of again, or of a move within a location")
	}
}
