package store

import (
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// maxVariables is SQLite's limit of parameters in one statement.
const maxVariables = 32766

// Inserter writes many rows with few statements. Make one with [Tx.InsertMany].
type Inserter struct {
	tx        *Tx
	one, many string
	columns   int
	size      int // arguments of a full statement
	args      []any
}

// InsertMany returns an Inserter for rows of so many columns. before and after
// stand around the list of values: "INSERT INTO t (a, b) VALUES" and, often, "".
// Two Inserters of one transaction with the same texts share statements. The
// caller must end with Flush.
func (tx *Tx) InsertMany(before string, columns, rowsPerStatement int, after string) *Inserter {
	rows := max(1, min(rowsPerStatement, maxVariables/columns))
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	return &Inserter{
		tx: tx, columns: columns, size: rows * columns,
		one:  before + " " + row + " " + after,
		many: before + " " + row + strings.Repeat(","+row, rows-1) + " " + after,
		args: make([]any, 0, rows*columns),
	}
}

// Add appends one row; a full statement is run at once. Values are held until
// then: a []byte must not change before Flush.
func (in *Inserter) Add(values ...any) error {
	if len(values) != in.columns {
		return errs.New(errs.Internal, "a row of %d values for %d columns", len(values), in.columns)
	}
	in.args = append(in.args, values...)
	if len(in.args) < in.size {
		return nil
	}
	_, err := in.tx.Exec(in.many, in.args...)
	in.args = in.args[:0]
	return err
}

// Flush writes the rows that do not fill a statement.
func (in *Inserter) Flush() error {
	for rest := in.args; len(rest) > 0; rest = rest[in.columns:] {
		if _, err := in.tx.Exec(in.one, rest[:in.columns]...); err != nil {
			return err
		}
	}
	in.args = in.args[:0]
	return nil
}
