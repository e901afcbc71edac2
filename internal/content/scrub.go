package content

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// scrubKind names the job that reads files again.
const scrubKind = "content.scrub"

type scrubArgs struct {
	Volume ident.VolumeID `json:"volume"`
	Folder ident.EntryID  `json:"folder,omitempty"` // only what is below it
	Before int64          `json:"before"`           // only what was read last before this moment
	Fast   bool           `json:"fast,omitempty"`   // without pauses
	Due    bool           `json:"due,omitempty"`    // nobody asked: only what waited long
}

// scrubCursor is the last file that was looked at, by when it had been read.
type scrubCursor struct {
	Since   int64         `json:"since"`
	After   ident.EntryID `json:"after"`
	Total   int64         `json:"total"`
	Done    int64         `json:"done"`
	Bytes   int64         `json:"bytes"`
	Damaged int64         `json:"damaged"`
}

// DamageNews is the data of the fleeting event content.damaged.
type DamageNews struct {
	ID   string `json:"id"`   // of the entry
	Path string `json:"path"` // its SdPath
	Kind Harm   `json:"kind"`
}

// damageNews tells of a file that was found damaged.
var damageNews = event.Topic[DamageNews]{Name: "content.damaged", Key: func(n DamageNews) string { return n.ID }}

// Harm is what is wrong with a damaged file.
type Harm string

// The sorts of damage.
const (
	OtherBytes Harm = "changed"    // its bytes changed, though nobody wrote to it
	Unreadable Harm = "unreadable" // the disk does not give its bytes
)

// Enum lists the sorts.
func (Harm) Enum() []string { return []string{string(OtherBytes), string(Unreadable)} }

// TypeName is what clients call the type.
func (Harm) TypeName() string { return "Harm" }

// scrubbed is what was found of one file.
type scrubbed struct {
	file    catalog.Proven
	path    string
	content catalog.Content

	read    int64        // when it was read, and found as it should be; 0: it was not
	extents int64        // where its blocks lie; 0: unknown
	harm    Harm         // "": none
	found   catalog.Hash // with OtherBytes
	reason  string       // with Unreadable
	skipped bool         // it is not as the catalogue has it: its turn comes when it was looked at again
}

// scrub reads files of a volume again and holds their bytes against the hashes
// that are known, those first that wait longest. What it finds changes no content
// of an entry: damage is no edit.
func (s *Service) scrub(ctx context.Context, run job.Run, args scrubArgs, at scrubCursor, checkpoint job.Checkpoint[scrubCursor]) error {
	p := &scrubbing{s: s, run: run, args: args, at: at, checkpoint: checkpoint, below: nearest{some: map[ident.EntryID]bool{args.Folder: true}}, since: time.Now()}
	for {
		files, end, err := p.window(ctx)
		if errs.Is(err, errs.NotFound) {
			return nil // the volume was forgotten
		}
		if err != nil {
			return err
		}
		if p.driver == nil {
			if p.driver, err = s.Volumes.Driver(ctx, p.volume.Identity); err != nil {
				return err
			}
		}
		for i := range files {
			if err := p.one(ctx, &files[i]); err != nil {
				return err
			}
		}
		if err := p.commit(""); err != nil || end {
			return err
		}
	}
}

// scrubbing is the work of scrub.
type scrubbing struct {
	s          *Service
	run        job.Run
	args       scrubArgs
	at         scrubCursor
	checkpoint job.Checkpoint[scrubCursor]
	below      nearest
	volume     catalog.Volume
	ground     catalog.Ground
	driver     vfs.Driver

	batch []scrubbed
	bytes int64     // read since the last commit
	since time.Time // when that was
}

// window reads the next files that are due; end: there are no others.
func (p *scrubbing) window(ctx context.Context) (files []scrubbed, end bool, err error) {
	err = p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if p.volume, err = r.Volume(p.args.Volume); err != nil {
			return err
		}
		p.ground = p.s.Volumes.Ground(p.volume)
		if p.at.Total == 0 && p.args.Folder == 0 {
			if p.at.Total, _, err = r.CountProvenBefore(p.args.Volume, p.args.Before, p.at.Since, p.at.After); err != nil {
				return err
			}
		}
		found, err := r.ProvenBefore(p.args.Volume, p.args.Before, p.at.Since, p.at.After, windowFiles)
		if err != nil {
			return err
		}
		if end = len(found) < windowFiles; len(found) > 0 {
			last := &found[len(found)-1]
			p.at.Since, p.at.After = last.Proof.Read, last.ID // of the window, once it is done
		}
		for _, f := range found {
			if p.args.Folder != 0 {
				if top, err := p.below.above(r, f.Volume, f.Parent); err != nil || top == 0 && f.ID != p.args.Folder {
					if err != nil {
						return err
					}
					continue
				}
			}
			one := scrubbed{file: f}
			if one.path, err = r.Path(&f.Entry); err != nil {
				return err
			}
			if one.content, err = r.Content(f.Content); err != nil {
				return err
			}
			files = append(files, one)
		}
		return nil
	})
	return files, end, err
}

// one reads a file. Only what concerns more than this file is an error.
func (p *scrubbing) one(ctx context.Context, f *scrubbed) error {
	began := time.Now()
	if n := len(p.batch); n > 0 && p.sameFile(&p.batch[n-1], f) {
		last := &p.batch[n-1]
		f.read, f.extents, f.harm, f.found, f.reason, f.skipped = last.read, last.extents, last.harm, last.found, last.reason, last.skipped
	} else if err := p.look(ctx, f); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, gone := p.s.Volumes.Driver(ctx, p.volume.Identity); gone != nil {
			return gone // it is the volume's fault, and no damage
		}
		switch errs.KindOf(err) {
		case errs.Internal:
			f.harm, f.reason = Unreadable, err.Error()
		case errs.NotFound, errs.Conflict:
			f.skipped = true
		default:
			f.skipped = true
			p.run.Warn(p.ground.SdPath(f.path).String(), err)
		}
	}
	p.at.Done++
	if f.harm != "" {
		p.at.Damaged++
	}
	p.batch = append(p.batch, *f)
	if p.s.full(len(p.batch), p.bytes, p.since) {
		if err := p.commit(p.ground.SdPath(f.path).String()); err != nil {
			return err
		}
	}
	return p.rest(ctx, time.Since(began))
}

// sameFile reports whether f is another name of the file just read.
func (p *scrubbing) sameFile(last, f *scrubbed) bool {
	a, b := &last.file, &f.file
	return b.Links > 1 && b.Inode != 0 && a.Inode == b.Inode && a.Changed == b.Changed && a.Entry.Content == b.Entry.Content && p.driver.Features().StableInodes
}

// look reads a file, and once more when its bytes are not those that they should
// be: what memory or a cable spoils is no damage of the file.
func (p *scrubbing) look(ctx context.Context, f *scrubbed) error {
	for again := range 2 {
		began := p.s.now()
		hash, seen, extents, err := p.sum(ctx, f)
		if errs.Is(err, errs.Internal) && again == 0 && ctx.Err() == nil {
			continue // a disk may yet manage
		}
		if err != nil {
			return err
		}
		p.at.Bytes += seen.Size
		p.bytes += seen.Size
		if !f.file.Same(&seen) {
			f.skipped = true // an edit that the catalogue does not know of yet
			return nil
		}
		if hash == f.content.Hash {
			f.read, f.harm, f.extents = began.UnixNano(), "", extents
			if again > 0 {
				p.run.Warn(p.ground.SdPath(f.path).String(), errs.New(errs.Internal, "it was read wrongly once, and rightly then: the disk, a cable or the memory may be failing"))
			}
			return nil
		}
		f.harm, f.found = OtherBytes, hash
	}
	return nil
}

func (p *scrubbing) sum(ctx context.Context, f *scrubbed) (hash catalog.Hash, seen vfs.Entry, extents int64, err error) {
	done, err := p.s.reads.begin(ctx, p.volume.ID)
	if err != nil {
		return hash, seen, 0, err
	}
	defer done()
	out, path := &found{}, f.path
	err = whole(ctx, p.driver, func(d vfs.Driver) error {
		h, err := d.Open(ctx, path)
		if err != nil {
			return err
		}
		defer h.Close()
		uncache(h) // what memory holds of it tells nothing about the disk
		out.hash, _, out.seen, err = Sum(ctx, h)
		out.extents = p.s.extents(h)
		return err
	})
	if err != nil {
		return hash, seen, 0, err
	}
	return out.hash, out.seen, out.extents, nil
}

// rest leaves the disk to others for as long as it was used.
func (p *scrubbing) rest(ctx context.Context, used time.Duration) error {
	if p.args.Fast {
		return nil
	}
	t := time.NewTimer(min(used, time.Minute))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commit stores what was found, and tells of it.
func (p *scrubbing) commit(current string) error {
	at := p.at
	if n := len(p.batch); current != "" { // in the middle of a window
		at.Since, at.After = p.batch[n-1].file.Proof.Read, p.batch[n-1].file.ID
	}
	progress := job.Progress{Done: at.Done, Total: max(at.Total, at.Done), Bytes: at.Bytes, Current: current}
	var news []DamageNews
	err := p.checkpoint(at, progress, func(stx *store.Tx) error {
		news = nil
		tx := p.s.Catalog.In(stx)
		for i := range p.batch {
			f := &p.batch[i]
			if f.read != 0 {
				if err := tx.Reread(f.file.ID, f.file.Entry.Changed, f.read); err != nil {
					return err
				}
				if err := tx.Lies(f.file.ID, f.extents); err != nil {
					return err
				}
			}
			if f.harm == "" {
				continue
			}
			if err := f.note(stx); err != nil {
				return err
			}
			id, _ := f.file.ID.MarshalText()
			news = append(news, DamageNews{string(id), p.ground.SdPath(f.path).String(), f.harm})
		}
		return nil
	})
	for _, n := range news {
		event.Publish(p.s.Bus, damageNews, n)
	}
	p.batch, p.bytes, p.since = nil, 0, time.Now()
	return err
}

// note stores that a file is damaged. When it was found first stays.
func (f *scrubbed) note(stx *store.Tx) error {
	found := []byte{}
	if f.harm == OtherBytes {
		found = f.found[:]
	}
	_, err := stx.Exec(`INSERT INTO damage (entry_id, content_id, found, reason, found_ns) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (entry_id) DO UPDATE SET content_id = excluded.content_id, found = excluded.found, reason = excluded.reason`,
		int64(f.file.ID), int64(f.content.ID), found, f.reason, time.Now().UnixNano())
	return err
}
