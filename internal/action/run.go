package action

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// maxFailures bounds the failures of one plan that are stored; more are counted.
const maxFailures = 10_000

// Run is a plan while it is committed. Its action does four things, in this order:
//
//  1. It reads the Journal. A batch that is open was being done when the process
//     died: what stands on the disk tells whether each of its steps was done; it is
//     finished or rolled back, and the batch settled.
//  2. If OnlySettle, it returns.
//  3. It goes through the Items and leaves out what the journal says is done.
//  4. Of all else it says what it is about to do (Intend), does it, and says what
//     was done (Settle), a number of steps at a time.
//
// Errors of Intend and Settle end the run and are returned as they are. A Run
// belongs to one goroutine.
type Run struct {
	OnlySettle bool

	s          *Service
	plan       Plan
	job        job.Run
	checkpoint job.Checkpoint[int64]
	batch      int64 // the newest
	skip       skipping
	failures   []Failure
	failed     int64 // stored ones
	skipped    int64
	progress   job.Progress
}

// Plan returns the plan.
func (r *Run) Plan() Plan { return r.plan }

// Data reads Draft.Data.
func (r *Run) Data(to any) error { return job.Decode(r.plan.data, to) }

// Items calls fn with each item, its choice made, and reads its data with decode.
// fn may write to the journal.
func (r *Run) Items(ctx context.Context, fn func(it Item, decode func(to any) error) error) error {
	return r.s.items(ctx, r.plan.ID, 1, func(it *stored) (bool, error) {
		return true, fn(it.Item, func(to any) error { return decodeValue(it.Data, to) })
	})
}

func decodeValue(v jsontext.Value, to any) error {
	if err := job.Decode(v, to); err != nil {
		return errs.New(errs.Internal, "a stored plan cannot be read: %w", err)
	}
	return nil
}

// Kept calls fn with what Draft.Keep stored, in its order.
func (r *Run) Kept(ctx context.Context, fn func(data []byte) error) error {
	for n := int64(1); ; n++ {
		var data []byte
		var ok bool
		err := r.s.db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query("SELECT data FROM plan_kept WHERE plan_id = ? AND n = ?", int64(r.plan.ID), n)
			if err != nil {
				return err
			}
			defer rows.Close()
			if ok = rows.Next(); ok {
				return rows.Scan(&data)
			}
			return rows.Err()
		})
		if err != nil || !ok {
			return err
		}
		if err := fn(data); err != nil {
			return err
		}
	}
}

// Journal calls fn with the plan's journal, first to last; fn may settle batches.
func (r *Run) Journal(ctx context.Context, fn func(b Batch) error) error {
	return r.s.Journal(ctx, r.plan.ID, false, fn)
}

// Intend stores so many steps that are about to be done, so that even a power cut
// does not forget them, and returns the number of their batch. Those that were
// held take the place of their batches.
func (r *Run) Intend(ctx context.Context, steps any, n int, held ...int64) (int64, error) {
	b, err := r.s.packer.pack(steps)
	if err != nil {
		return 0, err
	}
	batch := r.batch + 1
	err = r.s.db.WriteDurable(ctx, func(tx *store.Tx) error {
		for _, h := range held {
			if _, err := tx.Exec("DELETE FROM journal WHERE plan_id = ? AND n = ?", int64(r.plan.ID), h); err != nil {
				return err
			}
		}
		return r.append(tx, batch, batchOpen, n, b)
	})
	if err == nil {
		r.batch = batch
	}
	return batch, err
}

// Settle stores which steps of a batch were done, with what work writes in the
// same transaction, the failures noted so far, and how far the run has come. No
// steps: the batch came to nothing. It is not cut short when the run must stop;
// then it returns the context's error after the commit.
func (r *Run) Settle(batch int64, steps any, n int, p job.Progress, work func(tx *store.Tx) error) error {
	b, err := r.s.packer.pack(steps)
	if err != nil {
		return err
	}
	r.progress = p
	failures := r.failures
	err = r.checkpoint(batch, p, func(tx *store.Tx) error {
		query, args := "UPDATE journal SET open = 0, steps = ?, data = ? WHERE plan_id = ? AND n = ?", []any{n, b, int64(r.plan.ID), batch}
		if n == 0 {
			query, args = "DELETE FROM journal WHERE plan_id = ? AND n = ?", args[2:]
		}
		if _, err := tx.Exec(query, args...); err != nil {
			return err
		}
		if err := r.storeFailures(tx, failures); err != nil || work == nil {
			return err
		}
		return work(tx)
	})
	if err == nil || errs.Is(err, errs.Cancelled) {
		r.noteStored(failures)
	}
	return err
}

// Note stores what work writes, beside the journal. It is not cut short when the run
// must stop; then it returns the context's error after the commit.
func (r *Run) Note(work func(tx *store.Tx) error) error {
	return r.checkpoint(r.batch, r.progress, work)
}

// Stage writes something between Intend and Settle that must survive a crash:
// the steps of an open batch as they stand now.
func (r *Run) Stage(ctx context.Context, batch int64, steps any, n int) error {
	b, err := r.s.packer.pack(steps)
	if err != nil {
		return err
	}
	return r.s.db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE journal SET steps = ?, data = ? WHERE plan_id = ? AND n = ?", n, b, int64(r.plan.ID), batch)
		return err
	})
}

func (r *Run) storeFailures(tx *store.Tx, fs []Failure) error {
	for i, f := range fs {
		n := r.failed + r.skipped + int64(i)
		if n >= maxFailures {
			return nil
		}
		_, err := tx.Exec("INSERT INTO plan_failure (plan_id, n, item, path, skipped, kind, message) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			int64(r.plan.ID), n, f.Item, append([]byte{}, f.Path...), f.Skipped, string(f.Kind), printable(f.Message))
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) noteStored(fs []Failure) {
	for _, f := range fs {
		if f.Skipped {
			r.skipped++
		} else {
			r.failed++
		}
	}
	r.failures = r.failures[len(fs):]
}

// Fail notes that something was not changed; the run goes on.
func (r *Run) Fail(item int64, path string, err error) {
	r.failures = append(r.failures, Failure{Item: item, Path: path, Kind: errs.KindOf(err), Message: err.Error()})
}

// Skip notes that something was left alone, as it was to be.
func (r *Run) Skip(item int64, path, why string) {
	r.failures = append(r.failures, Failure{Item: item, Path: path, Skipped: true, Message: why})
}

// Show tells how far the run has come, between two calls of Settle. at is where what it
// works on comes (SdPath), by which it can be left out; "": it cannot.
func (r *Run) Show(p job.Progress, at string) {
	r.skip.show(thing{p.Current, at})
	r.job.Progress(p)
}

// commitJob is the job of a plan.
func (s *Service) commitJob(ctx context.Context, j job.Run, args jobArgs, _ int64, checkpoint job.Checkpoint[int64]) error {
	r := &Run{OnlySettle: args.Settle, s: s, job: j, checkpoint: checkpoint}
	err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
		if r.plan, err = load(tx, args.Plan); err != nil {
			return err
		}
		// What failed before is tried again.
		if _, err := tx.Exec("DELETE FROM plan_failure WHERE plan_id = ?", int64(args.Plan)); err != nil {
			return err
		}
		return tx.QueryRow("SELECT coalesce(max(n), 0) FROM journal WHERE plan_id = ?", int64(args.Plan)).Scan(&r.batch)
	})
	if err != nil {
		return err
	}
	if r.plan.State != Committing && !args.Settle {
		return nil // its end was stored, and the process died before that of the job
	}
	k, known := s.kinds[r.plan.Action]
	if !known {
		return s.end(ctx, r, errs.New(errs.Unsupported, "this version of Stardrive knows no action %q", r.plan.Action))
	}
	s.begin(r)
	err = k.run(ctx, r)
	s.ended(r)
	if err != nil && ctx.Err() != nil {
		return err // the job goes on later, or was cancelled
	}
	return s.end(ctx, r, err)
}

// end stores how a plan ended, so that a power cut does not forget it.
func (s *Service) end(ctx context.Context, r *Run, failed error) error {
	err := s.db.WriteDurable(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		p, err := load(tx, r.plan.ID)
		if err != nil {
			return err
		}
		if err := r.storeFailures(tx, r.failures); err != nil {
			return err
		}
		r.noteStored(r.failures)
		if err := tx.QueryRow("SELECT coalesce(sum(steps), 0) FROM journal WHERE plan_id = ? AND open = 0", int64(p.ID)).Scan(&p.Done); err != nil {
			return err
		}
		p.Failed, p.Skipped = r.failed, r.skipped
		switch {
		case r.OnlySettle && p.State == Failed && p.Done > 0: // as it turns out
			p.State = Partial
		case r.OnlySettle:
		case failed == nil && r.failed == 0:
			p.State = Done
		case p.Done > 0:
			p.State = Partial
		default:
			p.State = Failed
		}
		if failed != nil {
			p.Error, p.ErrorKind = printable(failed.Error()), errs.KindOf(failed)
		}
		p.Finished = s.now()
		if p.UndoOf != 0 && p.Done == 0 && p.State != Done {
			// It took nothing back.
			if _, err := tx.Exec("UPDATE plan SET undone_by = 0 WHERE id = ? AND undone_by = ?", int64(p.UndoOf), int64(p.ID)); err != nil {
				return err
			}
		}
		return s.store(tx, p)
	})
	if err != nil {
		return err
	}
	return failed
}
