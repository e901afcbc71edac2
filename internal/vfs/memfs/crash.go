package memfs

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/stardrive/stardrive/internal/vfs"
)

// What a power cut leaves. Names and bytes are on two ways to the medium:
//
//   - A change of names is a step: it is there as a whole or not at all, and only
//     if the steps that it stands on are. It stands on those that touched the same
//     names before, on those that put its folders where they are, and changes of
//     folders stand on one another. Everything else comes in any order. Dir.Sync
//     brings the steps that touched names in that folder. The time of change that
//     a step gives to what it is about comes and goes with it.
//   - What a file or folder carries (bytes, size, mode, times, attributes) comes
//     with its own Sync. Before that each part of it is there or is as it was;
//     bytes in blocks of 4 KiB, now and then torn into sectors of 512.
//
// SyncAll brings everything. Mutators, the rest of the world, are always synced.

// step is a change of names that is not on the medium yet.
type step struct {
	number int
	sets   []set
	on     []*step
	before map[*node]int64 // ctimes, before it changed them
	synced bool
}

// set makes name in dir mean to, which is nil for nothing.
type set struct {
	dir  *node
	name string
	to   *node
}

// image is what of a node is on the medium, while that is not what it is now.
type image struct {
	entry  vfs.Entry
	extra  extra
	data   data
	broken bool // a sync failed: the rest never comes, whatever later syncs say
}

// touchNames records a change of names and does it.
func (f *FS) touchNames(now int64, sets ...set) {
	f.steps++
	s := &step{number: f.steps, sets: sets, before: map[*node]int64{}}
	folders := false
	for i := range sets {
		c := &sets[i]
		old := c.dir.children[c.name]
		s.standOn(c.dir.last[c.name], c.dir.placed)
		for _, n := range []*node{old, c.to} {
			if n != nil {
				s.before[n] = n.Changed
			}
		}
		folders = folders || isFolder(old) || isFolder(c.to)
		if isFolder(old) && !slices.ContainsFunc(sets, func(c set) bool { return c.to == old }) {
			s.standOn(old.pending...) // what was in a folder has left it before it goes
		}
		if c.dir.before == nil {
			c.dir.before, c.dir.last = map[string]*node{}, map[string]*step{}
		}
		if _, known := c.dir.before[c.name]; !known {
			c.dir.before[c.name] = old
		}
		c.dir.last[c.name] = s
		c.dir.pending = append(c.dir.pending, s)
	}
	if folders {
		s.standOn(f.lastFolders)
		f.lastFolders = s
	}
	for _, c := range sets {
		if isFolder(c.to) {
			c.to.placed = s
		}
		f.assign(c, now)
	}
	f.unsynced = append(f.unsynced, s)
}

func isFolder(n *node) bool { return n != nil && n.Kind == vfs.Folder }

func (s *step) standOn(others ...*step) {
	for _, o := range others {
		if o != nil && !o.synced {
			s.on = append(s.on, o)
		}
	}
}

// settle is touchNames for the rest of the world: it is on the medium at once.
func (f *FS) settle(now int64, sets ...set) {
	if len(f.unsynced) > 0 {
		f.touchNames(now, sets...)
		f.bring(f.unsynced[len(f.unsynced)-1])
		return
	}
	for _, c := range sets {
		f.assign(c, now)
	}
}

// assign does what c says to the folder as it is now.
func (f *FS) assign(c set, now int64) {
	old := c.dir.children[c.name]
	if old != nil && old.Kind == vfs.Folder {
		c.dir.Links--
	}
	delete(c.dir.children, c.name)
	if c.to != nil {
		c.dir.children[c.name] = c.to
		if c.to.Kind == vfs.Folder {
			c.dir.Links++
			c.to.parent = c.dir
		}
	}
	c.dir.touch(f.stamp(now), now)
}

// bring puts steps on the medium, and all that they stand on.
func (f *FS) bring(steps ...*step) {
	all := map[*step]bool{}
	for todo := slices.Clone(steps); len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !s.synced && !all[s] {
			all[s] = true
			todo = append(todo, s.on...)
		}
	}
	if len(all) == 0 {
		return
	}
	dirs := map[*node]bool{}
	for _, s := range slices.SortedFunc(maps.Keys(all), func(a, b *step) int { return a.number - b.number }) {
		s.synced, s.on = true, nil
		for _, c := range s.sets {
			dirs[c.dir] = true
			if c.dir.last[c.name] == s {
				delete(c.dir.last, c.name)
				delete(c.dir.before, c.name)
			} else {
				c.dir.before[c.name] = c.to
			}
			if c.to != nil && c.to.placed == s {
				c.to.placed = nil
			}
		}
	}
	for dir := range dirs {
		dir.pending = slices.DeleteFunc(dir.pending, func(p *step) bool { return p.synced })
	}
	if f.lastFolders != nil && f.lastFolders.synced {
		f.lastFolders = nil
	}
	f.unsynced = slices.DeleteFunc(f.unsynced, func(s *step) bool { return s.synced })
}

// dirty keeps what is on the medium before n changes.
func (f *FS) dirty(n *node) {
	if n.image == nil {
		n.image = &image{entry: n.Entry, extra: n.extra, data: n.data.copy()}
		f.changed[n] = true
	}
}

func (f *FS) clean(n *node) {
	if n.image != nil && !n.image.broken {
		n.image = nil
		delete(f.changed, n)
	}
}

func (f *FS) syncAll() {
	f.bring(f.unsynced...)
	for n := range f.changed {
		f.clean(n)
	}
}

// Crash returns the volume as a power cut at this moment may leave it; f goes on.
// Of what is not synced about percent of a hundred is there, chosen by seed: 0 is
// only what was synced, 100 is all of it.
func (f *FS) Crash(seed uint64, percent int) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := crash{dice: rand.New(rand.NewPCG(seed, 0x57a9d91)), percent: percent, //nolint:gosec // a test's dice, by seed
		names: map[*node]map[string]*node{}, ctimes: map[*node]int64{}, made: map[*node]*node{}}
	c.chooseNames(f)
	after := NewWith(f.opts)
	after.inodes, after.readOnly = f.inodes, f.readOnly
	after.root = c.copy(f.root)
	return after
}

type crash struct {
	dice    *rand.Rand
	percent int
	names   map[*node]map[string]*node // that are otherwise than now
	ctimes  map[*node]int64            // likewise
	made    map[*node]*node
}

func (c *crash) kept() bool { return c.dice.IntN(100) < c.percent }

func (c *crash) chooseNames(f *FS) {
	for _, s := range f.unsynced {
		for _, set := range s.sets {
			if c.names[set.dir] == nil {
				c.names[set.dir] = maps.Clone(set.dir.before)
			}
		}
	}
	there := map[*step]bool{}
	for _, s := range f.unsynced { // oldest first
		keep := c.kept()
		for _, on := range s.on {
			keep = keep && (on.synced || there[on])
		}
		for n, ctime := range s.before {
			if _, lost := c.ctimes[n]; keep {
				delete(c.ctimes, n)
			} else if !lost {
				c.ctimes[n] = ctime
			}
		}
		if !keep {
			continue
		}
		there[s] = true
		for _, set := range s.sets {
			c.names[set.dir][set.name] = set.to
		}
	}
}

// copy makes what n and all below it are after the crash.
func (c *crash) copy(n *node) *node {
	if done := c.made[n]; done != nil {
		done.Links++ // another name
		return done
	}
	now := &node{Entry: n.Entry, extra: n.extra, target: n.target, data: n.data.copy()}
	c.made[n] = now
	if ctime, lost := c.ctimes[n]; lost {
		now.Changed = ctime
	}
	if n.image != nil {
		c.fall(now, n.image)
	}
	now.Links = 1
	if n.Kind != vfs.Folder {
		return now
	}
	now.Links, now.children = 2, map[string]*node{}
	children := maps.Clone(n.children)
	for name, child := range c.names[n] {
		if delete(children, name); child != nil {
			children[name] = child
		}
	}
	for _, name := range slices.Sorted(maps.Keys(children)) { // the dice must fall the same way each time
		child := c.copy(children[name])
		now.children[name] = child
		if child.Kind == vfs.Folder {
			child.parent = now
			now.Links++
		}
	}
	return now
}

// fall takes back from now, part by part, what was not synced.
func (c *crash) fall(now *node, old *image) {
	keep := func() bool { return !old.broken && c.kept() }
	if !keep() {
		now.Mode, now.uid, now.gid = old.entry.Mode, old.extra.uid, old.extra.gid
	}
	if !keep() {
		now.Modified, now.accessed = old.entry.Modified, old.extra.accessed
	}
	if !keep() {
		now.xattrs = old.extra.xattrs
	}
	fresh := now.data
	now.data = old.data.copy()
	if keep() {
		now.data.truncate(fresh.size)
	}
	for i := range now.data.blocks {
		have, want := now.data.blocks[i], fresh.block(int64(i))
		if sameBlock(have, want) {
			continue
		}
		switch {
		case c.percent > 0 && c.percent < 100 && !old.broken && c.dice.IntN(4) == 0:
			now.data.blocks[i] = c.torn(have, want)
		case keep():
			now.data.blocks[i] = want
		}
	}
	now.data.truncate(now.data.size) // no bytes behind the end
}

func (c *crash) torn(have, want []byte) []byte {
	block := make([]byte, blockSize)
	copy(block, have)
	for at := 0; at < blockSize; at += sectorSize {
		if c.kept() {
			sector := block[at : at+sectorSize]
			clear(sector)
			if len(want) > at {
				copy(sector, want[at:])
			}
		}
	}
	return block
}

func sameBlock(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 && (a == nil) == (b == nil) || len(a) > 0 && &a[0] == &b[0])
}
