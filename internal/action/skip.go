package action

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// skipping is the wish to leave out what a run works on at this moment.
type skipping struct {
	mu      sync.Mutex
	current thing
	asked   *wish // nil: nobody does
	over    bool  // the run has ended: nobody would answer
}

// thing is what is worked on: what it is called, and where it comes, which nothing else
// of the plan does; none if that is "".
type thing struct{ name, at string }

// wish names what is to be left out; its answer comes when it is, or is no more.
type wish struct {
	thing
	granted bool
	ended   chan struct{}
}

func (s *skipping) show(current thing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = current
}

// Skipped reports, once, that what comes at this place is to be left out: the action
// asks while it works on it.
func (r *Run) Skipped(at string) bool {
	s := &r.skip
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil || s.asked.at != at {
		return false
	}
	s.asked.granted = true
	close(s.asked.ended)
	s.asked = nil
	return true
}

// Unskip says that what could be left out until now is done.
func (r *Run) Unskip() {
	s := &r.skip
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked != nil {
		close(s.asked.ended)
		s.asked = nil
	}
}

// Skip has what plan id works on at this moment left out, if it is still current (its
// name, as the progress of its job shows it, or the SdPath where it comes; "": whatever
// it is), and returns when it is. Kinds: Conflict, it is done already, or nothing can be left out now.
func (s *Service) Skip(ctx context.Context, id ident.PlanID, current string) (Plan, error) {
	p, err := s.Get(ctx, id)
	if err != nil {
		return p, err
	}
	s.mu.Lock()
	r := s.running[id]
	s.mu.Unlock()
	if r == nil {
		return p, errs.New(errs.Conflict, "plan %d is not being committed now", id)
	}
	w, err := r.skip.wish(current)
	if err != nil {
		return p, err
	}
	select {
	case <-w.ended:
	case <-ctx.Done():
		r.skip.withdraw(w)
		return p, ctx.Err()
	}
	if !w.granted {
		return p, errs.New(errs.Conflict, "it is done already").At(w.at)
	}
	return s.Get(ctx, id)
}

func (s *skipping) wish(which string) (*wish, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.current.at == "" || s.over:
		return nil, errs.New(errs.Conflict, "nothing is being copied at this moment")
	case which != "" && which != s.current.name && which != s.current.at:
		return nil, errs.New(errs.Conflict, "it is not being copied any more").At(which)
	case s.asked != nil && s.asked.thing == s.current:
		return s.asked, nil
	case s.asked != nil:
		close(s.asked.ended)
	}
	s.asked = &wish{thing: s.current, ended: make(chan struct{})}
	return s.asked, nil
}

func (s *skipping) withdraw(w *wish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == w {
		close(w.ended)
		s.asked = nil
	}
}

// begin and ended keep the runs that can be asked to leave something out.
func (s *Service) begin(r *Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[r.plan.ID] = r
}

func (s *Service) ended(r *Run) {
	r.skip.mu.Lock()
	r.skip.over = true
	r.skip.mu.Unlock()
	r.Unskip()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, r.plan.ID)
}
