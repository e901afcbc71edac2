package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// maxVariables is SQLite's limit of parameters in one statement.
const maxVariables = 32766

// Inserter writes many rows with few statements. Make one with [Tx.InsertMany].
//
// It speaks to the driver directly: database/sql copies and boxes all
// arguments of each call anew, 800 bytes of garbage and a third of the time of
// a row.
type Inserter struct {
	tx        *Tx
	one, many string
	columns   int
	args      []driver.NamedValue // of the rows collected so far; its capacity is a full statement
}

// InsertMany returns an Inserter for rows of so many columns. before and after
// stand around the list of values: "INSERT INTO t (a, b) VALUES" and, often, "".
// 50 rows a statement serve well. The caller must end with Flush, inside the
// transaction.
func (tx *Tx) InsertMany(before string, columns, rowsPerStatement int, after string) *Inserter {
	rows := max(1, min(rowsPerStatement, maxVariables/columns))
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	args := make([]driver.NamedValue, rows*columns)
	for i := range args {
		args[i].Ordinal = i + 1
	}
	return &Inserter{
		tx: tx, columns: columns, args: args[:0],
		one:  before + " " + row + " " + after,
		many: before + " " + row + strings.Repeat(","+row, rows-1) + " " + after,
	}
}

// Add appends one row; a full statement is run at once. Values are held until
// then: a []byte must not change before Flush. Prefer int64 to other integers.
// After an error the transaction must be given up.
func (in *Inserter) Add(values ...any) error {
	if len(values) != in.columns {
		return errs.New(errs.Internal, "a row of %d values for %d columns", len(values), in.columns)
	}
	n := len(in.args)
	in.args = in.args[:n+in.columns]
	for i, v := range values {
		switch v.(type) {
		case int64, []byte, string, nil, float64, bool:
			in.args[n+i].Value = v
		default:
			c, err := driver.DefaultParameterConverter.ConvertValue(v)
			if err != nil {
				return err
			}
			in.args[n+i].Value = c
		}
	}
	if len(in.args) < cap(in.args) {
		return nil
	}
	err := in.tx.insert(in.many, in.args)
	in.args = in.args[:0]
	return err
}

// Flush writes the rows that do not fill a statement.
func (in *Inserter) Flush() error {
	row := make([]driver.NamedValue, in.columns)
	for rest := in.args; len(rest) > 0; rest = rest[in.columns:] {
		for i := range row {
			row[i] = driver.NamedValue{Ordinal: i + 1, Value: rest[i].Value}
		}
		if err := in.tx.insert(in.one, row); err != nil {
			return err
		}
	}
	in.args = in.args[:0]
	return nil
}

func (tx *Tx) insert(text string, args []driver.NamedValue) error {
	if tx.over {
		return errOver
	}
	return classify("", tx.conn.insert(text, args))
}

// insert runs text on the driver's connection, with its own cache of
// statements: they are never queried, so they are never busy.
func (c *conn) insert(text string, args []driver.NamedValue) error {
	return c.sql.Raw(func(dc any) error {
		s := c.inserts[text]
		if s == nil {
			stmt, err := dc.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
			if err != nil {
				return err
			}
			s = stmt.(insertStmt)
			c.inserts[text] = s
		}
		_, err := s.ExecContext(context.Background(), args)
		return err
	})
}

// insertStmt is what the driver's statements offer.
type insertStmt interface {
	driver.Stmt
	driver.StmtExecContext
}

// dropInserts closes the statements of insert.
func (c *conn) dropInserts() error {
	return c.sql.Raw(func(any) error {
		for _, s := range c.inserts {
			s.Close()
		}
		clear(c.inserts)
		return nil
	})
}
