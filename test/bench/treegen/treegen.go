// Package treegen makes folders that look like a person's: photos, documents in
// several scripts, code, music, folders of every size. What it makes depends
// only on the seed and the number of entries, so that measurements and crash
// tests can be repeated anywhere. It knows nothing of Stardrive.
package treegen

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Version changes whenever the same options give another tree.
const Version = 1

// Options say which tree to make.
type Options struct {
	Entries int    // files, folders and symlinks below the root
	Seed    uint64 // the same seed gives the same tree
	Workers int    // folders written at the same time; 0: two
}

// Manifest describes a tree so far that two equal manifests mean equal trees:
// Hash covers path, kind, size and modification time of every entry.
type Manifest struct {
	Version  int    `json:"version"`
	Seed     uint64 `json:"seed"`
	Entries  int64  `json:"entries"`
	Files    int64  `json:"files"`
	Folders  int64  `json:"folders"`
	Symlinks int64  `json:"symlinks"`
	Bytes    int64  `json:"bytes"` // sizes of the files; almost none is written
	Hash     string `json:"hash"`
}

type kind uint8

const (
	file kind = iota
	folder
	symlink
)

// entry is one thing to make inside a folder.
type entry struct {
	name    string
	kind    kind
	size    int64
	mtime   int64  // nanoseconds since 1970
	target  string // of a symlink
	content string // of the few files that are not only a hole
}

// dir is a folder whose content is still to be made.
type dir struct {
	path   string // below the root, "" for the root
	theme  string
	budget int // entries to make below it, at any depth
	depth  int
	mtime  int64
	key    uint64 // seeds its own random numbers, so that order does not matter
}

// Write makes the tree below root, which must be an empty folder.
func Write(root string, o Options) (Manifest, error) {
	d, err := openDisk(root)
	if err != nil {
		return Manifest{}, err
	}
	defer d.close()
	return run(o, d.write)
}

// Plan tells what Write would make, without touching a disk.
func Plan(o Options) Manifest {
	m, _ := run(o, func(dir, []entry) error { return nil })
	return m
}

// run expands folder after folder from the root on, by o.Workers goroutines
// that it waits for, and hands each with its entries to write.
func run(o Options, write func(dir, []entry) error) (Manifest, error) {
	if o.Workers < 1 {
		o.Workers = 2
	}
	var (
		mu    sync.Mutex
		more  = sync.NewCond(&mu)
		todo  = []dir{{theme: "root", budget: o.Entries, key: o.Seed}}
		busy  int
		total sum
		fail  error
		wg    sync.WaitGroup
	)
	for range o.Workers {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for {
				for len(todo) == 0 && busy > 0 && fail == nil {
					more.Wait()
				}
				if len(todo) == 0 || fail != nil {
					return
				}
				d := todo[len(todo)-1]
				todo = todo[:len(todo)-1]
				busy++
				mu.Unlock()
				entries, subs := expand(o.Seed, d)
				err := write(d, entries)
				part := sumOf(d.path, entries)
				mu.Lock()
				busy--
				total.add(part)
				todo = append(todo, subs...)
				if err != nil && fail == nil {
					fail = fmt.Errorf("writing %q: %w", d.path, err)
				}
				more.Broadcast()
			}
		})
	}
	wg.Wait()
	return total.manifest(o.Seed), fail
}

func (d dir) rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, d.key)) }

// sum adds up entries so that their order does not matter.
type sum struct {
	count [3]int64
	bytes int64
	hash  [2]uint64
}

func (s *sum) add(o sum) {
	for i := range s.count {
		s.count[i] += o.count[i]
	}
	s.bytes += o.bytes
	s.hash[0] += o.hash[0]
	s.hash[1] += o.hash[1]
}

func (s *sum) entry(path string, k kind, size, mtime int64) {
	if k == folder {
		size = 0 // each file system has its own idea of a folder's size
	}
	buf := make([]byte, 0, 256)
	buf = append(append(buf, path...), 0, byte(k))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(size))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(mtime))
	h := sha256.Sum256(buf)
	s.hash[0] += binary.LittleEndian.Uint64(h[:])
	s.hash[1] += binary.LittleEndian.Uint64(h[8:])
	s.count[k]++
	if k == file {
		s.bytes += size
	}
}

func sumOf(parent string, entries []entry) sum {
	var s sum
	for _, e := range entries {
		s.entry(join(parent, e.name), e.kind, e.size, e.mtime)
	}
	return s
}

func (s *sum) manifest(seed uint64) Manifest {
	return Manifest{Version: Version, Seed: seed, Entries: s.count[file] + s.count[folder] + s.count[symlink],
		Files: s.count[file], Folders: s.count[folder], Symlinks: s.count[symlink], Bytes: s.bytes,
		Hash: fmt.Sprintf("%016x%016x", s.hash[0], s.hash[1])}
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "/" + name
}
