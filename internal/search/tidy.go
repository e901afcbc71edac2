package search

import (
	"context"
	"time"
)

const (
	// calm is how long nothing must change before the table is tidied up.
	calm = 2 * time.Second
	// rarely is how often it is looked for what nobody tells: that was searched.
	rarely = time.Minute
	// keepFew is how many changes are not worth a block at the end: to read them
	// from the feed takes some milliseconds.
	keepFew = 2000
)

// wait returns when there is something to follow. When all is calm it tidies up.
func (k *keeper) wait(ctx context.Context) error {
	until := rarely
	if k.untidy() {
		until = calm
	}
	pause, end := context.WithTimeout(ctx, until)
	defer end()
	if k.merging != nil {
		defer context.AfterFunc(k.merging.done, end)()
	}
	err := k.wake.Wait(pause, k.t.seq)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return k.tidy(ctx)
}

// untidy reports whether there will be something to do when all is calm.
func (k *keeper) untidy() bool {
	return k.t.searches.Load() != k.rested || k.merging == nil && (k.large() || k.t.spare != nil || !k.settled && k.t.worn())
}

// large reports whether there is much in memory that could be in the file.
func (k *keeper) large() bool {
	return k.t.file != nil && k.t.grow != nil && k.t.grow.rows() > k.t.perSeg/16
}

func (k *keeper) tidy(ctx context.Context) error {
	if k.merging != nil {
		return k.adopt(ctx)
	}
	if n := k.t.searches.Load(); n != k.seen {
		k.seen = n // nobody is calm who searches
		return nil
	}
	if !k.untidy() {
		return nil
	}
	if k.large() {
		if err := k.seal(ctx, k.t); err != nil {
			return err
		}
	}
	k.t.slim()
	if !k.settled && k.t.worn() {
		return k.merge(ctx)
	}
	k.rested = k.seen
	k.rest(k.t)
	if k.Rested != nil {
		k.Rested()
	}
	return nil
}

// merge begins to write the table anew, beside.
func (k *keeper) merge(ctx context.Context) error {
	if err := k.seal(ctx, k.t); err != nil {
		return err
	}
	to := k.newFile()
	if to == nil && k.t.file != nil {
		k.settled = true // better a worn file than none
		return nil
	}
	m := k.t.newMerger(to)
	ctx, m.stop = context.WithCancel(ctx)
	done, through := context.WithCancel(context.WithoutCancel(ctx))
	m.done, k.merging = done, m
	go func() {
		defer through()
		m.err = m.run(ctx)
	}()
	return nil
}

// adopt waits for the merging to end, and takes over what it has made.
func (k *keeper) adopt(ctx context.Context) error {
	m := k.merging
	k.merging = nil
	<-m.done.Done()
	m.stop()
	err := m.err
	if err == nil {
		var failed error
		if err = guard(func() { failed = k.t.adopt(m) }); err == nil {
			err = failed
		}
	}
	if err == nil {
		return nil
	}
	m.drop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	k.settled = true
	k.Log.Warn("The name index cannot be tidied up", "path", k.Path, "error", err)
	if isFault(err) {
		return err
	}
	return nil
}

// endMerge gives up what is being merged.
func (k *keeper) endMerge() {
	if m := k.merging; m != nil {
		k.merging = nil
		m.stop()
		<-m.done.Done()
		m.drop()
	}
}

// end stores what is worth it, and lets go of the table.
func (k *keeper) end() {
	k.endMerge()
	k.show(nil, false)
	t := k.t
	if t == nil {
		return
	}
	if t.file != nil && t.file.isComplete() && !t.closed {
		few := len(t.kills)
		if t.grow != nil {
			few += t.grow.rows()
		}
		if few > keepFew {
			if err := k.seal(context.Background(), t); err != nil {
				k.Log.Warn("The name index could not be read to its end", "path", k.Path, "error", err)
			}
		}
	}
	t.end()
}
