package catalog

import (
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Path returns where e stands on its volume, in the form of package vfs: raw
// bytes, relative to the volume's root, "" for the root itself.
func (r *Reader) Path(e *Entry) (string, error) {
	if e.Parent == 0 {
		return "", nil
	}
	dir, err := r.FolderPath(e.Parent)
	return vfs.Join(dir, e.Name), err
}

// FolderPath returns the path of the folder with id, in the form of Path.
func (r *Reader) FolderPath(id ident.EntryID) (string, error) {
	var parts []string
	for steps := 0; ; steps++ {
		f, err := r.folder(id)
		if err != nil {
			return "", err
		}
		if f.parent == 0 {
			break
		}
		if steps > maxDepth {
			return "", circle(id)
		}
		parts = append(parts, f.name)
		id = f.parent
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
		if i > 0 {
			b.WriteByte('/')
		}
	}
	return b.String(), nil
}

// Ancestor is one folder above an entry.
type Ancestor struct {
	ID   ident.EntryID
	Name string
}

// Ancestors returns the folders above e, the volume's root first.
func (r *Reader) Ancestors(e *Entry) ([]Ancestor, error) {
	var up []Ancestor
	for id := e.Parent; id != 0; {
		if len(up) > maxDepth {
			return nil, circle(id)
		}
		f, err := r.folder(id)
		if err != nil {
			return nil, err
		}
		up = append(up, Ancestor{id, f.name})
		id = f.parent
	}
	for i, j := 0, len(up)-1; i < j; i, j = i+1, j-1 {
		up[i], up[j] = up[j], up[i]
	}
	return up, nil
}

// Lookup walks down from the folder root along path. It returns the entry
// there; where the catalogue ends on the way, errs.NotFound.
func (r *Reader) Lookup(root ident.EntryID, path string) (Entry, error) {
	e, err := r.Entry(root)
	if err != nil || path == "" {
		return e, err
	}
	for name := range strings.SplitSeq(path, "/") {
		if e, err = r.Child(e.ID, name); err != nil {
			return Entry{}, err
		}
	}
	return e, nil
}

// Within reports whether the entry stands in the folder top or is it.
func (r *Reader) Within(top, id ident.EntryID) (bool, error) {
	for steps := 0; id != 0; steps++ {
		if id == top {
			return true, nil
		}
		if steps > maxDepth {
			return false, circle(id)
		}
		f, err := r.folder(id)
		if errs.Is(err, errs.NotFound) && steps == 0 { // not a folder
			e, err := r.Entry(id)
			if err != nil {
				return false, err
			}
			f, id = folderName{}, e.Parent
			continue
		}
		if err != nil {
			return false, err
		}
		id = f.parent
	}
	return false, nil
}

type folderName struct {
	parent ident.EntryID
	name   string
}

// folder returns what a path needs of one folder, from the cache if it can.
func (r *Reader) folder(id ident.EntryID) (folderName, error) {
	if err := r.dated(); err != nil {
		return folderName{}, err
	}
	if r.settled() {
		if f, ok := r.c.folders.get(id, r.seq); ok {
			return f, nil
		}
	}
	var f folderName
	var name []byte
	err := r.tx.QueryRow("SELECT parent_id, name FROM entry WHERE id = ? AND kind = 2", int64(id)).Scan(&f.parent, &name)
	if err != nil {
		b, _ := id.MarshalText()
		return f, notFound(err, "folder "+string(b))
	}
	f.name = string(name)
	if r.settled() {
		r.c.folders.put(id, f, r.seq)
	}
	return f, nil
}

const (
	notAsked = -1 // a reader that has not asked yet how new its snapshot is
	noCache  = -2 // a reader that must not use the folder cache: it sees uncommitted rows
)

// dated makes sure that r knows the newest change it sees.
func (r *Reader) dated() error {
	if r.seq != notAsked {
		return nil
	}
	return r.tx.QueryRow("SELECT max((SELECT coalesce(max(seq), 0) FROM entry), (SELECT coalesce(max(seq), 0) FROM tombstone))").Scan(&r.seq)
}

// settled reports whether the cache has heard of all that r sees: a commit is
// seen a moment before the cache is told of it.
func (r *Reader) settled() bool { return r.seq != noCache && r.seq <= r.c.reached.Load() }

const maxCached = 1 << 16 // folders

// folderCache remembers names and parents of folders, since every shown entry
// needs its path. A snapshot older than the last change of any name neither uses
// it nor adds to it, so every path is as it was at one moment.
type folderCache struct {
	mu   sync.RWMutex
	asOf int64 // seq of that change
	m    map[ident.EntryID]folderName
}

func (c *folderCache) get(id ident.EntryID, seq int64) (folderName, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	f, ok := c.m[id]
	return f, ok && seq >= c.asOf
}

func (c *folderCache) put(id ident.EntryID, f folderName, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq < c.asOf {
		return
	}
	if c.m == nil || len(c.m) >= maxCached {
		c.m = make(map[ident.EntryID]folderName, 1024)
	}
	c.m[id] = f
}

// forget drops folders that were renamed, moved or deleted by changes up to seq.
func (c *folderCache) forget(ids []ident.EntryID, seq int64) {
	if len(ids) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asOf = max(c.asOf, seq)
	for _, id := range ids {
		delete(c.m, id)
	}
}
