package content

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
)

// racyTime is longer than any file system's step of time (two seconds, of FAT). A
// file that is written again within a step shows nothing of it: size and times are
// what they were. So no file is read for good before its times are older than that.
const racyTime = 2100 * time.Millisecond

// tooYoung tells how long a file seen so cannot be read for good yet, 0: it can be
// read now. Times in the future say nothing of when it was written: then the ctime
// decides, which nobody can set, and when that is in the future too, as after a clock
// was set back, the file is read once it was seen unchanged for as long.
func (s *Service) tooYoung(seen *vfs.Entry, now time.Time) time.Duration {
	at := max(seen.Modified, seen.Changed)
	if seen.Modified > now.UnixNano() && seen.Changed != 0 {
		at = seen.Changed
	}
	age := now.UnixNano() - at // negative: at is so long ago that it overflowed
	switch {
	case at > now.UnixNano():
		return s.racy
	case age >= int64(s.racy) || age < 0:
		return 0
	}
	return s.racy - time.Duration(age)
}

// sameTimes reports whether nothing tells that a file was written to between two
// looks at it.
func sameTimes(a, b *vfs.Entry) bool {
	return a.Size == b.Size && a.Modified == b.Modified && a.Changed == b.Changed && a.Inode == b.Inode
}

// pause waits until a moment, or for ctx.
func pause(ctx context.Context, until time.Time) error {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// young is a file that cannot be read for good yet.
type young struct {
	f     *file
	seen  vfs.Entry // how it is
	ready time.Time // when it can be read, if it is still so then
}

// grown reads the files of the window that were too young when their turn came. What
// was written to meanwhile is left: the change feed tells of it when its location was
// looked at again.
func (p *pass) grown(ctx context.Context) error {
	if len(p.young) == 0 {
		return nil
	}
	if err := p.commit(ctx, "", false); err != nil { // the others need not wait
		return err
	}
	for i := range p.young {
		y := &p.young[i]
		if err := pause(ctx, y.ready); err != nil {
			return err
		}
		if err := p.one(ctx, y.f, &y.seen); err != nil {
			return err
		}
		if err := p.full(ctx, y.f); err != nil {
			return err
		}
	}
	return nil
}

// readWhen is read for who has nothing else to do meanwhile: of a file that is too
// young it waits until it can be read.
func (s *Service) readWhen(ctx context.Context, driver vfs.Driver, f *file, h haste) (found, error) {
	one := func(settled *vfs.Entry) (found, time.Duration, error) {
		done, err := s.reads.take(ctx, turn{f.Volume, h})
		if err != nil {
			return found{}, 0, err
		}
		defer done()
		return s.readNow(ctx, driver, f, settled)
	}
	got, wait, err := one(nil)
	if err != nil || wait == 0 {
		return got, err
	}
	if err := pause(ctx, time.Now().Add(wait)); err != nil {
		return got, err
	}
	seen := got.seen
	if got, wait, err = one(&seen); err == nil && wait > 0 {
		err = errChanged()
	}
	return got, err
}
