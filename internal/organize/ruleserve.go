package organize

import (
	"context"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
)

// Jobs is who runs jobs.
type Jobs interface {
	Enqueue(ctx context.Context, kind string, args any, o job.Enqueue) (ident.JobID, error)
}

// ruleJobKind is the job that applies a rule to all that is there.
const ruleJobKind = "organize.rule"

type ruleArgs struct {
	Rule string `json:"rule"`
}

// JobDefs are the jobs of this domain; of tells who does them when they run.
func JobDefs(of func() *Service) []job.Def {
	return []job.Def{job.New(ruleJobKind, "Apply a rule", job.Do("files",
		func(ctx context.Context, _ job.Run, args ruleArgs, _ int, checkpoint job.Checkpoint[int]) error {
			return of().ruleJob(ctx, args.Rule, checkpoint)
		}))}
}

// Start tells who runs jobs. It is called before Serve.
func (s *Service) Start(jobs Jobs) { s.jobs = jobs }

// ruleJob follows one rule. Begun anew after a crash it passes over what has what the
// rule gives.
func (s *Service) ruleJob(ctx context.Context, rule string, checkpoint job.Checkpoint[int]) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	var r order
	on, idle := false, s.idleRules(ctx)[rule]
	s.model.look(func(*tree) {
		if o := s.model.objects[rule]; o.there() {
			r = s.order(o)
			on = s.model.stands(r) && !idle
		}
	})
	if !on {
		return nil
	}
	return s.followRule(ctx, r, func(done, total int) error {
		return checkpoint(done, job.Progress{Done: int64(done), Total: int64(total)}, nil)
	})
}

// ruling is the work on rules.
type ruling struct {
	working sync.Mutex // held by who follows a rule
	mu      sync.Mutex
	states  map[string]ruleStatus
}

type ruleStatus struct {
	state   RuleState
	problem string
}

func (r *ruling) state(rule string) ruleStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[rule]
}

func (r *ruling) set(states map[string]ruleStatus) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states = states
}

const (
	// ruleRest is after how long rules are followed again when nothing is heard: they
	// may ask for times.
	ruleRest = 10 * time.Minute
	// ruleShare is how many times as long as they took rules rest at least.
	ruleShare = 5
)

// serveRules follows the rules when the catalogue or what users added has changed,
// until ctx ends.
func (s *Service) serveRules(ctx context.Context) {
	news := s.Bus.Subscribe()
	defer news.Close()
	select {
	case <-s.verified:
	case <-ctx.Done():
		return
	}
	wait := 2 * s.Rest
	for {
		seen := s.Catalog.Reached()
		_, _ = news.Take() // what it was is seen in what stands
		began := time.Now()
		s.followRules(ctx)
		if pause(ctx, max(2*s.Rest, ruleShare*time.Since(began))) != nil {
			return
		}
		changed := s.heard(ctx, news, seen, wait)
		if ctx.Err() != nil {
			return
		}
		// What the index of names did not know yet it knows a moment later.
		if wait = ruleRest; changed {
			wait = 20 * s.Rest
		}
	}
}

// heard waits until something changed that rules may ask for, or for so long.
func (s *Service) heard(ctx context.Context, news *event.Subscription, seen int64, long time.Duration) bool {
	short, stop := context.WithTimeout(ctx, long)
	defer stop()
	for {
		if err := news.Wait(short, seen); err != nil {
			return false
		}
		some, lagged := news.Take()
		for i := range some {
			lagged = lagged || some[i].Type == Changed.Name || some[i].Type == "search.texts"
		}
		if lagged || s.Catalog.Reached() > seen {
			return true
		}
	}
}

// idleRules are the rules that would go round in a circle.
func (s *Service) idleRules(ctx context.Context) (idle map[string]bool) {
	asking := s.asking(ctx)
	s.model.look(func(t *tree) { _, idle = inTurn(s.model.links(t, asking)) })
	return idle
}

// followRules follows all rules, one after another.
func (s *Service) followRules(ctx context.Context) {
	asking := s.asking(ctx)
	var orders []order
	states := map[string]ruleStatus{}
	s.model.look(func(t *tree) {
		turn, idle := inTurn(s.model.links(t, asking))
		for rule := range idle {
			states[rule] = ruleStatus{RuleIdle, "it asks for what it gives by way of other rules, and would go round in a circle"}
		}
		for _, rule := range turn {
			if r := s.order(s.model.objects[rule]); s.model.stands(r) {
				orders = append(orders, r)
			}
		}
	})
	for _, r := range orders {
		err := s.followRule(ctx, r, func(int, int) error { return ctx.Err() })
		switch {
		case ctx.Err() != nil:
			return
		case errs.Is(err, errs.Unavailable):
			states[r.rule] = ruleStatus{RuleWaiting, err.Error()}
		case err != nil:
			states[r.rule] = ruleStatus{RuleBroken, err.Error()}
			s.Log.Warn("A rule cannot be followed", "rule", r.name, "error", err)
		}
	}
	s.ruling.set(states)
	s.dropOrphans(ctx)
}
