package job

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// record is a row of table job.
type record struct {
	id                ident.JobID
	kind, key, lane   string
	title             string // "": that of the kind
	priority          int
	args, cursor      []byte
	step              string
	state             State
	want              want
	saved             saved
	err               string
	errKind           errs.Kind
	created           int64
	started, finished int64
}

// want is what somebody asked of a running job; it is stored, so that a crash
// does not forget it.
type want string

const (
	nothing   want = ""
	wantPause want = "pause"
	wantStop  want = "cancel"
)

// saved is the progress stored by a checkpoint.
type saved struct {
	Done     int64  `json:"done"`
	Total    int64  `json:"total"`
	Bytes    int64  `json:"bytes"`
	Current  string `json:"current"`
	Warnings int64  `json:"warnings"`
	Active   int64  `json:"active_ns"` // time spent running
}

const columns = `id, kind, key, lane, title, priority, args, step, cursor, state, want, progress, error, kind_of_error,
	created_ns, started_ns, finished_ns`

func scan(row interface{ Scan(...any) error }) (r record, err error) {
	var progress []byte
	err = row.Scan(&r.id, &r.kind, &r.key, &r.lane, &r.title, &r.priority, &r.args, &r.step, &r.cursor, &r.state, &r.want, &progress,
		&r.err, &r.errKind, &r.created, &r.started, &r.finished)
	if err == nil && len(progress) > 0 {
		err = Decode(progress, &r.saved)
	}
	return r, err
}

// load reads one job; errs.NotFound if there is none.
func load(tx *store.Tx, id ident.JobID) (record, error) {
	r, err := scan(tx.QueryRow("SELECT "+columns+" FROM job WHERE id = ?", int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return r, errs.New(errs.NotFound, "there is no job %d", id)
	}
	return r, err
}

// list runs a query for whole rows.
func list(tx *store.Tx, query string, args ...any) (all []record, err error) {
	rows, err := tx.Query("SELECT "+columns+" FROM job "+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func insert(tx *store.Tx, r *record) error {
	progress, err := Encode(r.saved)
	if err != nil {
		return err
	}
	res, err := tx.Exec(`INSERT INTO job (kind, key, lane, title, priority, args, step, cursor, state, want, progress, error, kind_of_error,
		created_ns, started_ns, finished_ns) VALUES (?, ?, ?, ?, ?, ?, '', x'', ?, '', ?, '', '', ?, 0, 0)`,
		r.kind, r.key, r.lane, r.title, r.priority, r.args, string(r.state), progress, r.created)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	r.id = ident.JobID(id)
	return err
}

// update writes what may change of r.
func update(tx *store.Tx, r record) error {
	progress, err := Encode(r.saved)
	if err != nil {
		return err
	}
	if r.cursor == nil {
		r.cursor = []byte{} // the column holds no NULL
	}
	res, err := tx.Exec(`UPDATE job SET step = ?, cursor = ?, state = ?, want = ?, progress = ?, error = ?, kind_of_error = ?,
		started_ns = ?, finished_ns = ? WHERE id = ?`,
		r.step, r.cursor, string(r.state), string(r.want), progress, r.err, string(r.errKind), r.started, r.finished, int64(r.id))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		return errs.New(errs.NotFound, "there is no job %d", r.id)
	}
	return err
}

// saveCursor writes what a checkpoint moves, and leaves alone what others ask
// of the job meanwhile.
func saveCursor(tx *store.Tx, r record) error {
	progress, err := Encode(r.saved)
	if err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE job SET step = ?, cursor = ?, progress = ? WHERE id = ?", r.step, r.cursor, progress, int64(r.id))
	return err
}

func insertWarnings(tx *store.Tx, id ident.JobID, ws []Warning) error {
	for _, w := range ws {
		_, err := tx.Exec("INSERT INTO job_warning (job_id, n, path, kind, message) VALUES (?, ?, ?, ?, ?)",
			int64(id), w.N, append([]byte{}, w.Path...), string(w.Kind), w.Message)
		if err != nil {
			return err
		}
	}
	return nil
}

// keepFinished bounds the finished jobs that are remembered.
const keepFinished = 1000

// prune forgets the finished jobs beyond the newest, but never just.
func prune(tx *store.Tx, just ident.JobID) error {
	const old = `(SELECT id FROM job WHERE state IN ('done', 'failed', 'cancelled') AND id <> ?
		ORDER BY finished_ns DESC, id DESC LIMIT -1 OFFSET ?)`
	for _, table := range []string{"job_warning WHERE job_id", "job WHERE id"} {
		if _, err := tx.Exec(fmt.Sprintf("DELETE FROM %s IN %s", table, old), int64(just), keepFinished-1); err != nil {
			return err
		}
	}
	return nil
}

func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
