package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index/portable"
	"github.com/stardrive/stardrive/internal/index/rules"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// importKind names the job that takes a location over from a file.
const importKind = "index.import"

// ImportIn names the file to take a location from.
type ImportIn struct {
	File string `json:"file" cli:"1" jsonschema:"the exported file, on the daemon's machine"`
	Name string `json:"name,omitempty" jsonschema:"a name for the location; default: the one it had"`
}

type importArgs struct {
	File string `json:"file"`
	Name string `json:"name"`
}

// startImport queues an import, unless one of the same file waits or runs.
func (s *Service) startImport(ctx context.Context, in ImportIn) (snap job.Snapshot, err error) {
	file, err := hostPath(in.File)
	if err != nil {
		return snap, err
	}
	f, err := openRegular(file)
	if err != nil {
		return snap, err
	}
	if err := f.Close(); err != nil {
		return snap, errs.New(errs.KindOf(err), "%w", err).At(file)
	}
	var id ident.JobID
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		id, err = s.jobs.EnqueueIn(tx.Store(), importKind, importArgs{file, in.Name}, job.Enqueue{
			Key: file, Lane: importKind, Title: "Import " + filepath.Base(file),
		})
		return err
	})
	if err != nil {
		return snap, err
	}
	return s.jobs.Get(ctx, id)
}

// openRegular opens a regular file; opening a FIFO would wait for ever.
func openRegular(file string) (*os.File, error) {
	fi, err := os.Stat(file)
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "the file cannot be read: %w", err).At(file)
	}
	if !fi.Mode().IsRegular() {
		return nil, errs.New(errs.Invalid, "this is no file").At(file).Try("Name the file that was exported.")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "the file cannot be read: %w", err).At(file)
	}
	return f, nil
}

// importFile reads a file twice: first to see that it is whole and sound, then to
// write what it holds, in one transaction, so that half of it never stays.
func (s *Service) importFile(ctx context.Context, run job.Run, args importArgs, done bool, checkpoint job.Checkpoint[bool]) error {
	if done {
		return nil
	}
	total := int64(0)
	h, err := s.reading(args.File, func(r *portable.Reader) error {
		return drain(ctx, r, func() { run.Progress(job.Progress{Done: r.Entries()}) })
	}, &total)
	if err == nil {
		err = acceptable(h)
	}
	if err != nil {
		return err
	}
	for again := true; again; {
		if again, err = s.importOnce(ctx, run, args, h.Volume.Identity, total, checkpoint); err != nil {
			return err
		}
	}
	return nil
}

// reading opens the file for fn, and adds how many entries it read.
func (s *Service) reading(file string, fn func(r *portable.Reader) error, read *int64) (h portable.Header, err error) {
	f, err := openRegular(file)
	if err != nil {
		return h, err
	}
	defer f.Close()
	r, err := portable.NewReader(f)
	if err == nil {
		err = fn(r)
		h, *read = r.Header, r.Entries()
	}
	var known *errs.Error
	if err != nil && !errors.As(err, &known) {
		err = errs.New(errs.KindOf(err), "the file cannot be read: %w", err)
	}
	return h, err
}

// drain reads all there is.
func drain(ctx context.Context, r *portable.Reader, tell func()) error {
	for n := 0; ; n++ {
		if n%1000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			tell()
		}
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// acceptable refuses a location that could not be indexed here.
func acceptable(h portable.Header) error {
	l := &h.Location
	switch catalog.LocationState(l.State) {
	case catalog.Pending, catalog.Indexing, catalog.Ready, catalog.Incomplete, catalog.Held:
	default:
		return errs.New(errs.Invalid, "the location is in no known state")
	}
	if !modes[l.Mode] {
		return errs.New(errs.Invalid, "%q is not an index mode", l.Mode)
	}
	set, err := settings(catalog.Location{Name: l.Name, Settings: string(l.Settings)})
	if err != nil {
		return err
	}
	if err := set.Policy.check(); err != nil {
		return err
	}
	_, err = rules.Compile(set.Rules.Rules)
	return err
}

// errVolumeCame says that the volume is in the library by now, and must be locked.
var errVolumeCame = errs.New(errs.Unavailable, "the volume was added meanwhile")

// importOnce writes the location. again: its volume came to the library
// meanwhile.
func (s *Service) importOnce(ctx context.Context, run job.Run, args importArgs, identity string, total int64, checkpoint job.Checkpoint[bool]) (again bool, err error) {
	var vol catalog.Volume
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vol, err = r.VolumeByIdentity(identity)
		return err
	})
	switch {
	case err == nil:
		unlock, err := s.lock(ctx, vol.ID)
		if err != nil {
			return false, err
		}
		defer unlock()
	case !errs.Is(err, errs.NotFound):
		return false, err
	}
	err = checkpoint(true, job.Progress{Done: total, Total: total}, func(stx *store.Tx) error {
		_, err := s.reading(args.File, func(r *portable.Reader) error {
			m := &importer{s: s, ctx: ctx, tx: s.Catalog.In(stx), r: r, tell: func() { run.Progress(job.Progress{Done: r.Entries(), Total: total}) }}
			return m.all(args.Name, identity, vol.ID)
		}, &total)
		return err
	})
	return errors.Is(err, errVolumeCame), ifNot(err, errVolumeCame)
}

func ifNot(err, not error) error {
	if errors.Is(err, not) {
		return nil
	}
	return err
}

// importer writes what a file holds.
type importer struct {
	s    *Service
	ctx  context.Context
	tx   *catalog.Tx
	r    *portable.Reader
	tell func()

	vol   ident.VolumeID
	todo  []target // folders to come, as the Reader has them
	at    target
	batch catalog.Batch
	ids   map[bool]*idBlock // of folders, and of the rest
}

// target is where the content of a folder goes.
type target struct {
	id    ident.EntryID
	known bool // was in the library before
	skip  bool // another kind of thing bears its name there
}

// idBlock gives out ids: folders get consecutive ones, which keeps the cursors of
// scans small.
type idBlock struct{ next, end ident.EntryID }

func (m *importer) id(folder bool) ident.EntryID {
	b := m.ids[folder]
	if b.next == b.end {
		const n = 4096
		b.next = m.s.Catalog.ReserveEntryIDs(n)
		b.end = b.next + n
	}
	b.next++
	return b.next - 1
}

func (m *importer) all(name, identity string, locked ident.VolumeID) error {
	h := &m.r.Header
	if h.Volume.Identity != identity { // another file stands there by now
		return errs.New(errs.Conflict, "the file has changed").Try("Import it again.")
	}
	if err := acceptable(*h); err != nil {
		return err
	}
	vol, err := m.volume(locked)
	if err != nil {
		return err
	}
	chain := make([]vfs.Entry, len(h.Path))
	for i := range h.Path {
		chain[i] = seenAs(&h.Path[i])
	}
	top, err := m.s.ensureChain(m.tx, vol, chain, true)
	if err != nil {
		return err
	}
	loc, err := m.location(vol, top, name)
	if err != nil {
		return err
	}
	if policyOf(loc).Watch == off {
		m.tx.Store().AfterCommit(func() { m.s.watcher.mayWatch(loc.ID, false) })
	}
	m.vol, m.todo = vol.ID, []target{{id: top, known: true}}
	m.ids = map[bool]*idBlock{true: {}, false: {}}
	if err := m.entries(); err != nil {
		return err
	}
	if g := m.s.Volumes.Ground(vol); !g.Online || !m.s.mayScan(loc) {
		return nil
	}
	_, err = m.s.enqueue(m.tx, loc)
	return err
}

// volume returns the one that the location is on. One that is in the library is
// left as it is.
func (m *importer) volume(locked ident.VolumeID) (catalog.Volume, error) {
	h := &m.r.Header.Volume
	v, err := m.tx.VolumeByIdentity(h.Identity)
	switch {
	case err == nil && v.ID != locked:
		return v, errVolumeCame
	case !errs.Is(err, errs.NotFound):
		return v, err
	}
	facts := []byte(h.Facts)
	if len(facts) == 0 {
		facts = []byte("{}")
	}
	v = catalog.Volume{Device: m.s.Device, Identity: h.Identity, Name: h.Name, Facts: facts, Seen: h.Seen}
	v.Online = m.s.Volumes.Ground(v).Online
	return m.tx.PutVolume(v)
}

func (m *importer) location(vol catalog.Volume, top ident.EntryID, name string) (catalog.Location, error) {
	h := &m.r.Header.Location
	l := catalog.Location{
		Volume: vol.ID, Entry: top, Mode: h.Mode, State: catalog.LocationState(h.State), Skipped: h.Skipped, Errors: h.Errors, Missing: h.Missing,
		Indexed: h.Indexed, Settings: string(h.Settings),
	}
	if l.State == catalog.Indexing {
		l.State = catalog.Incomplete
	}
	ls, err := m.tx.Locations()
	if err != nil {
		return l, err
	}
	taken := map[string]bool{}
	for _, o := range ls {
		taken[strings.ToLower(o.Name)] = true
	}
	switch {
	case name != "" && taken[strings.ToLower(name)]:
		return l, errs.New(errs.Conflict, "another location is named %q", name).Try("Choose another --name.")
	case name == "":
		name = h.Name
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s %d", h.Name, n)
		}
	}
	l.Name = name
	return m.tx.AddLocation(l)
}

func (m *importer) entries() error {
	for {
		item, err := m.r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return m.flush()
		case err != nil:
			return err
		case item.Entry == nil:
			m.at = m.todo[len(m.todo)-1]
			m.todo = m.todo[:len(m.todo)-1]
			continue
		}
		to, err := m.place(item.Entry)
		if err != nil {
			return err
		}
		if item.Entry.Kind == vfs.Folder {
			m.todo = append(m.todo, to)
		}
		if len(m.batch.Create) >= m.s.Batch {
			if err := m.flush(); err != nil {
				return err
			}
		}
	}
}

func (m *importer) flush() error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	m.tell()
	err := m.tx.Apply(&m.batch)
	m.batch = catalog.Batch{}
	return err
}

// place adds an entry, unless the library has it, and tells where what is in it
// goes. What the library has stays as it is.
func (m *importer) place(e *portable.Entry) (target, error) {
	if m.at.skip {
		return target{skip: true}, nil
	}
	if m.at.known {
		was, found, err := m.knows(e)
		if err != nil || found {
			return target{id: was.ID, known: true, skip: was.Kind != e.Kind}, err
		}
	}
	v := seenAs(e)
	c := catalog.Entry{ID: m.id(e.Kind == vfs.Folder), Volume: m.vol, Parent: m.at.id, Name: e.Name}
	c.Seen(v)
	for state, s := range portableStates {
		if s == e.State {
			c.State = state
		}
	}
	m.batch.Create = append(m.batch.Create, c)
	return target{id: c.ID}, nil
}

// knows looks for an entry in a folder that was in the library before.
func (m *importer) knows(e *portable.Entry) (was catalog.Entry, found bool, err error) {
	if e.State == portable.Present || e.State == portable.Known {
		was, err = m.tx.Child(m.at.id, e.Name)
		if errs.Is(err, errs.NotFound) {
			return was, false, nil
		}
		return was, err == nil, err
	}
	err = m.tx.AbsentAs(m.at.id, e.Name, func(k *catalog.Entry) error {
		if k.Kind == e.Kind && k.Inode == e.Inode {
			was, found = *k, true
		}
		return nil
	})
	return was, found, err
}

func seenAs(e *portable.Entry) vfs.Entry {
	return vfs.Entry{
		Name: e.Name, Kind: e.Kind, Size: e.Size, Mode: e.Mode, Links: e.Links, Inode: e.Inode,
		Modified: e.Modified, Changed: e.Changed, Created: e.Created,
	}
}
