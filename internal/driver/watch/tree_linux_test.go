package watch

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// trees is a system made up: folders are real ones, or what the test says; what
// changed, the test tells.
type trees struct {
	mu      sync.Mutex
	numbers map[string]uint64 // of paths, instead of a disk
	volumes map[string]uint64 // of paths; else volume 1
	refused map[string]bool   // volumes of another kind
	full    bool              // no more trees are watched
	tells   map[string]func([]change)
	latest  map[string]int // the number of the watch at a path
	begun   int
}

func newTrees() *trees {
	return &trees{numbers: map[string]uint64{}, volumes: map[string]uint64{}, refused: map[string]bool{}, tells: map[string]func([]change){}, latest: map[string]int{}}
}

func (s *trees) how() string { return byFSEvents }

func (s *trees) identify(path string) (id folderID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused[path] {
		return id, errs.New(errs.Unsupported, "a network volume")
	}
	n, ok := s.numbers[path]
	if !ok {
		return id, errs.New(errs.NotFound, "no such folder")
	}
	id.volume = 1
	if v := s.volumes[path]; v != 0 {
		id.volume = v
	}
	binary.NativeEndian.PutUint64(id.id[:], n)
	return id, nil
}

func (s *trees) watch(root string, tell func([]change)) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return nil, errs.New(errs.Unavailable, "no more")
	}
	s.begun++
	mine := s.begun
	s.tells[root], s.latest[root] = tell, mine
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.latest[root] == mine { // no other one began there since
			delete(s.tells, root)
		}
	}, nil
}

func (s *trees) roots() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := range s.tells {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

// change tells what a system would: of every tree that holds the folder.
func (s *trees) change(folders ...string) {
	s.mu.Lock()
	told := map[string][]change{}
	for root := range s.tells {
		for _, f := range folders {
			if f == root || below(root, f) {
				told[root] = append(told[root], change{folder: f})
			}
		}
	}
	s.mu.Unlock()
	for root, cs := range told {
		s.say(root, cs...)
	}
}

func (s *trees) say(root string, cs ...change) {
	s.mu.Lock()
	tell := s.tells[root]
	s.mu.Unlock()
	if tell != nil {
		tell(cs)
	}
}

// place makes, moves or removes (0) a folder of the made-up disk.
func (s *trees) place(path string, number uint64) string {
	path = filepath.FromSlash(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	if number == 0 {
		delete(s.numbers, path)
	} else {
		s.numbers[path] = number
	}
	return path
}

type grove struct {
	*heard
	*trees
	t    *testing.T
	tree *tree
}

func newGrove(t *testing.T, paths ...string) *grove {
	g := &grove{heard: newHeard(), trees: newTrees(), t: t}
	g.tree = newTree(g.trees, g.told())
	t.Cleanup(func() {
		must(t, g.tree.Close())
		if left := g.trees.roots(); len(left) > 0 {
			t.Errorf("still watched: %v", left)
		}
	})
	for i, p := range paths {
		g.place(p, uint64(i+1))
	}
	return g
}

func (g *grove) add(path string, id ident.EntryID, fresh bool) {
	g.t.Helper()
	added, err := g.tree.Add(filepath.FromSlash(path), id)
	if err != nil || added != fresh {
		g.t.Fatalf("add %s as %d: %v, %v", path, id, added, err)
	}
}

func (g *grove) wantRoots(want ...string) {
	g.t.Helper()
	g.tree.stopping.Wait()
	if got := g.trees.roots(); !slices.Equal(got, want) {
		g.t.Errorf("trees watched: %q, want %q", got, want)
	}
	g.tree.mu.Lock()
	defer g.tree.mu.Unlock()
	var sources []*source
	for _, r := range g.tree.roots {
		sources = append(sources, r.source)
	}
	check(g.t, g.tree.folders, sources...)
}

func TestTreeOneWatchServesAllBelow(t *testing.T) {
	g := newGrove(t, "/a", "/a/b", "/a/b/c", "/ab", "/d")
	g.add("/a", 10, true)
	g.add("/a/b", 11, true)
	g.add("/a/b/c", 12, true)
	g.add("/a/b/c/", 12, false)
	g.wantRoots("/a")
	g.add("/ab", 13, true)
	g.wantRoots("/a", "/ab")
	g.change("/a/b", "/a/b", "/a/b/c", "/a/b", "/a/unknown", "/d")
	g.want(t, "two folders", ids{11, 12}, nil, 0)
	g.change("/a")
	g.want(t, "the root itself", ids{10}, nil, 0)
	g.tree.Remove(12)
	g.tree.Remove(12)
	g.want(t, "removed", nil, ids{12}, 0)
	g.change("/a/b/c")
	g.want(t, "not watched any more", nil, nil, 0)
	g.tree.Remove(13)
	g.tree.Remove(10)
	g.wantRoots("/a")
	g.change("/a/b")
	g.want(t, "below a root that is removed", ids{11}, ids{10, 13}, 0)
	g.tree.Remove(11)
	g.wantRoots()
	g.add("/d", 14, true)
	g.wantRoots("/d")
}

func TestTreeTopmostTakesOver(t *testing.T) {
	g := newGrove(t, "/", "/a", "/a/b", "/a/b/c", "/a/d", "/x")
	g.add("/a/b", 11, true)
	g.add("/a/b/c", 12, true)
	g.add("/a/d", 13, true)
	g.wantRoots("/a/b", "/a/d")
	g.add("/a", 10, true)
	g.wantRoots("/a")
	g.change("/a/b/c", "/a/d")
	g.want(t, "told by the new root", ids{12, 13}, nil, 0)
	g.add("/", 1, true)
	g.wantRoots("/")
	g.change("/a/b/c", "/", "/x")
	g.want(t, "told by the topmost", ids{1, 12}, nil, 0)
}

// TestTreeFoldersMove: a folder is known by what it is, so it stays watched.
func TestTreeFoldersMove(t *testing.T) {
	g := newGrove(t, "/a", "/a/b", "/a/b/c", "/x")
	g.add("/a", 10, true)
	g.add("/a/b", 11, true)
	g.add("/a/b/c", 12, true)
	g.place("/a/b", 0)
	g.place("/a/b/c", 0)
	g.place("/a/z", 2)
	g.place("/a/z/c", 3)
	g.change("/a", "/a/z/c", "/a/b/c")
	g.want(t, "moved", ids{10, 12}, nil, 0)
	g.add("/a/z", 21, true) // the index took it for another folder
	g.want(t, "under another id", nil, ids{11}, 0)
	g.place("/a/z", 7) // another folder of the same name
	g.add("/a/z", 21, false)
	g.change("/a/z")
	g.want(t, "another folder under the id", ids{21}, nil, 0)
	g.add("/x", 12, false) // it moved out of its tree, into a root of its own
	g.wantRoots("/a", "/x")
	g.place("/x", 3) // another folder came in place of the root
	g.add("/x", 12, true)
	g.change("/x")
	g.want(t, "in the other tree", ids{12}, ids{12}, 0)
	g.wantRoots("/a", "/x")
}

func TestTreeVolumesAreSeparate(t *testing.T) {
	g := newGrove(t, "/a", "/a/mnt", "/a/mnt/f")
	g.volumes["/a/mnt"], g.volumes["/a/mnt/f"] = 2, 2
	g.add("/a", 10, true)
	g.add("/a/mnt", 11, true) // changes there are not told to the tree above
	g.add("/a/mnt/f", 12, true)
	g.wantRoots("/a", "/a/mnt")
	g.say("/a/mnt", change{over: true}) // unmounted
	g.want(t, "unmounted", nil, ids{11, 12}, 0)
	g.wantRoots("/a")
	g.add("/a/mnt", 11, true)
	g.volumes["/a/mnt"] = 3 // another volume came in its place, unnoticed
	g.add("/a/mnt", 31, true)
	g.want(t, "another volume", nil, ids{11}, 0)
	g.wantRoots("/a", "/a/mnt")
}

func TestFault_E13_TreeLosesChanges(t *testing.T) {
	g := newGrove(t, "/a", "/a/b", "/c")
	g.add("/a", 10, true)
	g.add("/a/b", 11, true)
	g.add("/c", 12, true)
	g.say("/a", change{folder: "/a/b"}, change{lost: true}, change{lost: true})
	g.want(t, "lost", ids{11}, nil, 1)
	g.place("/a/b", 0) // removed, before it could be looked at
	g.say("/a", change{folder: "/a/b"})
	g.want(t, "gone", nil, nil, 0)
	g.place("/a", 0) // the whole tree moved: its paths lead nowhere
	g.say("/a", change{folder: "/a/b"})
	g.want(t, "moved as a whole", nil, ids{10, 11}, 0)
	g.wantRoots("/c")
	g.place("/c", 9) // another one stands there
	g.say("/c", change{folder: "/c/gone"})
	g.want(t, "replaced as a whole", nil, ids{12}, 0)
	g.wantRoots()
}

func TestTreeWhatIsNotWatched(t *testing.T) {
	g := newGrove(t, "/a", "/net")
	g.refused["/net"] = true
	g.full = true
	for path, kind := range map[string]errs.Kind{"/none": errs.NotFound, "/net": errs.Unsupported, "/a": errs.Unavailable} {
		if added, err := g.tree.Add(path, 7); added || !errs.Is(err, kind) {
			t.Errorf("%s: %v, %v", path, added, err)
		}
	}
	for path, how := range map[string]string{"/none": "", "/net": "", "/a": "fsevents"} {
		if got := g.tree.How(path); got != how {
			t.Errorf("%s is watched by %q", path, got)
		}
	}
	g.wantRoots()
}

func TestTreeClose(t *testing.T) {
	g := newGrove(t, "/a", "/a/b")
	g.add("/a", 10, true)
	var busy sync.WaitGroup
	tell := g.tells["/a"]
	for range 4 {
		busy.Go(func() {
			for range 200 {
				tell([]change{{folder: "/a"}, {lost: true}})
				_, _ = g.tree.Add("/a/b", 11)
				g.tree.Remove(11)
			}
		})
	}
	g.until(t, "something", func() bool { return g.overflow > 0 })
	must(t, g.tree.Close())
	g.take()
	busy.Wait()
	tell([]change{{folder: "/a"}, {lost: true}, {over: true}})
	g.tree.Remove(10)
	g.want(t, "after Close", nil, nil, 0)
	if added, err := g.tree.Add("/a", 1); added || !errs.Is(err, errs.Internal) {
		t.Errorf("adding after Close: %v, %v", added, err)
	}
	must(t, g.tree.Close())
}

// TestTreeEveryChangeIsTold: random moves and changes on a disk, in which each
// folder that was added is told of wherever it stands.
func TestTreeEveryChangeIsTold(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		top, err := os.MkdirTemp(dir, "")
		must(t, err)
		defer func() { must(t, os.RemoveAll(top)) }()
		h, sys := newHeard(), &onDisk{trees: newTrees()}
		tr := newTree(sys, h.told())
		defer func() { must(t, tr.Close()) }()
		for i := range 6 {
			must(t, os.Mkdir(filepath.Join(top, fmt.Sprint("f", i)), 0o700))
		}
		watched := map[uint64]ident.EntryID{}
		folders := func() (all []string) {
			must(t, filepath.WalkDir(top, func(p string, _ fs.DirEntry, err error) error {
				all = append(all, p)
				return err
			}))
			return all
		}
		number := func(p string) uint64 {
			id, err := sys.identify(p)
			must(t, err)
			return binary.NativeEndian.Uint64(id.id[:])
		}
		next := ident.EntryID(0)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				p := rapid.SampledFrom(folders()).Draw(rt, "folder")
				next++
				_, err := tr.Add(p, next)
				must(t, err)
				watched[number(p)] = next
			},
			"move": func(rt *rapid.T) {
				from := rapid.SampledFrom(folders()).Draw(rt, "from")
				to := filepath.Join(rapid.SampledFrom(folders()).Draw(rt, "to"), filepath.Base(from))
				if from != top {
					_ = os.Rename(from, to) // into itself it fails
				}
			},
			"": func(rt *rapid.T) {
				all := folders()
				h.take()
				sys.change(all...)
				want := ids{}
				for _, p := range all {
					if id := watched[number(p)]; id != 0 && sys.seen(p) {
						want = append(want, id)
					}
				}
				slices.Sort(want)
				if got, _, _ := h.take(); !slices.Equal(got, want) {
					rt.Fatalf("told of %v, want %v", got, want)
				}
			},
		})
	})
}

// onDisk is a system made up, on a real disk.
type onDisk struct{ *trees }

func (s *onDisk) identify(path string) (id folderID, err error) {
	st, err := os.Lstat(path)
	if err != nil || !st.IsDir() {
		return id, errs.New(errs.NotFound, "no folder: %w", err)
	}
	binary.NativeEndian.PutUint64(id.id[:], st.Sys().(*syscall.Stat_t).Ino)
	return id, nil
}

// seen reports whether a tree that is watched holds the folder.
func (s *onDisk) seen(path string) bool {
	return slices.ContainsFunc(s.roots(), func(r string) bool { return r == path || below(r, path) })
}
