package action

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	keepPlanned = 24 * time.Hour      // a plan that nobody commits
	keepHistory = 90 * 24 * time.Hour // and how long it can be undone
	pageItems   = 512                 // items in a row of plan_item
)

// jobKind is the kind of job that commits plans.
const jobKind = "action.commit"

// Options of a Service.
type Options struct {
	DB    *store.DB
	Kinds []Kind
	Now   func() time.Time // default time.Now
	Log   *slog.Logger
}

// Service keeps the plans of one library. Its methods are safe for concurrent use.
type Service struct {
	db     *store.DB
	kinds  map[string]Kind
	now    func() time.Time
	log    *slog.Logger
	jobs   *job.Engine
	packer packer

	mu      sync.Mutex
	running map[ident.PlanID]*Run // guarded by mu
}

// New returns a Service. It panics when a kind is given twice.
func New(o Options) *Service {
	s := &Service{db: o.DB, kinds: map[string]Kind{}, running: map[ident.PlanID]*Run{}, now: o.Now, log: o.Log}
	for _, k := range o.Kinds {
		if _, twice := s.kinds[k.Action]; twice {
			panic("action: kind " + k.Action + " is defined twice")
		}
		s.kinds[k.Action] = k
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// jobArgs are those of the job that commits a plan.
type jobArgs struct {
	Plan ident.PlanID `json:"plan"`
	// Settle: only put right what a process that died left half done.
	Settle bool `json:"settle,omitempty"`
}

// JobDefs are the kinds of jobs of this package.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{job.New(jobKind, "Change files", job.Do("commit", s.commitJob)).Reserved()}
}

// Start gives the service the engine that runs its jobs, and has those plans
// looked after that a process that died left half done, and nobody goes on with.
func (s *Service) Start(ctx context.Context, jobs *job.Engine) error {
	s.jobs = jobs
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		dead, err := planIDs(tx, "SELECT id FROM plan WHERE state = 'planning'")
		if err != nil {
			return err
		}
		for _, id := range dead {
			if err := erase(tx, id); err != nil {
				return err
			}
		}
		return s.settle(tx, "TRUE")
	})
	return errs.In("plan.start", err)
}

func lane(id ident.PlanID) string { return fmt.Sprintf("plan %d", id) }

func planIDs(tx *store.Tx, query string) (ids []ident.PlanID, err error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, ident.PlanID(id))
	}
	return ids, rows.Err()
}

func erase(tx *store.Tx, id ident.PlanID) error {
	if err := drop(tx, id, true); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM plan WHERE id = ?", int64(id))
	return err
}

// Propose has a plan made and stores it. actor is who asks: "user". Errors are
// those of the action; then nothing is stored.
func (s *Service) Propose(ctx context.Context, q Request, actor string) (Plan, error) {
	return s.propose(ctx, q, Plan{Actor: actor})
}

func (s *Service) propose(ctx context.Context, q Request, p Plan) (_ Plan, err error) {
	k, ok := s.kinds[q.Action]
	if !ok {
		return p, errs.New(errs.Unsupported, "this version of Stardrive knows no action %q", q.Action)
	}
	p.Action, p.State, p.Created = q.Action, planning, s.now()
	p.Expires = p.Created.Add(keepPlanned)
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := s.tidy(tx); err != nil {
			return err
		}
		res, err := tx.Exec(`INSERT INTO plan (action, title, state, data, summary, warnings, confirm, items, undecided, actor, job_id, undo_of, undone_by, undoes,
			done, failed, skipped, error, kind_of_error, created_ns, expires_ns, committed_ns, finished_ns)
			VALUES (?, '', 'planning', x'', x'', x'', '', 0, 0, ?, 0, ?, 0, ?, 0, 0, 0, '', '', ?, ?, 0, 0)`,
			p.Action, p.Actor, int64(p.UndoOf), p.undoes, nanos(p.Created), nanos(p.Expires))
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		p.ID = ident.PlanID(id)
		return err
	})
	if err != nil {
		return p, err
	}
	d := &drafting{s: s, plan: p.ID}
	draft := &Draft{add: d.item, keep: d.keep}
	if err = k.plan(ctx, q.Args, draft); err == nil {
		err = d.flush(ctx)
	}
	if err == nil {
		err = s.db.Write(ctx, func(tx *store.Tx) error { return d.finish(tx, draft, &p) })
	}
	if err != nil {
		gone := s.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { return erase(tx, p.ID) })
		if gone != nil {
			s.log.Warn("A plan that came to nothing was not removed", "plan", int64(p.ID), "error", gone) // Start does
		}
		return Plan{}, err
	}
	return s.Get(ctx, p.ID)
}

// drafting stores a plan while it is made, so that its length does not matter.
type drafting struct {
	s         *Service
	plan      ident.PlanID
	page      []stored
	n         int64 // items so far
	undecided int64
	kept      int64
}

func (d *drafting) item(ctx context.Context, it stored) (int64, error) {
	d.n++
	it.N = d.n
	if it.Conflict != "" && it.Choice == "" {
		d.undecided++
	}
	d.page = append(d.page, it)
	if len(d.page) < pageItems {
		return d.n, nil
	}
	return d.n, d.flush(ctx)
}

func (d *drafting) flush(ctx context.Context) error {
	if len(d.page) == 0 {
		return nil
	}
	b, err := d.s.packer.pack(d.page)
	if err != nil {
		return err
	}
	first := d.page[0].N
	d.page = d.page[:0]
	return d.s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO plan_item (plan_id, first, data) VALUES (?, ?, ?)", int64(d.plan), first, b)
		return err
	})
}

func (d *drafting) keep(ctx context.Context, data []byte) error {
	d.kept++
	return d.s.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO plan_kept (plan_id, n, data) VALUES (?, ?, ?)", int64(d.plan), d.kept, data)
		return err
	})
}

func (d *drafting) finish(tx *store.Tx, draft *Draft, p *Plan) error {
	data, err := job.Encode(draft.Data)
	if err != nil {
		return errs.New(errs.Internal, "a plan cannot be stored: %w", err)
	}
	if draft.Summary.Room == nil {
		draft.Summary.Room = []Room{}
	}
	summary, err := job.Encode(draft.Summary)
	if err != nil {
		return errs.New(errs.Internal, "a plan cannot be stored: %w", err)
	}
	if draft.Warnings == nil {
		draft.Warnings = []string{}
	}
	warnings, err := json.Marshal(draft.Warnings) // it makes valid text of any
	if err != nil {
		return errs.New(errs.Internal, "a plan cannot be stored: %w", err)
	}
	_, err = tx.Exec("UPDATE plan SET title = ?, state = 'planned', data = ?, summary = ?, warnings = ?, confirm = ?, items = ?, undecided = ? WHERE id = ?",
		printable(draft.Title), data, summary, warnings, printable(draft.Confirm), d.n, d.undecided, int64(p.ID))
	return err
}
