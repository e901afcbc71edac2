package embed

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
)

// spare is how much of a file may count no more before that is looked at.
const spare = 4 << 20

// Flush writes what was put and dropped, and returns when it is on the disk. Now
// and then it writes more: blocks of like size become one, so that there are never
// many, and a file most of which counts no more is made anew. It blocks changes,
// and not those who ask. After an error nothing is lost but not everything is on
// the disk: it may be tried again. Errors: errs.Cancelled, errs.Unavailable
// (closed, the disk is full), ErrUnusable, those of the disk.
func (x *Index) Flush(ctx context.Context) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.closed {
		return x.errClosed()
	}
	if x.memory.live == 0 && len(x.gone) == 0 {
		return errs.In("embed.flush", ctx.Err())
	}
	// Nothing here is changed by others while writing is held, so that it can be
	// read without mu; it is taken to put the new block in its place.
	err := guard(x.path, func() error { return x.flush(ctx) })
	return errs.In("embed.flush", err)
}

func (x *Index) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	keep := x.keep()
	gone := make(map[int64]struct{}, len(x.gone))
	for owner := range x.gone {
		gone[owner] = struct{}{}
	}
	b := merge(x.shape, append(x.blocks[keep:len(x.blocks):len(x.blocks)], x.memory), x.blocks[:keep], gone)
	var p *part
	var err error
	if keep == 0 {
		p, err = x.file.replace(ctx, b)
	} else {
		b.head.Replaces = uint32(len(x.blocks) - keep)
		p, err = x.file.append(ctx, b)
	}
	if err != nil {
		x.spoilt = true
		return err
	}
	x.spoilt = false
	x.mu.Lock()
	old := x.blocks[keep:]
	x.blocks = append(x.blocks[:keep:keep], p)
	x.memory, x.gone = inMemory(), map[int64]struct{}{}
	x.mu.Unlock()
	for _, o := range old { // nobody looks at them any more: mu was ours
		if err := o.release(); err != nil {
			return err
		}
	}
	return nil
}

// keep is how many of the blocks stay as they are: the last ones that are not
// much larger than what comes to them are merged with that. Where the file would
// hold more that counts no more than what counts, none stays.
func (x *Index) keep() int {
	rows, live := x.memory.live, x.memory.live
	for _, b := range x.blocks {
		live += b.live
	}
	keep := len(x.blocks)
	for ; keep > 0 && x.blocks[keep-1].rows() <= 2*rows; keep-- {
		rows += x.blocks[keep-1].live
	}
	if x.spoilt || x.file.slot.Length+int64(rows)*x.shape.row() > 2*int64(live)*x.shape.row()+spare {
		return 0
	}
	return keep
}
