package copier_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// changing are the calls that change a volume.
var changing = map[string]bool{
	"create": true, "write": true, "truncate": true, "allocate": true, "clone": true, "copyfrom": true, "fsetmeta": true, "setmeta": true,
	"sync": true, "syncall": true, "syncdir": true, "symlink": true, "link": true, "rename": true, "exchange": true, "unlink": true,
}

// journal is what the caller had noted when the power went.
type journal struct {
	made  map[int]vfs.Entry // temps that are written
	acked bool
}

// crashCase is one way to copy some files.
type crashCase struct {
	name  string
	small int // small files beside the others
	to    memfs.Options
	o     copier.Options
}

// TestPromise_P1_PowerCut cuts the power before each call that changes the
// target, with nothing, half and all of what is not synced on the medium, and
// recovers. What was reported stands there in full; every name means what it did
// before or the whole new file; what was replaced is not lost; nothing is left.
func TestPromise_P1_PowerCut(t *testing.T) {
	for _, c := range []crashCase{
		{"few", 1, memfs.Options{}, copier.Options{Verify: true, Parallel: 1}},
		{"no clones", 1, memfs.Options{NoClone: true}, copier.Options{NoClone: true, Parallel: 1}},
		{"many", 12, memfs.Options{NoClone: true}, copier.Options{Parallel: 1}},
		{"many, no sync of all", 12, memfs.Options{NoSyncAll: true, NoClone: true}, copier.Options{Parallel: 1}},
		{"no exchange", 1, memfs.Options{NoExchange: true, NoClone: true}, copier.Options{Verify: true, Parallel: 1}},
		{"by the volume", 1, memfs.Options{NoClone: true}, copier.Options{Hash: copier.HashNever, Parallel: 1}},
	} {
		t.Run(c.name, func(t *testing.T) { powerCuts(t, c) })
	}
}

func powerCuts(t *testing.T, c crashCase) {
	ctx := t.Context()
	from, to := memfs.New(nil), memfs.NewWith(c.to)
	files := map[string][]byte{"over": noise(9000, 1), "large": noise(1<<20+5, 2)}
	if c.small > 1 {
		files["large"] = noise(9000, 2)
	}
	for i := range c.small {
		files[fmt.Sprint("small", i)] = noise(3000+i, uint64(i+3))
	}
	old := noise(20_000, 99)
	if err := to.WriteFile("over", old); err != nil {
		t.Fatal(err)
	}
	if err := from.Symlink("somewhere", "link"); err != nil {
		t.Fatal(err)
	}
	h := &hooks{}
	d := &driver{to, h}
	into, err := d.Features().Writing.Dir(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	defer into.Close()
	var ps []copier.Piece
	add := func(name string) {
		seen, err := from.Stat(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		p := copier.Piece{From: from, Path: name, Seen: seen, Into: into, Name: name, Temp: vfs.PrivateName()}
		if name == "over" {
			is, err := to.Stat(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			p.Over = &is
		}
		ps = append(ps, p)
	}
	for name, b := range files {
		if err := from.WriteFile(name, b); err != nil {
			t.Fatal(err)
		}
		add(name)
	}
	add("link")

	now := journal{made: map[int]vfs.Entry{}}
	cuts := 0
	cut := func() {
		for percent := 0; percent <= 100; percent += 50 {
			cuts++
			recovered(t, to.Crash(uint64(cuts), percent), ps, files, old, now)
		}
	}
	h.call = func(op, _ string) error {
		if changing[op] && !t.Failed() {
			cut()
		}
		return nil
	}
	e := copier.New()
	out := e.Write(ctx, ps, c.o)
	made := map[int]vfs.Entry{}
	for i := range out {
		if out[i].Err != nil {
			t.Fatal(out[i].Err)
		}
		made[i] = out[i].Is
	}
	now.made = made
	for i := range ps {
		if _, err := e.Place(ctx, ps[i], out[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := into.Sync(ctx); err != nil {
		t.Fatal(err)
	}
	now.acked = true
	cut()
	t.Logf("%d power cuts", cuts)
}

// recovered settles what a power cut left of a volume, and looks at it.
func recovered(t *testing.T, f *memfs.FS, ps []copier.Piece, files map[string][]byte, old []byte, j journal) {
	t.Helper()
	ctx := context.Background()
	into, err := f.Features().Writing.Dir(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	defer into.Close()
	e := copier.New()
	placed := make([]bool, len(ps))
	for range 2 { // it may be done again
		for i, p := range ps {
			is, noted := j.made[i]
			if noted {
				_, placed[i], err = e.Settle(ctx, into, p.Name, p.Temp, p.Over, is)
			} else {
				err = e.Discard(ctx, into, p.Temp, vfs.Entry{})
			}
			if err != nil {
				t.Errorf("%s: recovery: %v", p.Name, err)
			}
		}
	}
	left := map[string][]byte{}
	if err := f.List(ctx, "", func(batch []vfs.Entry) error {
		for _, e := range batch {
			left[e.Name] = bytesOf(t, f, e)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i, p := range ps {
		b, there := left[p.Name]
		isNew := there && (bytes.Equal(b, files[p.Name]) || p.Name == "link" && string(b) == "somewhere")
		switch {
		case j.acked && !isNew:
			t.Errorf("%s: it was reported, and is not there", p.Name)
		case placed[i] && !isNew:
			t.Errorf("%s: settled as placed, and is not there", p.Name)
		case there && !isNew && !(p.Over != nil && bytes.Equal(b, old)):
			t.Errorf("%s: %d bytes that are neither the old nor the new ones", p.Name, len(b))
		case p.Over != nil && !isNew && !there:
			t.Errorf("%s: it is gone", p.Name)
		}
		if p.Over != nil && isNew && !bytes.Equal(left[p.Temp], old) {
			t.Errorf("%s: what it replaced is lost", p.Name)
		}
		delete(left, p.Name)
		if p.Over != nil && isNew {
			delete(left, p.Temp)
		}
	}
	for name := range left {
		t.Errorf("litter: %q", name)
	}
}

func bytesOf(t *testing.T, f vfs.Driver, e vfs.Entry) []byte {
	if e.Kind == vfs.Symlink {
		target, err := f.Features().Readlink(context.Background(), e.Name)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(target)
	}
	h, err := f.Open(context.Background(), e.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	b, err := io.ReadAll(h)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPromise_P12_LossIsTold copies to volumes that keep less: what is lost is
// told, and nothing else is.
func TestPromise_P12_LossIsTold(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		to   memfs.Options
		keep copier.Keep
		want vfs.Parts
	}{
		{memfs.Options{}, copier.Keep{}, vfs.PartOwner},
		{memfs.Options{}, copier.Keep{Owner: true}, 0},
		{memfs.Options{Loses: vfs.PartXattrs}, copier.Keep{Owner: true}, vfs.PartXattrs},
		{memfs.Options{Loses: vfs.PartMode | vfs.PartOwner}, copier.Keep{Owner: true}, vfs.PartMode | vfs.PartOwner},
	} {
		from, to := memfs.New(nil), memfs.NewWith(c.to)
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(from.WriteFile("a", []byte("x")))
		must(from.Chmod("a", 0o751))
		must(from.Chown("a", 1234, 5678))
		must(from.SetXattr("a", "user.comment", []byte("hello")))
		seen, err := from.Stat(ctx, "a")
		must(err)
		into, err := to.Features().Writing.Dir(ctx, "")
		must(err)
		p := copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Name: "a", Temp: vfs.PrivateName(), Keep: c.keep}
		out := copier.New().Write(ctx, []copier.Piece{p}, copier.Options{Target: to.Features().Writing})[0]
		if out.Err != nil || out.Lost != c.want {
			t.Errorf("%+v: %v, lost %b, want %b", c.to, out.Err, out.Lost, c.want)
		}
		must(into.Close())
	}
}

func TestFault_C7_C8_FullVolumes(t *testing.T) {
	ctx := t.Context()
	for name, o := range map[string]memfs.Options{"bytes": {Capacity: 1 << 20, NoClone: true}, "names": {Inodes: 1, NoClone: true}, "size": {MaxFile: 1000, NoClone: true}} {
		from, to := memfs.New(nil), memfs.NewWith(o)
		if err := from.WriteFile("a", noise(3<<20, 1)); err != nil {
			t.Fatal(err)
		}
		seen, err := from.Stat(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		into, err := to.Features().Writing.Dir(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		p := copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Name: "a", Temp: vfs.PrivateName()}
		out := copier.New().Write(ctx, []copier.Piece{p}, copier.Options{})[0]
		if out.Err == nil || out.Left || errs.Is(out.Err, errs.Internal) {
			t.Errorf("%s: %+v", name, out)
		}
		if strings.Contains(fmt.Sprint(out.Err), p.Temp) {
			t.Errorf("%s: a private name is told: %v", name, out.Err)
		}
		if _, err := into.Stat(ctx, p.Temp); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: litter: %v", name, err)
		}
		_ = into.Close()
	}
}

// Pieces of two volumes are not written together: one sync would be taken for both.
func TestPromise_P1_OneWriteIsForOneVolume(t *testing.T) {
	ctx := t.Context()
	from := memfs.New(nil)
	if err := from.WriteFile("a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	seen, err := from.Stat(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	var ps []copier.Piece
	for _, volume := range []string{"one", "two"} {
		to := memfs.New(nil)
		into, err := to.Features().Writing.Dir(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		defer into.Close()
		ps = append(ps, copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Volume: volume, Name: "a", Temp: vfs.PrivateName()})
	}
	for i, out := range copier.New().Write(ctx, ps, copier.Options{}) {
		if _, err := ps[i].Into.Stat(ctx, ps[i].Temp); out.Err == nil || !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v, %v", ps[i].Volume, out.Err, err)
		}
	}
}
