package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// running is a plan while it is committed.
type running struct {
	*world
	r        *action.Run
	did      map[uint64]*vfs.Entry      // steps that are done, by key; of copies whose source goes, what stands there since
	made     map[uint64]*step           // that made folders which are not dressed yet, by key
	dressed  []catalog.Deed             // folders that are, of which the catalogue is to be told yet
	left     []*step                    // of these, the ones that are full when what waits is done
	links    map[linked]copied          // copies of files that have several names
	parts    map[catalog.Spot]*conflict // of what is inside items, by where it would come
	begun    map[uint64]*step           // that are half done, and held, by key
	came     map[catalog.Spot]bool      // what came back from the trash
	only     map[uint64]bool            // what has yet to be copied back from where it stands, by spotKey
	seen     previewed
	steps    []*step // to be done in the next batch
	tasks    []*task // of each
	bytes    int64   // in it
	before   load    // what was written before this run
	pacing   *pacing // nil: nothing is written yet, or nobody knows
	own      *copier.Limit
	progress job.Progress
}

type linked struct {
	volume string
	inode  uint64
}

// copied is a copy of a file that has several names: where it was put, what it was
// there, and what it was made of.
type copied struct {
	at       catalog.Spot
	is, from vfs.Entry
	hash     *catalog.Hash
}

type conflict struct {
	choice string
	task   task
	item   int64
}

// run commits a plan of any kind of this package.
func (s *Service) run(ctx context.Context, r *action.Run) error {
	e := &running{
		world: s.world(), r: r, did: map[uint64]*vfs.Entry{}, made: map[uint64]*step{}, links: map[linked]copied{}, begun: map[uint64]*step{},
		parts: map[catalog.Spot]*conflict{}, only: map[uint64]bool{}, came: map[catalog.Spot]bool{},
	}
	sum := r.Plan().Summary
	e.progress.Total = max(sum.Files+sum.Folders, r.Plan().Items)
	claims, err := e.prepare(ctx)
	if err != nil {
		return err
	}
	release, err := s.locks.take(ctx, claims)
	if err != nil {
		return err
	}
	defer release()
	defer func() {
		steady := context.WithoutCancel(ctx)
		e.unclose(steady)
		e.tellDressed(steady)
	}()
	if err := e.recover(ctx); err != nil || r.OnlySettle {
		return err
	}
	if e.seen, err = readPreviewed(ctx, r); err != nil {
		return err
	}
	err = r.Items(ctx, func(it action.Item, decode func(any) error) error {
		var t task
		if err := decode(&t); err != nil || t.Part {
			return err
		}
		return e.item(ctx, &it, &t)
	})
	if err == nil {
		err = e.flush(ctx)
	}
	if err == nil {
		e.dressLeft(ctx)
		err = e.dressAll(ctx)
	}
	if err == nil {
		err = e.giveUp(ctx)
	}
	return err
}

// prepare reads the conflicts inside items, and what places the plan claims.
func (e *running) prepare(ctx context.Context) (claims []claim, err error) {
	err = e.r.Items(ctx, func(it action.Item, decode func(any) error) error {
		var t task
		if err := decode(&t); err != nil {
			return err
		}
		if t.Part {
			e.parts[t.Step.To] = &conflict{it.Choice, t, it.N}
			return nil
		}
		if t.Step.back() {
			e.only[spotKey(t.Step.From)] = true
		}
		if t.Step.From.Volume != "" {
			claims = append(claims, claim{t.Step.From, t.Step.Verb != vWrite || t.Do == moveAcross})
		}
		if t.Step.To.Volume != "" {
			to := t.Step.To
			if t.Free != "" {
				to, _ = to.In()
			}
			claims = append(claims, claim{to, true})
		}
		for _, name := range t.Step.Also {
			claims = append(claims, claim{name, true})
		}
		if t.Step.Like != nil {
			claims = append(claims, claim{*t.Step.Like, false})
		}
		if len(claims) > 4*maxClaims {
			claims = coarse(claims)
		}
		return nil
	})
	return claims, err
}

func within(root, path string) bool { return sdpath.Within(root, path) }
