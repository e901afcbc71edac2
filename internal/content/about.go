package content

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// About is what is known of a file's bytes.
type About struct {
	ID      ident.ContentID `json:"id" jsonschema:"the content's id in this library"`
	Hash    string          `json:"hash" jsonschema:"BLAKE3 of all bytes, 256 bits in hexadecimal digits; the same on every device"`
	Size    int64           `json:"size" jsonschema:"bytes"`
	Kind    string          `json:"kind" jsonschema:"what it is, by its bytes: image, video, document ..."`
	MIME    string          `json:"mime" jsonschema:"its media type; empty if it is not known"`
	Read    time.Time       `json:"read" jsonschema:"when all bytes of this file were read last"`
	Proven  bool            `json:"proven" jsonschema:"the file did not change since; else it is read again before anything is claimed of it"`
	Damaged bool            `json:"damaged,omitempty" jsonschema:"the file's bytes changed, or cannot be read, though nobody wrote to it"`
	Copies  int             `json:"copies" jsonschema:"files that are known to have these bytes, this one among them; names of one file count once, and none beyond a thousand names"`
}

// About returns what is known of the bytes of an entry; ok is false if they were
// never read. It reads no file.
func (s *Service) About(ctx context.Context, id ident.EntryID) (a About, ok bool, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err := r.Entry(id)
		if err != nil || e.Content == 0 {
			return err
		}
		c, err := r.Content(e.Content)
		if err != nil {
			return err
		}
		a, ok = About{ID: c.ID, Hash: hex.EncodeToString(c.Hash[:]), Size: c.Size, Kind: c.Kind, MIME: c.MIME}, true
		p, proved, err := r.Proof(id)
		if err != nil {
			return err
		}
		if proved {
			a.Read, a.Proven = time.Unix(0, p.Read).UTC(), e.State == catalog.Present && p.Changed == e.Changed
		}
		if a.Damaged, err = isDamaged(r, id); err != nil {
			return err
		}
		var g group
		err = eachGroup(r, groupsOf("SELECT ? AS k")+" LIMIT 1000", func(all *group) error { g = *all; return nil }, int64(c.ID), 0)
		a.Copies = g.files
		return err
	})
	return a, ok && err == nil, err
}

// Know returns the content of a file, which it reads now unless what is known of
// it still holds; of a damaged one that is what it should hold. A file
// that was written to just now is waited for, at most 2.1 s. Errors: errs.Unsupported for what is no file, errs.Unavailable
// while its volume is offline, errs.Conflict when the file is not as the
// catalogue has it, or changes while it is read; else those of reading it.
func (s *Service) Know(ctx context.Context, id ident.EntryID) (catalog.Content, error) {
	return s.know(ctx, id, impatient)
}

// knowKind names the job that reads one file that somebody asked for.
const knowKind = "content.know"

type knowArgs struct {
	Entry ident.EntryID `json:"entry"`
}

// Soon has a job find out what Know returns, before what nobody waits for; it returns
// at once. Errors: errs.NotFound; why the file could not be read, until it is tried again.
func (s *Service) Soon(ctx context.Context, id ident.EntryID) error {
	var e catalog.Entry
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if e, err = r.Entry(id); err != nil {
			return err
		}
		var kind, reason string
		err = r.Store().QueryRow("SELECT kind, reason FROM unread WHERE entry_id = ? AND seq = ? AND next_ns > ?", int64(id), e.Seq, s.now().UnixNano()).Scan(&kind, &reason)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = errs.New(errs.Kind(kind), "it could not be read: %s", reason)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.jobs.Enqueue(ctx, knowKind, knowArgs{id}, job.Enqueue{
		Key: key("know", int64(id)), Lane: key("know", int64(e.Volume)), Priority: 10, Title: "Identify " + catalog.PlainName(e.Name),
	})
	return err
}

func (s *Service) knowLater(ctx context.Context, _ job.Run, args knowArgs, at struct{}, checkpoint job.Checkpoint[struct{}]) error {
	_, failed := s.know(ctx, args.Entry, sometime)
	if failed == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	var e catalog.Entry
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		e, err = r.Entry(args.Entry)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return nil // the library does not know it any more
	}
	if err != nil {
		return err
	}
	m := miss{e.ID, e.Seq, failed}
	err = checkpoint(at, job.Progress{}, func(tx *store.Tx) error { return m.note(tx, s.now().UnixNano()) })
	return cmp.Or(err, failed)
}

func (s *Service) know(ctx context.Context, id ident.EntryID, h haste) (catalog.Content, error) {
	var f file
	var volume catalog.Volume
	var known catalog.Content
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if f.Entry, err = r.Entry(id); err != nil {
			return err
		}
		if f.Kind != vfs.File || f.State != catalog.Present {
			return errs.New(errs.Unsupported, "only a file that is there can be read")
		}
		if volume, err = r.Volume(f.Volume); err != nil {
			return err
		}
		if f.path, err = r.Path(&f.Entry); err != nil || f.Content == 0 {
			return err
		}
		if p, ok, err := r.Proof(id); err != nil || !ok || p.Changed != f.Changed {
			return err
		}
		known, err = r.Content(f.Content)
		return err
	})
	if err != nil || known.ID != 0 {
		return known, errs.In("content.identify", err)
	}
	driver, err := s.Volumes.Driver(ctx, volume.Identity)
	if err != nil {
		return known, errs.In("content.identify", err)
	}
	got, err := s.readWhen(ctx, driver, &f, h)
	if err != nil {
		return known, errs.In("content.identify", err)
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		content, ok, err := got.put(tx)
		if err != nil {
			return err
		}
		if !ok {
			return errs.New(errs.Conflict, "the file is not as the library has it").Try("Try again when its location was looked at again.")
		}
		known, err = tx.Content(content)
		return err
	})
	if err == nil {
		err = s.tell(ctx, []found{got})
	}
	return known, errs.In("content.identify", err)
}
