package job

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// maxWarnings bounds the warnings of one job that are stored.
const maxWarnings = 10_000

// session is one job while it runs. It is the Run of its steps.
type session struct {
	engine *Engine
	def    Def
	parent context.Context // of Serve
	ctx    context.Context // ends when the job must stop
	stop   context.CancelFunc
	began  time.Time
	active int64 // nanoseconds the job had run before this session

	saving sync.Mutex // held during a checkpoint
	rec    record     // as stored; checkpoints alone change step, cursor and saved, under mu

	mu    sync.Mutex
	live  Progress  // what to show
	warns []Warning // since the last checkpoint
	total int64     // warnings in all
	meter meter

	telling sync.Mutex // orders what is told of this job
	over    bool       // the session tells nothing more
}

func (e *Engine) newSession(parent context.Context, d Def, r record) *session {
	s := &session{
		engine: e, def: d, parent: parent, rec: r, began: e.now(), active: r.saved.Active, total: r.saved.Warnings,
		live: Progress{Done: r.saved.Done, Total: r.saved.Total, Bytes: r.saved.Bytes, Current: r.saved.Current},
	}
	s.ctx, s.stop = context.WithCancel(parent)
	s.meter.add(s.began, r.saved.Done)
	return s
}

// JobID is part of Run.
func (s *session) JobID() ident.JobID { return s.rec.id }

// Warn is part of Run.
func (s *session) Warn(path string, err error) {
	w := Warning{Path: path, Kind: errs.KindOf(err)}
	if err != nil {
		w.Message = printable(err.Error())
	}
	s.mu.Lock()
	if w.N = s.total; w.N < maxWarnings {
		s.warns = append(s.warns, w)
	}
	s.total++
	s.mu.Unlock()
	s.engine.touch(s)
}

// Progress is part of Run.
func (s *session) Progress(p Progress) {
	s.mu.Lock()
	s.live = p
	s.mu.Unlock()
	s.engine.touch(s)
}

// checkpoint commits work, cursor, progress and the warnings so far. It is not
// cut short when the job must stop: what is done is worth keeping.
func (s *session) checkpoint(step string, cursor []byte, p Progress, work func(tx *store.Tx) error) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	now := s.engine.now()
	s.mu.Lock()
	r, warns, total := s.rec, s.warns, s.total
	s.mu.Unlock() // warnings that come meanwhile wait for the next checkpoint
	r.step, r.cursor = step, cursor
	r.saved = saved{p.Done, p.Total, p.Bytes, printable(p.Current), total, s.activeAt(now)}
	err := s.engine.db.Write(context.WithoutCancel(s.ctx), func(tx *store.Tx) error {
		if work != nil {
			if err := work(tx); err != nil {
				return err
			}
		}
		if err := insertWarnings(tx, r.id, warns); err != nil {
			return err
		}
		return saveCursor(tx, r)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.rec.step, s.rec.cursor, s.rec.saved = r.step, r.cursor, r.saved
	s.live, s.warns = p, s.warns[len(warns):]
	s.meter.add(now, p.Done)
	s.mu.Unlock()
	s.engine.touch(s)
	return s.ctx.Err()
}

func (s *session) record() record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rec
}

// next stores that the steps before the named one are done.
func (s *session) next(step string) error {
	s.mu.Lock()
	p := s.live
	s.mu.Unlock()
	return s.checkpoint(step, []byte{}, p, nil)
}

func (s *session) activeAt(now time.Time) int64 {
	return s.active + max(0, int64(now.Sub(s.began)))
}

// run does the job's work and stores how it ended.
func (s *session) run() {
	defer s.stop()
	var err error = errs.New(errs.Internal, "the job ended its goroutine")
	defer func() { s.settle(err) }() // also after runtime.Goexit
	err = s.work()
}

// panicked is the error of a job whose code panicked.
type panicked struct{ error }

// work runs the steps. A panic fails this job alone; its stack goes to the log.
func (s *session) work() (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.engine.log.Error("A job panicked", "job", int64(s.rec.id), "kind", s.rec.kind, "panic", p, "stack", string(debug.Stack()))
			err = panicked{errs.New(errs.Internal, "the job panicked: %v", p)}
		}
	}()
	return s.def.run(s)
}
