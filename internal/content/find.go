package content

import (
	"cmp"
	"context"
	"slices"

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
	snap, err := s.start(ctx, findKind, args, job.Enqueue{Key: key("find", int64(args.Folder)), Lane: "content:find", Title: title})
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
	f := &finder{s: s, run: run, at: at, checkpoint: checkpoint, folder: args.Folder, below: nearest{some: map[ident.EntryID]bool{args.Folder: true}}, drivers: map[ident.VolumeID]reach{}}
	if f.at.Total == 0 {
		f.at.Total = int64(len(rest))
	}
	for len(rest) > 0 {
		n := sameSize(rest)
		for piece := range slices.Chunk(rest[:n], f.most(rest[0].size, n)) {
			if err := f.size(ctx, piece, n); err != nil {
				return err
			}
		}
		f.at.Size, f.at.Failed = rest[0].size, nil
		f.at.Done += int64(n)
		rest = rest[n:]
		if f.since += n; f.since >= 256 || len(f.batch) >= batchFiles || f.bytes >= batchBytes || len(rest) == 0 {
			if err := f.commit(""); err != nil {
				return err
			}
		}
	}
	return nil
}

// most is how many of n files of a size are looked at together: of those that are
// read whole anyhow, a few.
func (f *finder) most(size int64, n int) int {
	if size <= quickWhole {
		return min(n, 4096)
	}
	return n
}

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
	bytes int64 // read since the last commit
	since int   // candidates since then
}

// suspect is a file of the size at hand.
type suspect struct {
	file
	at    reach
	known bool // what it holds, by a proof
	same  int  // another suspect before it, of which it is another name; -1: none is
	key   quick
	keyed bool
}

// size deals with some of the n files of one size.
func (f *finder) size(ctx context.Context, cs []candidate, n int) error {
	sus, wanted, err := f.load(ctx, cs)
	if err != nil || !wanted {
		return err
	}
	files, unknown := 0, 0
	for i := range sus {
		if sus[i].same < 0 {
			files++
		}
		if !sus[i].known {
			unknown++
		}
	}
	if unknown == 0 || files < 2 && n == len(cs) {
		return nil
	}
	read := func(*suspect) bool { return true }
	if cs[0].size > quickWhole {
		if read, err = f.compare(ctx, sus); err != nil {
			return err
		}
	}
	for i := range sus {
		u := &sus[i]
		if u.known || u.at.driver == nil || u.same >= 0 || !read(u) {
			continue
		}
		if err := f.whole(ctx, sus, i); err != nil {
			return err
		}
		if len(f.batch) >= batchFiles || f.bytes >= batchBytes {
			if err := f.commit(u.at.ground.SdPath(u.path).String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// load reads what the catalogue has of the candidates; wanted is false if none of
// them is below the folder that was asked for.
func (f *finder) load(ctx context.Context, cs []candidate) (sus []suspect, wanted bool, err error) {
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
			if e.State != catalog.Present || e.Size != cs[0].size || slices.Contains(f.at.Failed, e.ID) {
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
			p, proved, err := r.Proof(e.ID)
			if err != nil {
				return err
			}
			if f.folder != 0 && !wanted {
				top, err := f.below.above(r, e.Volume, e.Parent)
				if err != nil {
					return err
				}
				wanted = top != 0
			}
			sus = append(sus, suspect{file: file{*e, path}, at: at, known: proved && e.Content != 0 && p.Changed == e.Changed, same: -1})
		}
		return nil
	})
	slices.SortFunc(sus, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(a.Volume, b.Volume), cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.ID, b.ID))
	})
	for i := 1; i < len(sus); i++ {
		a, b := &sus[i-1], &sus[i]
		if a.Volume == b.Volume && a.Inode == b.Inode && b.Inode != 0 && b.Links > 1 && b.at.driver != nil && b.at.driver.Features().StableInodes {
			if b.same = a.same; b.same < 0 {
				b.same = i - 1
			}
			sus[b.same].known = sus[b.same].known && b.known
		}
	}
	return sus, wanted || f.folder == 0, err
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
	h, err := u.at.driver.Open(ctx, u.path)
	if err != nil {
		return err
	}
	defer h.Close()
	if u.key, err = quickKey(ctx, h, u.Size); err != nil {
		return err
	}
	u.keyed = true
	f.at.Bytes += 2*quickEnds + quickSamples*quickSample
	return nil
}

// whole reads a suspect whole, for all of its names.
func (f *finder) whole(ctx context.Context, sus []suspect, i int) error {
	u := &sus[i]
	got, err := f.s.read(ctx, u.Volume, u.at.driver, &u.file)
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

func (f *finder) commit(current string) error {
	err := f.checkpoint(f.at, job.Progress{Done: f.at.Done, Total: max(f.at.Total, f.at.Done), Bytes: f.at.Bytes, Current: current}, func(stx *store.Tx) error {
		tx := f.s.Catalog.In(stx)
		for i := range f.batch {
			if _, _, err := f.batch[i].put(tx); err != nil {
				return err
			}
		}
		return nil
	})
	f.batch, f.bytes, f.since = nil, 0, 0
	return err
}
