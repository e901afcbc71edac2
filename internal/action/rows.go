package action

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// The job of a plan that is being committed tells how it stands: one that was
// cancelled or broke before it could say so itself is not committing any more.
const planColumns = `plan.id, plan.action, plan.title, plan.state, plan.data, plan.summary, plan.warnings, plan.confirm, plan.items, plan.undecided,
	plan.actor, plan.job_id, plan.undo_of, plan.undone_by, plan.undoes, plan.done, plan.failed, plan.skipped, plan.error, plan.kind_of_error,
	plan.created_ns, plan.expires_ns, plan.committed_ns, plan.finished_ns, coalesce(job.state, ''), coalesce(job.error, ''), coalesce(job.kind_of_error, ''),
	EXISTS (SELECT 1 FROM journal WHERE plan_id = plan.id AND open = 1), EXISTS (SELECT 1 FROM journal WHERE plan_id = plan.id AND open = 0)`

const planTables = " FROM plan LEFT JOIN job ON job.id = plan.job_id "

func scanPlan(row interface{ Scan(...any) error }) (p Plan, err error) {
	var summary, warnings []byte
	var created, expires, committed, finished int64
	var jobState, jobError, jobKind string
	err = row.Scan(&p.ID, &p.Action, &p.Title, &p.State, &p.data, &summary, &warnings, &p.Confirm, &p.Items, &p.Undecided,
		&p.Actor, &p.Job, &p.UndoOf, &p.UndoneBy, &p.undoes, &p.Done, &p.Failed, &p.Skipped, &p.Error, &p.ErrorKind,
		&created, &expires, &committed, &finished, &jobState, &jobError, &jobKind, &p.open, &p.steps)
	if err != nil {
		return p, err
	}
	p.Created, p.Expires, p.Committed, p.Finished = fromNanos(created), fromNanos(expires), fromNanos(committed), fromNanos(finished)
	if err := job.Decode(summary, &p.Summary); err != nil {
		return p, errs.New(errs.Internal, "plan %d cannot be read: %w", p.ID, err)
	}
	if err := json.Unmarshal(warnings, &p.Warnings); err != nil {
		return p, errs.New(errs.Internal, "plan %d cannot be read: %w", p.ID, err)
	}
	if p.State == Committing {
		switch job.State(jobState) {
		case job.Cancelled:
			p.State = Cancelled
		case job.Failed:
			p.State, p.Error, p.ErrorKind = Failed, jobError, errs.Kind(jobKind)
			if p.steps || p.open {
				p.State = Partial
			}
		case "": // forgotten since
			p.State = Cancelled
		}
	}
	p.Undoable = p.steps && p.UndoneBy == 0 && p.State.Final()
	return p, nil
}

func fromNanos(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// load returns a plan as it is stored; errs.NotFound if there is none.
func load(tx *store.Tx, id ident.PlanID) (Plan, error) {
	p, err := scanPlan(tx.QueryRow("SELECT "+planColumns+planTables+"WHERE plan.id = ? AND plan.state <> 'planning'", int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return p, errs.New(errs.NotFound, "there is no plan %d", id).Try("See them with: stardrive plan list")
	}
	return p, err
}

// now is load with what time has done to the plan since.
func (s *Service) load(tx *store.Tx, id ident.PlanID) (Plan, error) {
	p, err := load(tx, id)
	return s.aged(p), err
}

func (s *Service) aged(p Plan) Plan {
	if p.State == Planned && !s.now().Before(p.Expires) {
		p.State = Expired
	}
	return p
}

// store writes what may change of a plan after it was made.
func (s *Service) store(tx *store.Tx, p Plan) error {
	_, err := tx.Exec(`UPDATE plan SET state = ?, undecided = ?, job_id = ?, undone_by = ?, done = ?, failed = ?, skipped = ?, error = ?,
		kind_of_error = ?, committed_ns = ?, finished_ns = ? WHERE id = ?`, string(p.State), p.Undecided, int64(p.Job), int64(p.UndoneBy),
		p.Done, p.Failed, p.Skipped, p.Error, string(p.ErrorKind), nanos(p.Committed), nanos(p.Finished), int64(p.ID))
	return err
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// drop forgets all that hangs on a plan, but not the plan; of the journal only
// when all is asked for.
func drop(tx *store.Tx, id ident.PlanID, all bool) error {
	tables := []string{"plan_item", "plan_choice", "plan_kept"}
	if all {
		tables = append(tables, "plan_failure", "journal")
	}
	for _, table := range tables {
		if _, err := tx.Exec("DELETE FROM "+table+" WHERE plan_id = ?", int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// tidy drops what can be of no use any more: plans that were never committed when
// their time is over, and old history with its journals.
func (s *Service) tidy(tx *store.Tx) error {
	now := s.now().UnixNano()
	var expired, old []ident.PlanID
	collect := func(to *[]ident.PlanID, query string, args ...any) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			*to = append(*to, ident.PlanID(id))
		}
		return rows.Err()
	}
	if err := s.settle(tx, fmt.Sprintf("plan.committed_ns < %d", now-int64(keepPlanned))); err != nil {
		return err
	}
	if err := collect(&expired, "SELECT id FROM plan WHERE state = 'planned' AND expires_ns <= ? LIMIT 100", now); err != nil {
		return err
	}
	if err := collect(&old, `SELECT id FROM plan WHERE state IN ('done', 'partial', 'failed', 'cancelled', 'discarded', 'expired') AND created_ns < ?
		AND NOT EXISTS (SELECT 1 FROM journal WHERE plan_id = plan.id AND open <> 0) LIMIT 20`, now-int64(keepHistory)); err != nil {
		return err
	}
	for _, id := range expired {
		if err := drop(tx, id, true); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE plan SET state = 'expired', finished_ns = expires_ns WHERE id = ?", int64(id)); err != nil {
			return err
		}
	}
	for _, id := range old {
		if err := drop(tx, id, true); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM plan WHERE id = ?", int64(id)); err != nil {
			return err
		}
	}
	return nil
}
