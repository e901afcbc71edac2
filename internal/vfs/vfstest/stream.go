package vfstest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const many = 20_000

func (t *tree) fill(dir string, n int) {
	t.Helper()
	t.mkdir(dir)
	for i := range n {
		t.write(fmt.Sprintf("%s/file_%06d", dir, i), "")
	}
}

// bigFolder: told in pieces, each name once; kept names stay good when the
// driver takes the batch back (B12).
func bigFolder(t *tree) {
	t.fill("big", many)
	seen := make(map[string]bool, many)
	batches, largest := 0, 0
	err := t.Driver.List(t.Context(), "big", func(batch []vfs.Entry) error {
		batches++
		largest = max(largest, len(batch))
		for i := range batch {
			seen[batch[i].Name] = true
			batch[i] = vfs.Entry{} // the batch is ours until we return
		}
		return nil
	})
	if err != nil || len(seen) != many {
		t.Fatalf("%d names, %v", len(seen), err)
	}
	for i := range many {
		if name := fmt.Sprintf("file_%06d", i); !seen[name] {
			t.Fatalf("%s is missing", name)
		}
	}
	if batches < 5 || largest > many/4 {
		t.Errorf("%d batches, the largest of %d: that is not streaming", batches, largest)
	}
}

func cancelMidList(t *tree) {
	t.fill("big", 2500)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	err := t.Driver.List(ctx, "big", func([]vfs.Entry) error { calls++; cancel(); return nil })
	if !errs.Is(err, errs.Cancelled) || !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d batches", err, calls)
	}
	if _, err := t.Driver.Stat(ctx, "big"); !errs.Is(err, errs.Cancelled) {
		t.Errorf("Stat with an ended context: %v", err)
	}
	if h, err := t.Driver.Open(ctx, "big/file_000000"); !errs.Is(err, errs.Cancelled) {
		t.Errorf("Open with an ended context: %v, %v", h, err)
	}
	if err := t.Driver.List(ctx, "", func([]vfs.Entry) error { return nil }); !errs.Is(err, errs.Cancelled) {
		t.Errorf("List with an ended context: %v", err)
	}
	t.list("big") // and nothing is broken afterwards
}

func emitError(t *tree) {
	t.fill("d", 2500)
	stop := errors.New("enough")
	calls := 0
	if err := t.Driver.List(t.Context(), "d", func([]vfs.Entry) error { calls++; return stop }); err != stop || calls != 1 {
		t.Errorf("%v after %d calls, want the very error of emit after one", err, calls)
	}
}

// vanishMidList: what goes while we list is left out or told, but breaks
// nothing; what stays is told.
func vanishMidList(t *tree) {
	t.fill("d", 2500)
	t.write("d/stays", "")
	first := true
	stays := false
	err := t.Driver.List(t.Context(), "d", func(batch []vfs.Entry) error {
		for _, e := range batch {
			stays = stays || e.Name == "stays"
		}
		for i := 0; first && i < 2500; i++ {
			t.made(t.Make.Remove(fmt.Sprintf("d/file_%06d", i)))
		}
		first = false
		return nil
	})
	if err != nil || !stays {
		t.Errorf("%v; told of the file that stays: %v", err, stays)
	}
	t.sameNames(t.list("d"), "stays")
}

func concurrent(t *tree) {
	t.fill("d", 300)
	t.write("f", "content")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				got, err := List(t.Context(), t.Driver, "d")
				if err != nil || len(got) < 300 {
					t.Errorf("%d entries, %v", len(got), err)
				}
				if data := t.read("f"); data != "content" {
					t.Errorf("read %q", data)
				}
				name := fmt.Sprintf("d/new_%d_%d", w, i)
				t.write(name, "")
				t.stat(name)
			}
		})
	}
	wg.Wait()
}

func afterClose(t *tree) {
	t.write("f", "x")
	if err := t.Driver.Close(); err != nil {
		t.Fatal(err)
	}
	t.refused("f", errs.Unavailable)
	t.listFails("", errs.Unavailable)
	t.statFails("", errs.Unavailable)
	if read := t.Driver.Features().Readlink; read != nil {
		if _, err := read(t.Context(), "f"); !errs.Is(err, errs.Unavailable) {
			t.Errorf("Readlink: %v", err)
		}
	}
	if tell := t.Driver.Features().Space; tell != nil {
		if _, err := tell(t.Context()); !errs.Is(err, errs.Unavailable) {
			t.Errorf("Space: %v", err)
		}
	}
	if err := t.Driver.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}
