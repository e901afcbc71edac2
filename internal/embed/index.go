package embed

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
)

// Index keeps the vectors of owners, each with any number of chunks, in a file
// that is mapped into memory, and finds those nearest to one asked for. Vectors
// are rounded to eight bits a number. One goroutine at a time changes it, and any
// number may ask meanwhile; who asks sees all that was put, flushed or not.
//
// What is put or dropped is on the disk when Flush returned nil; what was not
// flushed is lost in a crash, and nothing else. The index is derived data: when it
// answers with ErrUnusable, its owner makes it anew with Create.
type Index struct {
	path  string
	shape shape

	writing sync.Mutex // held by whoever changes the index
	file    *file
	gone    map[int64]struct{} // owners dropped from blocks since the last flush
	spoilt  bool               // what the file says is not known: it is replaced next

	// Who looks at parts holds mu, and who takes one away holds it alone: so
	// nobody looks at a page that is not mapped any more.
	mu     sync.RWMutex
	blocks []*part // of the file, oldest first
	memory *part   // what is not flushed
	closed bool

	scratch sync.Pool // of *scan
}

// Open opens the index at path, whose vectors have dim numbers and were made by
// the embedder of that name; where there is none, it begins one. It reads all of
// the file. Errors: errs.Invalid (a name or dim that cannot be); an error that is
// ErrUnusable, of kind errs.Internal; those of the disk.
func Open(path, name string, dim int) (*Index, error) {
	if err := checkNew(name, dim); err != nil {
		return nil, err
	}
	f, blocks, err := openFile(path, name, dim)
	if errors.Is(err, fs.ErrNotExist) {
		return Create(path, name, dim)
	}
	if err != nil {
		return nil, errs.In("embed.open", err)
	}
	return newIndex(f, blocks), nil
}

// Create begins an empty index at path, in the place of one that is there.
// Errors: as of Open, but ErrUnusable.
func Create(path, name string, dim int) (*Index, error) {
	if err := checkNew(name, dim); err != nil {
		return nil, err
	}
	f := &file{path: path, name: name, shape: shapeOf(dim)}
	if _, err := f.replace(context.Background(), nil); err != nil {
		return nil, errs.In("embed.create", err)
	}
	return newIndex(f, nil), nil
}

func checkNew(name string, dim int) error {
	if name == "" || len(name) > MaxName || dim < 1 || dim > maxDim {
		return errs.New(errs.Invalid, "an index needs a name of 1 to %d bytes and 1 to %d dimensions, and not %d and %d", MaxName, maxDim, len(name), dim)
	}
	return nil
}

func newIndex(f *file, blocks []*part) *Index {
	return &Index{path: f.path, shape: f.shape, file: f, blocks: blocks, memory: inMemory(), gone: map[int64]struct{}{}}
}

// parts are all that is asked; the caller holds mu.
func (x *Index) parts() []*part { return append(x.blocks[:len(x.blocks):len(x.blocks)], x.memory) }

func (x *Index) errClosed() error {
	return errs.New(errs.Unavailable, "the index is closed").At(x.path)
}

// Put gives owner these vectors, in the order of its chunks, in the place of those
// it had. They are made of unit length; one of zeros is left out. Errors:
// errs.Invalid (a vector of another length or with what is no number: nothing was
// changed then); errs.Unavailable (closed); ErrUnusable.
func (x *Index) Put(owner int64, vectors [][]float32) error {
	units := make([][]float32, len(vectors))
	for i, v := range vectors {
		if len(v) != x.shape.dim || !finite(v) {
			return errs.New(errs.Invalid, "vector %d of owner %d has not %d numbers", i, owner, x.shape.dim)
		}
		unit := append([]float32(nil), v...)
		normalize(unit)
		if nonZero(unit) {
			units[i] = unit
		}
	}
	return x.change(owner, units)
}

// Drop takes owner out. That there is none is no error. Errors: as of Put.
func (x *Index) Drop(owner int64) error { return x.change(owner, nil) }

func (x *Index) change(owner int64, vectors [][]float32) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return x.errClosed()
	}
	return guard(x.path, func() error {
		for _, b := range x.blocks {
			if s := b.find(owner); !s.empty() {
				b.kill(s)
				x.gone[owner] = struct{}{}
			}
		}
		x.memory.put(x.shape, owner, vectors)
		return nil
	})
}

func nonZero(v []float32) bool {
	for _, f := range v {
		if f != 0 {
			return true
		}
	}
	return false
}

// Len returns how many vectors there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	n := 0
	for _, p := range x.parts() {
		n += p.live
	}
	return n
}

// Owners calls yield for each owner that has vectors, in no order, until it
// returns false. The index must not be changed meanwhile by yield. Errors:
// errs.Unavailable (closed); ErrUnusable.
func (x *Index) Owners(yield func(owner int64) bool) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return x.errClosed()
	}
	return guard(x.path, func() error {
		for _, p := range x.parts() {
			for i, owner := range p.owners {
				if !p.isDead(i) && (i == 0 || p.owners[i-1] != owner || p.isDead(i-1)) && !yield(owner) {
					return nil
				}
			}
		}
		return nil
	})
}

// Has reports whether owner has vectors; false once the index is closed.
func (x *Index) Has(owner int64) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found := false
	err := guard(x.path, func() error {
		for _, p := range x.parts() {
			found = found || p.has(owner)
		}
		return nil
	})
	return found && err == nil
}

// Close gives the memory back, without a flush. It waits for those who are asking.
// Closed again, it does nothing.
func (x *Index) Close() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	var err error
	for _, b := range x.blocks {
		err = errors.Join(err, b.release())
	}
	x.blocks, x.memory, x.closed = nil, inMemory(), true
	return err
}
