// Package vfstest is the conformance suite of [vfs.Driver]: what every volume
// must do with every kind of entry, every name, and every hostile path. A new
// driver is tested by a call of [Run] with a [Fixture]. It knows no driver.
package vfstest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Fixture is an empty volume, seen through its driver and through the hands of
// somebody else who makes the tree. Run closes the driver.
type Fixture struct {
	Driver vfs.Driver
	Make   Maker

	// Denies: Chmod(path, 0) makes path unreadable for the driver.
	Denies bool
	// Mount covers the folder at path with another file system, and uncovers it
	// when the test ends; nil where the volume has no mounts. An error of kind
	// errs.Unsupported skips the test with its message.
	Mount func(t testing.TB, path string) error
}

// Maker makes the tree, with paths as a driver takes them. What the volume
// cannot hold is an error of kind errs.Unsupported: the case is skipped.
type Maker interface {
	Mkdir(path string) error
	WriteFile(path string, data []byte) error
	Symlink(target, path string) error
	FIFO(path string) error
	Chmod(path string, mode uint32) error
	Remove(path string) error // a folder with all below it
	Rename(from, to string) error
}

// Run tests drivers; open is called once for each test.
func Run(t *testing.T, open func(t *testing.T) Fixture) {
	for _, c := range []struct {
		name string
		test func(*tree)
	}{
		{"ListAndStatAgree", listAndStatAgree},
		{"Fault_B2_Kinds", kinds},
		{"Promise_P16_Names", names},
		{"Fault_A7_LongPath", longPath},
		{"Fault_A8_Depth2000", depth2000},
		{"Fault_A13_BadPaths", badPaths},
		{"Fault_A14_PrefixNames", prefixNames},
		{"Missing", missing},
		{"Fault_B1_FIFO", fifo},
		{"Fault_B4_B5_Symlinks", symlinks},
		{"Fault_B6_SymlinkLoops", symlinkLoops},
		{"Fault_B8_Mount", mount},
		{"Fault_B12_BigFolder", bigFolder},
		{"Fault_B15_Unreadable", unreadable},
		{"CancelMidList", cancelMidList},
		{"EmitErrorIsReturned", emitError},
		{"VanishMidList", vanishMidList},
		{"OpenReads", openReads},
		{"HandleOutlivesName", handleOutlivesName},
		{"StableInodes", stableInodes},
		{"Readlink", readlink},
		{"Space", space},
		{"Concurrent", concurrent},
		{"AfterClose", afterClose},
	} {
		t.Run(c.name, func(t *testing.T) {
			fx := open(t)
			t.Cleanup(func() { _ = fx.Driver.Close() })
			c.test(&tree{t, fx})
		})
	}
}

// tree is a test with its fixture. Makers that fail end the test.
type tree struct {
	*testing.T
	Fixture
}

// made skips a case the volume cannot hold, and fails on every other error.
func (t *tree) made(err error) {
	t.Helper()
	if errs.Is(err, errs.Unsupported) {
		t.Skipf("this volume cannot hold it: %v", err)
	}
	if err != nil {
		t.Fatalf("making the tree: %v", err)
	}
}

func (t *tree) mkdir(path string)           { t.Helper(); t.made(t.Make.Mkdir(path)) }
func (t *tree) write(path, data string)     { t.Helper(); t.made(t.Make.WriteFile(path, []byte(data))) }
func (t *tree) symlink(target, path string) { t.Helper(); t.made(t.Make.Symlink(target, path)) }

// list returns the children of dir by name; a name told twice is an error.
func (t *tree) list(dir string) map[string]vfs.Entry {
	t.Helper()
	got, err := List(t.Context(), t.Driver, dir)
	if err != nil {
		t.Fatalf("List(%.80q): %v", dir, err)
	}
	return got
}

func (t *tree) stat(path string) vfs.Entry {
	t.Helper()
	e, err := t.Driver.Stat(t.Context(), path)
	if err != nil {
		t.Fatalf("Stat(%.80q): %v", path, err)
	}
	return e
}

// refused checks that all three methods fail on path with kind and an *Error
// that names it.
func (t *tree) refused(path string, kind errs.Kind) {
	t.Helper()
	t.listFails(path, kind)
	t.statFails(path, kind)
	t.openFails(path, kind)
}

func (t *tree) listFails(path string, kind errs.Kind) {
	t.Helper()
	got, err := List(t.Context(), t.Driver, path)
	t.failed("List", path, err, kind)
	if len(got) > 0 {
		t.Errorf("List(%.80q) failed but told of %d entries", path, len(got))
	}
}

func (t *tree) statFails(path string, kind errs.Kind) {
	t.Helper()
	_, err := t.Driver.Stat(t.Context(), path)
	t.failed("Stat", path, err, kind)
}

func (t *tree) openFails(path string, kind errs.Kind) {
	t.Helper()
	h, err := t.Driver.Open(t.Context(), path)
	if err == nil {
		_ = h.Close()
	}
	t.failed("Open", path, err, kind)
}

func (t *tree) failed(op, path string, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("%s(%.80q): %v; want an error of kind %s", op, path, err, kind)
		return
	}
	if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Path != path || e.Op == "" {
		t.Errorf("%s(%.80q): error %#v does not tell path and operation", op, path, err)
	}
}

// List collects the children of dir by name, checking what a listing must keep
// to: clean names, none twice, no empty batch.
func List(ctx context.Context, d vfs.Driver, dir string) (map[string]vfs.Entry, error) {
	all := map[string]vfs.Entry{}
	var broken error
	err := d.List(ctx, dir, func(batch []vfs.Entry) error {
		if len(batch) == 0 {
			broken = errs.New(errs.Internal, "an empty batch")
		}
		for _, e := range batch {
			if e.Name == "" || !vfs.Valid(e.Name) || vfs.Join("", e.Name) != e.Name {
				broken = errs.New(errs.Internal, "the name %q", e.Name)
			}
			if _, twice := all[e.Name]; twice {
				broken = errs.New(errs.Internal, "%q is told twice", e.Name)
			}
			all[e.Name] = e
		}
		return nil
	})
	if broken != nil {
		return all, broken
	}
	return all, err
}

// sameNames compares what is listed with what was made.
func (t *tree) sameNames(got map[string]vfs.Entry, want ...string) {
	t.Helper()
	have := slices.Sorted(maps.Keys(got))
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("listed %.500q, want %.500q", have, want)
	}
}
