package job

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// Options of an Engine; all zero values are usable.
type Options struct {
	Log *slog.Logger
	// Notify is told of every change of state, in order, and of progress at
	// most four times a second for each job. It must not block, and must not
	// call the engine.
	Notify     func(Snapshot)
	MaxRunning int              // jobs that run at the same time; default 4, beside those of reserved kinds
	Now        func() time.Time // default time.Now
}

const (
	maxRunning  = 4
	maxReserved = 8 // of reserved kinds
	notifyEvery = 250 * time.Millisecond
	retryEvery  = time.Second // to start jobs, after the database failed
)

// Engine runs the jobs of one library. All methods are safe for concurrent use.
type Engine struct {
	db     *store.DB
	defs   map[string]Def
	log    *slog.Logger
	notify func(Snapshot)
	max    int
	now    func() time.Time

	wake    chan struct{} // there may be a job to start
	touched chan struct{} // some session has something to show

	mu      sync.Mutex
	serving bool
	running map[ident.JobID]*session
	dirty   map[*session]bool
	waiting map[ident.JobID]*waiter
}

// NewEngine returns an engine for jobs of the given kinds, stored in db. Jobs
// can be queued at once; they run while Serve does. It panics when a kind is
// given twice.
func NewEngine(db *store.DB, defs []Def, o Options) *Engine {
	e := &Engine{
		db: db, defs: map[string]Def{}, log: o.Log, notify: o.Notify, max: cmp.Or(o.MaxRunning, maxRunning), now: o.Now,
		wake: make(chan struct{}, 1), touched: make(chan struct{}, 1),
		running: map[ident.JobID]*session{}, dirty: map[*session]bool{}, waiting: map[ident.JobID]*waiter{},
	}
	for _, d := range defs {
		if _, twice := e.defs[d.Kind]; twice {
			panic(fmt.Sprintf("job kind %s is defined twice", d.Kind))
		}
		e.defs[d.Kind] = d
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.notify == nil {
		e.notify = func(Snapshot) {}
	}
	if e.now == nil {
		e.now = time.Now
	}
	return e
}

// Serve runs queued jobs, higher priority first, then older first, until ctx
// ends. Then the running jobs are stopped at their last checkpoint, stay
// queued, and Serve returns nil when the last one has stopped. Jobs found
// running at its start, because the process died, are queued again; jobs whose
// kind this program does not know fail.
func (e *Engine) Serve(ctx context.Context) error {
	e.mu.Lock()
	twice := e.serving
	e.serving = true
	e.mu.Unlock()
	if twice {
		return errs.New(errs.Conflict, "the job engine is running already")
	}
	defer func() {
		e.mu.Lock()
		e.serving = false
		e.mu.Unlock()
	}()
	if err := e.recover(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // it ended before anything began
		}
		return err
	}
	var sessions sync.WaitGroup
	defer sessions.Wait() // they have seen ctx end
	show := time.NewTimer(time.Hour)
	defer show.Stop()
	show.Stop()
	armed := false
	for {
		if err := e.fill(ctx, &sessions); err != nil && ctx.Err() == nil {
			e.log.Error("Starting jobs failed", "error", err)
			if pause(ctx, retryEvery) {
				continue
			}
		}
		for again := true; again; {
			again = false
			select {
			case <-ctx.Done():
				return nil
			case <-e.wake:
			case <-e.touched:
				if !armed {
					armed = true
					show.Reset(notifyEvery)
				}
				again = true
			case <-show.C:
				armed, again = false, true
				e.showTouched()
			}
		}
	}
}

// recover puts right what a process that died left behind.
func (e *Engine) recover(ctx context.Context) error {
	return e.db.Write(ctx, func(tx *store.Tx) error {
		open, err := list(tx, "WHERE state IN ('queued', 'running', 'paused')")
		if err != nil {
			return err
		}
		for _, r := range open {
			before := r.state
			_, known := e.defs[r.kind]
			switch {
			case !known:
				r.fail(e.now(), unknownKind(r.kind))
			case r.state != Running:
			case r.want == wantStop:
				r.state, r.finished = Cancelled, e.now().UnixNano()
			case r.want == wantPause:
				r.state = Paused
			default:
				r.state = Queued
			}
			if r.state == before {
				continue
			}
			r.want = nothing
			if err := e.change(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func unknownKind(kind string) error {
	return errs.New(errs.Unsupported, "this version of Stardrive knows no jobs of kind %q", kind)
}

func (r *record) fail(now time.Time, err error) {
	r.state, r.err, r.errKind, r.finished = Failed, printable(err.Error()), errs.KindOf(err), now.UnixNano()
}

// change stores r and tells of it after the commit.
func (e *Engine) change(tx *store.Tx, r record) error {
	if err := update(tx, r); err != nil {
		return err
	}
	tx.AfterCommit(func() { e.changed(r) })
	return nil
}

// fill starts queued jobs while there is room for them.
func (e *Engine) fill(ctx context.Context, sessions *sync.WaitGroup) error {
	ids, err := e.startable(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	var started []*session
	err = e.db.Write(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			s, err := e.start(ctx, tx, id)
			if err != nil {
				return err
			}
			if s != nil {
				started = append(started, s)
			}
		}
		return nil
	})
	for _, s := range started {
		if err != nil {
			s.stop()
			continue
		}
		sessions.Go(s.run)
	}
	return err
}

// start makes a queued job a running one. It returns nil if the job is not to
// be run after all.
func (e *Engine) start(ctx context.Context, tx *store.Tx, id ident.JobID) (*session, error) {
	r, err := load(tx, id)
	if errs.Is(err, errs.NotFound) || err == nil && r.state != Queued {
		return nil, nil // paused, cancelled or gone meanwhile
	} else if err != nil {
		return nil, err
	}
	d, known := e.defs[r.kind]
	if !known {
		r.fail(e.now(), unknownKind(r.kind))
		return nil, e.change(tx, r)
	}
	r.state = Running
	if r.started == 0 {
		r.started = e.now().UnixNano()
	}
	if err := update(tx, r); err != nil {
		return nil, err
	}
	s := e.newSession(ctx, d, r)
	tx.AfterCommit(func() { e.begun(s) })
	return s, nil
}

// startable returns the queued jobs that may start now: one for each lane that
// is free, as many as there is room for.
func (e *Engine) startable(ctx context.Context) (ids []ident.JobID, err error) {
	lanes := map[string]bool{}
	e.mu.Lock()
	room := map[bool]int{false: e.max, true: maxReserved} // by whether a kind is reserved
	for _, s := range e.running {
		lanes[s.rec.lane] = true
		room[s.def.reserved]--
	}
	e.mu.Unlock()
	if room[false] <= 0 && room[true] <= 0 {
		return nil, nil
	}
	err = e.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT id, kind, lane FROM job WHERE state = 'queued' ORDER BY priority DESC, id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for (room[false] > 0 || room[true] > 0) && rows.Next() {
			var id ident.JobID
			var kind, lane string
			if err := rows.Scan(&id, &kind, &lane); err != nil {
				return err
			}
			reserved := e.defs[kind].reserved
			if room[reserved] > 0 && (lane == "" || !lanes[lane]) {
				lanes[lane] = true
				room[reserved]--
				ids = append(ids, id)
			}
		}
		return rows.Err()
	})
	return ids, err
}
