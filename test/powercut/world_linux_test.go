package powercut

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// content is the bytes of a number; 0 is no file.
type content uint64

func (c content) bytes() []byte {
	size := []int{0, 10, 4096, 70_000, 300_000, 1_500_000}[c%6]
	dice := rand.NewChaCha8([32]byte{byte(c), byte(c >> 8), byte(c >> 16), byte(c >> 24)})
	data := make([]byte, size)
	_, _ = dice.Read(data)
	return append(data, fmt.Sprintf(" content %d", c)...)
}

// worker changes names in a folder of its own, one change after another, and
// keeps a journal as the program does: what it is about to do, then what it did.
type worker struct {
	folder string
	dice   *rand.Rand
	next   content
	is     map[string]content // what everything must be: acknowledged
	open   *change            // what is under way
}

// change is one under way: each name is as it was or as it will be.
type change struct {
	what   string
	pieces []intent
	moved  string // the source of a move
	temp   string // what it, or what is removed, is called while it goes
	gone   vfs.Entry
	rename [2]string
	acked  bool
}

type intent struct {
	name, temp string
	over       *vfs.Entry
	made       vfs.Entry // noted when it is written
	old, new   content
	placed     bool
}

// begin makes the worker's folders, and files to move.
func (w *worker) begin(ctx context.Context, d vfs.Driver) error {
	top, err := d.Features().Writing.Dir(ctx, "")
	if err != nil {
		return err
	}
	defer top.Close()
	if err := top.Mkdir(ctx, w.folder, 0o755); err != nil && !errs.Is(err, errs.Conflict) {
		return err
	}
	own, err := top.Sub(ctx, w.folder)
	if err != nil {
		return err
	}
	defer own.Close()
	if err := own.Mkdir(ctx, "in", 0o755); err != nil && !errs.Is(err, errs.Conflict) {
		return err
	}
	in, err := own.Sub(ctx, "in")
	if err != nil {
		return err
	}
	defer in.Close()
	for i := range 3 {
		name := fmt.Sprintf("in/m%d", i)
		if w.is[name] != 0 {
			continue
		}
		h, err := in.Create(ctx, fmt.Sprintf("m%d", i), 0o644)
		if err != nil {
			return err
		}
		w.next++
		_, err = h.Write(w.next.bytes())
		if err := errors.Join(err, h.Sync(), h.Close()); err != nil {
			return err
		}
		w.is[name] = w.next
	}
	return errors.Join(in.Sync(ctx), own.Sync(ctx), top.Sync(ctx))
}

// run changes things until something fails.
func (w *worker) run(ctx context.Context, d vfs.Driver, changes int) error {
	dir, err := d.Features().Writing.Dir(ctx, w.folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	for range changes {
		w.open = &change{}
		switch w.dice.IntN(6) {
		case 0, 1, 2:
			err = w.write(ctx, d, dir, 1+w.dice.IntN(5))
		case 3:
			err = w.move(ctx, d, dir)
		case 4:
			err = w.rename(ctx, dir)
		case 5:
			err = w.remove(ctx, dir)
		}
		if err != nil {
			return err
		}
		w.open = nil
	}
	return nil
}

func (w *worker) names() []string {
	names := make([]string, 8)
	for i := range names {
		names[i] = fmt.Sprintf("f%d", i)
	}
	w.dice.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// write makes or replaces n files from a volume that does not lose power.
func (w *worker) write(ctx context.Context, d vfs.Driver, dir vfs.Dir, n int) error {
	source := memfs.New(nil)
	var pieces []copier.Piece
	for _, name := range w.names()[:n] {
		w.next++
		if err := source.WriteFile(name, w.next.bytes()); err != nil {
			return err
		}
		p, err := w.piece(ctx, source, name, dir, name)
		if err != nil {
			return err
		}
		w.open.pieces = append(w.open.pieces, intent{name: name, temp: p.Temp, over: p.Over, old: w.is[name], new: w.next})
		pieces = append(pieces, p)
	}
	w.open.what = "write"
	if err := w.place(ctx, d, dir, pieces); err != nil {
		return err
	}
	for _, i := range w.open.pieces {
		w.is[i.name] = i.new
	}
	return w.discard(ctx, dir)
}

func (w *worker) piece(ctx context.Context, from vfs.Driver, path string, dir vfs.Dir, name string) (p copier.Piece, err error) {
	p = copier.Piece{From: from, Path: path, Into: dir, Name: name, Temp: vfs.PrivateName()}
	if p.Seen, err = from.Stat(ctx, path); err != nil {
		return p, err
	}
	switch over, err := dir.Stat(ctx, name); {
	case err == nil:
		p.Over = &over
	case !errs.Is(err, errs.NotFound):
		return p, err
	}
	return p, nil
}

// place writes, places and syncs the pieces of the open change.
func (w *worker) place(ctx context.Context, d vfs.Driver, dir vfs.Dir, pieces []copier.Piece) error {
	engine := copier.New()
	done := engine.Write(ctx, pieces, copier.Options{Target: d.Features().Writing, Verify: w.dice.IntN(4) == 0})
	for i := range done {
		if done[i].Err != nil {
			return done[i].Err
		}
		w.open.pieces[i].made = done[i].Is
	}
	for i := range done {
		if _, err := engine.Place(ctx, pieces[i], done[i]); err != nil {
			return err
		}
		w.open.pieces[i].placed = true
	}
	if err := dir.Sync(ctx); err != nil {
		return err
	}
	w.open.acked = true
	return nil
}

// discard removes what was replaced. It is done with when that would survive as
// well: else a power cut brings it back when nobody remembers its name.
func (w *worker) discard(ctx context.Context, dir vfs.Dir) error {
	for _, i := range w.open.pieces {
		if i.over == nil {
			continue
		}
		if err := dir.Unlink(ctx, i.temp); err != nil {
			return err
		}
	}
	return dir.Sync(ctx)
}

// move copies a file of the same volume and takes the source away, as a move
// between volumes does.
func (w *worker) move(ctx context.Context, d vfs.Driver, dir vfs.Dir) error {
	source := ""
	for i := range 3 {
		if name := fmt.Sprintf("in/m%d", i); w.is[name] != 0 {
			source = name
		}
	}
	if source == "" {
		return nil
	}
	name := w.names()[0]
	p, err := w.piece(ctx, d, vfs.Join(w.folder, source), dir, name)
	if err != nil {
		return err
	}
	w.open.what, w.open.moved, w.open.temp, w.open.gone = "move", source, vfs.PrivateName(), p.Seen
	w.open.pieces = []intent{{name: name, temp: p.Temp, over: p.Over, old: w.is[name], new: w.is[source]}}
	if err := w.place(ctx, d, dir, []copier.Piece{p}); err != nil {
		return err
	}
	w.is[name] = w.is[source]
	in, err := dir.Sub(ctx, "in")
	if err != nil {
		return err
	}
	defer in.Close()
	if err := errors.Join(copier.New().Remove(ctx, in, source[len("in/"):], w.open.temp, w.open.gone), in.Sync(ctx)); err != nil {
		return err
	}
	delete(w.is, source)
	return w.discard(ctx, dir)
}

func (w *worker) rename(ctx context.Context, dir vfs.Dir) error {
	var from, to string
	for _, name := range w.names() {
		if w.is[name] != 0 {
			from = name
		} else {
			to = name
		}
	}
	if from == "" || to == "" {
		return nil
	}
	w.open.what, w.open.rename = "rename", [2]string{from, to}
	if err := errors.Join(dir.Rename(ctx, from, dir, to, vfs.NoReplace), dir.Sync(ctx)); err != nil {
		return err
	}
	w.is[to] = w.is[from]
	delete(w.is, from)
	return nil
}

func (w *worker) remove(ctx context.Context, dir vfs.Dir) error {
	for _, name := range w.names() {
		if w.is[name] == 0 || w.dice.IntN(2) == 0 {
			continue
		}
		e, err := dir.Stat(ctx, name)
		if err != nil {
			return err
		}
		w.open.what, w.open.temp, w.open.gone = "remove", vfs.PrivateName(), e
		w.open.pieces = []intent{{name: name, old: w.is[name]}}
		if err := errors.Join(copier.New().Remove(ctx, dir, name, w.open.temp, e), dir.Sync(ctx)); err != nil {
			return err
		}
		delete(w.is, name)
		return nil
	}
	return nil
}

// volume is the local driver.
func volume(root string) (vfs.Driver, error) { return local.New(root, local.Options{}) }

// lazy is the local driver, but nothing is ever synced.
func lazy(root string) (vfs.Driver, error) {
	d, err := volume(root)
	return lazyDriver{d}, err
}

type lazyDriver struct{ vfs.Driver }

func (l lazyDriver) Features() vfs.Features {
	f := l.Driver.Features()
	w, open := *f.Writing, f.Writing.Dir
	w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
		d, err := open(ctx, path)
		return lazyDir{d}, err
	}
	f.Writing = &w
	return f
}

type lazyDir struct{ vfs.Dir }

func (l lazyDir) Unwrap() vfs.Dir               { return l.Dir }
func (l lazyDir) Sync(context.Context) error    { return nil }
func (l lazyDir) SyncAll(context.Context) error { return nil }

func (l lazyDir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	d, err := l.Dir.Sub(ctx, name)
	return lazyDir{d}, err
}

func (l lazyDir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	h, err := l.Dir.Create(ctx, name, mode)
	if err != nil {
		return nil, err
	}
	return lazyHandle{h}, nil
}

type lazyHandle struct{ vfs.WriteHandle }

func (l lazyHandle) Unwrap() vfs.Handle { return l.WriteHandle }
func (l lazyHandle) Sync() error        { return nil }

// holds reports whether a file is exactly that content.
func holds(ctx context.Context, dir vfs.Dir, name string, c content) (bool, error) {
	h, err := dir.Open(ctx, name)
	if errs.Is(err, errs.NotFound) {
		return c == 0, nil
	}
	if err != nil {
		return false, err
	}
	defer h.Close()
	data, err := io.ReadAll(h)
	return c != 0 && bytes.Equal(data, c.bytes()), err
}
