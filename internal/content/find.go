package content

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// findKind names the job that finds duplicates among files that nobody read.
const findKind = "duplicates.find"

// FindIn tells where to look for duplicates.
type FindIn struct {
	Path    string `json:"path,omitempty" cli:"1" jsonschema:"only duplicates of files below this folder; default: all files"`
	MinSize int64  `json:"min_size,omitempty" jsonschema:"least size of a file, in bytes" min:"0"`
}

func (s *Service) findDuplicates(ctx context.Context, in FindIn) (job.Snapshot, error) {
	args, title := findArgs{Least: max(1, in.MinSize)}, "Find duplicates"
	if in.Path != "" {
		e, _, err := s.find(ctx, in.Path, "")
		if err != nil {
			return job.Snapshot{}, err
		}
		if e.Kind != vfs.Folder {
			return job.Snapshot{}, errs.New(errs.Invalid, "this is a %s, not a folder", e.Kind).At(in.Path)
		}
		if args.Folder = e.ID; e.Parent != 0 {
			title += " of " + catalog.PlainName(e.Name)
		}
	}
	snap, err := s.start(ctx, findKind, args, job.Enqueue{Key: fmt.Sprintf("%s:%d", key("find", int64(args.Folder)), args.Least), Lane: "content:find", Title: title})
	if err != nil {
		return job.Snapshot{}, err
	}
	return *snap, nil
}

type findArgs struct {
	Folder ident.EntryID `json:"folder,omitempty"`
	Least  int64         `json:"least"`
}

// findCursor tells that all sizes from Size on are done.
type findCursor struct {
	Size   int64           `json:"size,omitempty"`   // 0: none is
	Failed []ident.EntryID `json:"failed,omitempty"` // of the next size, that could not be read
	Total  int64           `json:"total"`
	Done   int64           `json:"done"`
	Bytes  int64           `json:"bytes"`
}

// candidate is a file of which there is another of the same size.
type candidate struct {
	size int64
	id   ident.EntryID
}

// candidates returns the files of sizes below under, but at least least, that
// more than one file has, the large ones first. It holds 16 bytes a file.
func (s *Service) candidates(ctx context.Context, least, under int64) ([]candidate, error) {
	wanted := func(b *catalog.Brief) bool {
		return b.Kind == vfs.File && b.State == catalog.Present && b.Size >= least && (under == 0 || b.Size < under)
	}
	const slots = 1 << 22 // more than one file in a slot is a hint that they have one size
	place := func(size int64) uint64 { return uint64(size) * 0x9e3779b97f4a7c15 >> 42 }
	seen := make([]uint8, slots)
	_, err := s.Catalog.Scan(ctx, func(b *catalog.Brief) error {
		if wanted(b) {
			at := place(b.Size)
			seen[at] = min(2, seen[at]+1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []candidate
	_, err = s.Catalog.Scan(ctx, func(b *catalog.Brief) error {
		if wanted(b) && seen[place(b.Size)] > 1 {
			all = append(all, candidate{b.Size, b.ID})
		}
		return nil
	})
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.id, b.id)) })
	kept := all[:0]
	for rest := all; len(rest) > 0; {
		n := sameSize(rest)
		if n > 1 {
			kept = append(kept, rest[:n]...)
		}
		rest = rest[n:]
	}
	return kept, err
}

// sameSize tells how many of the first candidates have one size.
func sameSize(cs []candidate) int {
	n := 1
	for n < len(cs) && cs[n].size == cs[0].size {
		n++
	}
	return n
}

// lookFor reads whole what may have a duplicate, size by size, the large ones
// first: small files at once, large ones when their quick keys agree.
func (s *Service) lookFor(ctx context.Context, run job.Run, args findArgs, at findCursor, checkpoint job.Checkpoint[findCursor]) error {
	rest, err := s.candidates(ctx, args.Least, at.Size)
	if err != nil {
		return err
	}
	f := &finder{s: s, run: run, at: at, checkpoint: checkpoint, folder: args.Folder, below: nearest{some: map[ident.EntryID]bool{args.Folder: true}}, drivers: map[ident.VolumeID]reach{}, since: time.Now()}
	if f.at.Total == 0 {
		f.at.Total = int64(len(rest))
	}
	for len(rest) > 0 {
		n, next := some(rest), int64(0)
		if n < len(rest) {
			next = rest[n].size
		}
		if err := f.piece(ctx, rest[:n], next); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return f.commit(ctx, "")
}

// some tells how many of the first candidates are looked at together: whole sizes,
// until there are enough, and of a size that very many have, and whose files are
// read whole anyhow, a part.
func some(cs []candidate) (n int) {
	enough, many := 2048, 4096
	if cs[0].size > quickWhole {
		enough = 32
	}
	for n < len(cs) && n < enough {
		one := sameSize(cs[n:])
		if n > 0 && (n+one > many || cs[0].size > quickWhole && cs[n].size <= quickWhole) {
			break
		}
		n += one
	}
	if cs[0].size <= quickWhole {
		n = min(n, many)
	}
	return n
}

// piece deals with candidates of some sizes; next is the size of those that follow.
func (f *finder) piece(ctx context.Context, cs []candidate, next int64) error {
	loaded, err := f.load(ctx, cs)
	if err != nil {
		return err
	}
	var todo []reading
	part := f.part > 0 // the first size began in the piece before
	for len(cs) > 0 {
		size, n := cs[0].size, sameSize(cs)
		end := slices.IndexFunc(loaded, func(u suspect) bool { return u.Size != size })
		if end < 0 {
			end = len(loaded)
		}
		more, err := f.choose(ctx, size, loaded[:end], part)
		if err != nil {
			return err
		}
		if size > quickWhole {
			err = f.readAll(ctx, more)
		} else {
			todo = append(todo, more...)
		}
		if err != nil {
			return err
		}
		loaded, cs, part = loaded[end:], cs[n:], false
		f.part += int64(n)
		if len(cs) > 0 || next != size {
			f.whole, f.reached = true, size
		}
	}
	slices.SortFunc(todo, func(a, b reading) int { // about the order of the disk
		x, y := &a.of[a.at], &b.of[b.at]
		return cmp.Or(cmp.Compare(x.Volume, y.Volume), cmp.Compare(x.Inode, y.Inode))
	})
	if err := f.readAll(ctx, todo); err != nil {
		return err
	}
	if f.whole {
		f.at.Size, f.at.Failed = f.reached, nil
		f.at.Done, f.part, f.whole = f.at.Done+f.part, 0, false
	}
	return nil
}

// reading is a suspect that is to be read whole, among those of its size.
type reading struct {
	of []suspect
	at int
}

func (f *finder) readAll(ctx context.Context, todo []reading) error {
	for _, t := range todo {
		if err := f.read(ctx, t.of, t.at); err != nil {
			return err
		}
		if f.full() {
			u := &t.of[t.at]
			if err := f.commit(ctx, u.at.ground.SdPath(u.path).String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// full reports whether it is time to commit.
func (f *finder) full() bool { return f.s.full(len(f.batch), f.bytes, f.since) }

// reach is a volume as far as it can be read now.
type reach struct {
	driver vfs.Driver // nil: it is offline
	volume catalog.Volume
	ground catalog.Ground
}

// finder is the work of lookFor.
type finder struct {
	s          *Service
	run        job.Run
	at         findCursor
	checkpoint job.Checkpoint[findCursor]
	folder     ident.EntryID
	below      nearest
	drivers    map[ident.VolumeID]reach

	batch []found
	bytes int64     // read since the last commit
	since time.Time // the last commit
	part  int64     // candidates that were looked at, and are not counted as done
	// Whether all files of a size have been, and which is the least of these.
	whole   bool
	reached int64
}

// suspect is a file of the size at hand.
type suspect struct {
	file
	at    reach
	below bool // the folder that was asked for
	known bool // what it holds, by a proof
	same  int  // another suspect before it, of which it is another name; -1: none is
	key   quick
	keyed bool
}

// choose tells which of the files of one size are to be read whole; part: there
// are others of this size.
func (f *finder) choose(ctx context.Context, size int64, sus []suspect, part bool) (todo []reading, err error) {
	pair(sus)
	wanted, unknown, files := false, false, 0
	for i := range sus {
		wanted, unknown = wanted || sus[i].below, unknown || !sus[i].known
		if sus[i].same < 0 {
			files++
		}
	}
	if !wanted || !unknown || files < 2 && !part {
		return nil, nil
	}
	alike := func(*suspect) bool { return true }
	if size > quickWhole {
		if alike, err = f.compare(ctx, sus); err != nil {
			return nil, err
		}
	}
	for i := range sus {
		if u := &sus[i]; !u.known && u.at.driver != nil && u.same < 0 && alike(u) {
			todo = append(todo, reading{sus, i})
		}
	}
	return todo, nil
}

// load reads what the catalogue has of the candidates, those of a size together.
func (f *finder) load(ctx context.Context, cs []candidate) (sus []suspect, err error) {
	ids := make([]ident.EntryID, len(cs))
	for i := range cs {
		ids[i] = cs[i].id
	}
	err = f.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for i := range es {
			e := &es[i]
			if e.State != catalog.Present || slices.Contains(f.at.Failed, e.ID) {
				continue
			}
			at, err := f.reach(ctx, r, e.Volume)
			if err != nil {
				return err
			}
			path, err := r.Path(e)
			if err != nil {
				return err
			}
			known := false
			if e.Content != 0 {
				p, proved, err := r.Proof(e.ID)
				if err != nil {
					return err
				}
				known = proved && p.Changed == e.Changed
			}
			below := f.folder == 0
			if !below {
				top, err := f.below.above(r, e.Volume, e.Parent)
				if err != nil {
					return err
				}
				below = top != 0
			}
			sus = append(sus, suspect{file: file{*e, path}, at: at, below: below, known: known, same: -1})
		}
		return nil
	})
	slices.SortFunc(sus, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Volume, b.Volume), cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.ID, b.ID))
	})
	return sus, err
}

// pair tells which suspects are names of one file.
func pair(sus []suspect) {
	for i := 1; i < len(sus); i++ {
		a, b := &sus[i-1], &sus[i]
		if a.Volume == b.Volume && a.Inode == b.Inode && b.Inode != 0 && b.Links > 1 && b.at.driver != nil && b.at.driver.Features().StableInodes {
			if b.same = a.same; b.same < 0 {
				b.same = i - 1
			}
			sus[b.same].known = sus[b.same].known && b.known
		}
	}
}

func (f *finder) reach(ctx context.Context, r *catalog.Reader, id ident.VolumeID) (at reach, err error) {
	at, ok := f.drivers[id]
	if ok {
		return at, nil
	}
	if at.volume, err = r.Volume(id); err != nil {
		return at, err
	}
	at.ground = f.s.Volumes.Ground(at.volume)
	if at.ground.Online {
		at.driver, err = f.s.Volumes.Driver(ctx, at.volume.Identity)
		if errs.Is(err, errs.Unavailable) {
			at.driver, err = nil, nil
		}
	}
	f.drivers[id] = at
	return at, err
}

// compare reads the quick keys of the suspects, and returns which of them may be
// the same as another.
func (f *finder) compare(ctx context.Context, sus []suspect) (func(*suspect) bool, error) {
	times := map[quick]int{}
	blind := false // there is one of which nothing can be read now, but what it holds is known
	for i := range sus {
		u := &sus[i]
		if u.same >= 0 {
			continue
		}
		if u.at.driver == nil {
			blind = blind || u.known
			continue
		}
		err := f.quick(ctx, u)
		if err != nil {
			if err := f.failed(ctx, u, err); err != nil {
				return nil, err
			}
			u.at.driver = nil // and is not asked again
			blind = blind || u.known
			continue
		}
		times[u.key]++
	}
	return func(u *suspect) bool { return u.keyed && (blind || times[u.key] > 1) }, nil
}

func (f *finder) quick(ctx context.Context, u *suspect) error {
	done, err := f.s.reads.begin(ctx, u.Volume)
	if err != nil {
		return err
	}
	defer done()
	key, path, size := new(quick), u.path, u.Size
	err = whole(ctx, u.at.driver, func(d vfs.Driver) error {
		h, err := d.Open(ctx, path)
		if err != nil {
			return err
		}
		defer h.Close()
		*key, err = quickKey(ctx, h, size)
		return err
	})
	if err != nil {
		return err
	}
	u.key, u.keyed = *key, true
	f.at.Bytes += 2*quickEnds + quickSamples*quickSample
	return nil
}

// read reads a suspect whole, for all of its names.
func (f *finder) read(ctx context.Context, sus []suspect, i int) error {
	u := &sus[i]
	got, err := f.s.readWhen(ctx, u.at.driver, &u.file, nobody)
	if err != nil {
		return f.failed(ctx, u, err)
	}
	f.at.Bytes += got.seen.Size
	f.bytes += got.seen.Size
	f.batch = append(f.batch, got)
	for j := i + 1; j < len(sus) && sus[j].same == i; j++ {
		if sus[j].known {
			continue
		}
		twin := got
		twin.id = sus[j].ID
		f.batch = append(f.batch, twin)
	}
	return nil
}

// failed notes a file that could not be read. Only what concerns more than this
// file is an error.
func (f *finder) failed(ctx context.Context, u *suspect, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, gone := f.s.Volumes.Driver(ctx, u.at.volume.Identity); gone != nil {
		return gone
	}
	f.run.Warn(u.at.ground.SdPath(u.path).String(), err)
	f.at.Failed = append(f.at.Failed, u.ID)
	return nil
}

func (f *finder) commit(ctx context.Context, current string) error {
	err := f.checkpoint(f.at, job.Progress{Done: f.at.Done + f.part, Total: max(f.at.Total, f.at.Done), Bytes: f.at.Bytes, Current: current}, func(stx *store.Tx) error {
		tx := f.s.Catalog.In(stx)
		for i := range f.batch {
			if _, _, err := f.batch[i].put(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = f.s.tell(ctx, f.batch)
	}
	f.batch, f.bytes, f.since = nil, 0, time.Now()
	return err
}
