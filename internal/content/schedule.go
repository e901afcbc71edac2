package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	scrubLook   = time.Hour
	scrubAfter  = 10 * time.Minute // a start is no time for what can wait
	scrubFewest = 10               // of a tenth of the interval: what is due soon is read at once with what is due
)

// scrubOnTime has volumes read again when the time of one of their files has
// come, until ctx ends. What fails is tried at the next look.
func (s *Service) scrubOnTime(ctx context.Context) {
	if s.ScrubEvery < 0 {
		return
	}
	t := time.NewTimer(scrubAfter)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		if err := s.scrubDue(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.Log.Warn("Looking which files are to be checked for damage failed", "error", err)
		}
		t.Reset(scrubLook)
	}
}

// scrubDue queues a job for each volume that is here and has a file whose time
// has come.
func (s *Service) scrubDue(ctx context.Context, now time.Time) error {
	if s.OnBattery != nil && s.OnBattery() {
		return nil
	}
	paused, err := s.jobs.List(ctx, job.Filter{Kind: scrubKind, States: []job.State{job.Paused}})
	if err != nil {
		return err
	}
	var due []catalog.Volume
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		if err != nil {
			return err
		}
		for _, v := range vs {
			if !s.Volumes.Ground(v).Online || slices.ContainsFunc(paused, func(j job.Snapshot) bool { return j.Title == scrubTitle(v) }) {
				continue
			}
			files, err := r.ProvenBefore(v.ID, now.Add(-s.ScrubEvery).UnixNano(), 0, 0, 1)
			if err != nil {
				return err
			}
			if len(files) > 0 {
				due = append(due, v)
			}
		}
		return nil
	})
	for _, v := range due {
		if err == nil {
			_, err = s.scrubVolume(ctx, v, scrubArgs{Volume: v.ID, Due: true, Before: now.Add(-s.ScrubEvery + s.ScrubEvery/scrubFewest).UnixNano()}, scrubTitle(v))
		}
	}
	return err
}

func scrubTitle(v catalog.Volume) string {
	return "Check files of " + catalog.PlainName(v.Name) + " for damage"
}

// key names a job by what it reads: who asks for something else than the job under
// way does gets one of its own, behind it. When it was asked for makes no
// difference, or each look at what is due would queue another.
func (a scrubArgs) key() string {
	return fmt.Sprintf("%s:%d:fast=%t:due=%t", key("scrub", int64(a.Volume)), a.Folder, a.Fast, a.Due)
}

func (s *Service) scrubVolume(ctx context.Context, v catalog.Volume, args scrubArgs, title string) (*job.Snapshot, error) {
	return s.start(ctx, scrubKind, args, job.Enqueue{Key: args.key(), Lane: key("scrub", int64(v.ID)), Priority: -100, Title: title})
}

// ScrubIn names what to read again.
type ScrubIn struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"a folder, location or file; default: all volumes that are here"`
	Fast bool   `json:"fast,omitempty" jsonschema:"without the pauses that leave the disk to others"`
}

// ScrubOut tells which jobs read.
type ScrubOut struct {
	Items []job.Snapshot `json:"items" jsonschema:"one job a volume"`
	Next  string         `json:"next" jsonschema:"when the next is due"`
}

// scrubNow has files read again, however lately they were read.
func (s *Service) scrubNow(ctx context.Context, in ScrubIn) (out ScrubOut, err error) {
	args := scrubArgs{Before: time.Now().UnixNano(), Fast: in.Fast}
	var vs []catalog.Volume
	title := func(v catalog.Volume) string { return scrubTitle(v) }
	if in.Path != "" {
		e, v, err := s.find(ctx, in.Path, "")
		if err != nil {
			return out, err
		}
		if !s.Volumes.Ground(v).Online {
			return out, errs.New(errs.Unavailable, "its volume is offline").Try("Connect the volume " + catalog.PlainName(v.Name) + ".")
		}
		if e.Kind != vfs.Folder && e.Kind != vfs.File {
			return out, errs.New(errs.Unsupported, "a %s has no content", e.Kind).At(in.Path)
		}
		if vs = append(vs, v); e.Parent != 0 {
			args.Folder = e.ID
			title = func(catalog.Volume) string { return "Check " + catalog.PlainName(e.Name) + " for damage" }
		}
	} else if vs, err = s.online(ctx); err != nil {
		return out, err
	}
	out.Items = []job.Snapshot{}
	for _, v := range vs {
		args.Volume = v.ID
		snap, err := s.scrubVolume(ctx, v, args, title(v))
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, *snap)
	}
	return out, nil
}

// online returns the volumes that can be read now.
func (s *Service) online(ctx context.Context) (here []catalog.Volume, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		here = slices.DeleteFunc(vs, func(v catalog.Volume) bool { return !s.Volumes.Ground(v).Online })
		return err
	})
	return here, err
}
