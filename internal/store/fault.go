package store

// Moment is where a Fault may kill a database.
type Moment int

// The moments around a commit. An error that Fault returns at BeforeCommit
// undoes the transaction; at AfterCommit the transaction stands, but neither
// its callers nor its AfterCommit functions hear of it. Either way everything
// fails with that error from then on, as nothing comes after a kill: what is on
// disk is what the next Open finds.
const (
	BeforeCommit Moment = iota
	AfterCommit
)

func (db *DB) fault(m Moment) error {
	if db.options.Fault == nil {
		return nil
	}
	err := db.options.Fault(m)
	if err != nil {
		db.dead.Store(&err)
	}
	return err
}
