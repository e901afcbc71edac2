package vfstest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Any name that the volume holds goes through every change as it is.
func writtenNames(t *volume) {
	for i, name := range []string{
		"a\xff", "a\xfe", "\xc0\xae\xc0\xae", "new\nline", "\x1b[31mred", "gpj.\u202eexe", "-rf", " ", "trail ", "dot.", "*", "'\"`",
		"\u00e9", "e\u0301", "NUL", "COM1.txt", "a:b", `a\b`, `..\x`, "...", "%2F", ".hidden", "?", strings.Repeat("x", 255), strings.Repeat("é", 127),
	} {
		t.Run(fmt.Sprintf("%.20q", name), func(sub *testing.T) {
			t := &volume{t.with(sub), t.w}
			if t.w.Holds != nil && !t.w.Holds(name) || t.w.MaxName > 0 && len(name) > t.w.MaxName {
				t.Skip("this volume says that it does not hold it")
			}
			where := fmt.Sprintf("d%d", i)
			t.mkdir(where)
			t.mkdir(where + "/other")
			d, other := t.dir(where), t.dir(where+"/other")
			t.put(d, name, name)
			t.sameNames(t.names(d), "other", name)
			t.must(d.Rename(t.Context(), name, other, name, vfs.NoReplace))
			if got := t.get(other, name); got != name {
				t.Errorf("it reads %q", got)
			}
			t.must(d.Mkdir(t.Context(), name, 0o755), d.Rmdir(t.Context(), name))
			if err := d.Symlink(t.Context(), name, name); !errs.Is(err, errs.Unsupported) {
				t.must(err)
				if target, err := d.Readlink(t.Context(), name); target != name || err != nil {
					t.Errorf("target %q, %v", target, err)
				}
				t.must(d.Unlink(t.Context(), name))
			}
			if err := d.Link(t.Context(), name, other, name); !errs.Is(err, errs.Unsupported) {
				t.must(err, d.Unlink(t.Context(), name))
			}
			t.sameNames(t.names(d), "other")
			t.must(other.Unlink(t.Context(), name))
			t.sameNames(t.names(other))
		})
	}
}

func longNames(t *volume) {
	if t.w.MaxName == 0 {
		t.Skip("this volume does not tell its longest name")
	}
	d := t.dir("")
	fits, over := strings.Repeat("n", min(t.w.MaxName, 255)), strings.Repeat("n", t.w.MaxName+1)
	t.put(d, fits, "x")
	t.put(d, "f", "x")
	_, err := d.Create(t.Context(), over, 0o600)
	t.is(err, errs.Invalid, "Create")
	t.is(d.Mkdir(t.Context(), over, 0o700), errs.Invalid, "Mkdir")
	t.is(d.Rename(t.Context(), "f", d, over, vfs.NoReplace), errs.Invalid, "Rename")
	t.sameNames(t.names(d), fits, "f")
}

// deep makes, changes and removes a tree of any depth, holding one folder open.
func (t *volume) deep(levels int, name string) {
	at, err := t.w.Dir(t.Context(), "")
	t.must(err)
	path := ""
	for range levels {
		t.must(at.Mkdir(t.Context(), name, 0o755))
		next, err := at.Sub(t.Context(), name)
		t.must(err, at.Close())
		at, path = next, vfs.Join(path, name)
	}
	t.put(at, "f", "deep")
	t.must(at.Rename(t.Context(), "f", at, "g", vfs.NoReplace), at.Sync(t.Context()))
	_, err = at.SetMeta(t.Context(), "g", &vfs.Meta{Modified: 1e18}, vfs.PartModified)
	t.must(err)
	again := t.dir(path) // by its path, however long
	if got := t.get(again, "g"); got != "deep" {
		t.Errorf("it reads %q", got)
	}
	if e := t.stat(path + "/g"); !t.since(e.Modified, 1e18) {
		t.Errorf("%+v", e)
	}
	up := t.dir("")
	t.must(at.Rename(t.Context(), "g", up, "top", vfs.NoReplace), at.Close())
	if got := t.get(up, "top"); got != "deep" {
		t.Errorf("moved up it reads %q", got)
	}
	t.Cleanup(func() { _ = t.Make.Remove(name) })
}

func sameInode(t *volume) {
	d := t.dir("")
	t.put(d, "Name", "x")
	was := t.entry(d, "Name")
	switch err := d.Rename(t.Context(), "Name", d, "name", vfs.NoReplace); {
	case errs.Is(err, errs.Conflict): // a folding volume may take it for the same name
		t.must(d.Rename(t.Context(), "Name", d, "between", vfs.NoReplace), d.Rename(t.Context(), "between", d, "name", vfs.NoReplace))
	default:
		t.must(err)
	}
	t.sameNames(t.names(d), "name")
	if e := t.entry(d, "name"); e.Inode != was.Inode || e.Modified != was.Modified || t.get(d, "name") != "x" {
		t.Errorf("%+v became %+v", was, e)
	}
	// Two names of one file: POSIX says that renaming one onto the other does
	// nothing, and that would look like success.
	if err := d.Link(t.Context(), "second", d, "name"); errs.Is(err, errs.Unsupported) {
		t.Skip(err)
	}
	t.is(d.Rename(t.Context(), "name", d, "second", vfs.NoReplace), errs.Conflict, "onto another name of itself")
	t.sameNames(t.names(d), "name", "second")
}

// Many want one name: it goes to one of them.
func oneWins(t *volume) {
	for round := range 20 {
		t.mkdir(fmt.Sprintf("d%d", round))
		d := t.dir(fmt.Sprintf("d%d", round))
		const many = 8
		for i := range many {
			t.put(d, fmt.Sprint(i), fmt.Sprint(i))
		}
		var wg sync.WaitGroup
		won := make([]error, many)
		for i := range many {
			wg.Go(func() { won[i] = d.Rename(t.Context(), fmt.Sprint(i), d, "final", vfs.NoReplace) })
		}
		wg.Wait()
		winner := ""
		for i, err := range won {
			switch {
			case err == nil && winner != "":
				t.Errorf("%s and %d won", winner, i)
			case err == nil:
				winner = fmt.Sprint(i)
			default:
				t.is(err, errs.Conflict, "losing")
			}
		}
		if got := t.get(d, "final"); got != winner || len(t.names(d)) != many {
			t.Errorf("%q won, the file is of %q, %d entries", winner, got, len(t.names(d)))
		}
	}
}
