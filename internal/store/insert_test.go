package store

import (
	"fmt"
	"testing"
)

func TestInsertMany(t *testing.T) {
	type ID int64
	for _, per := range []int{1, 2, 7, 100, 1 << 20} {
		for _, n := range []int{0, 1, 6, 7, 8, 100, 1001} {
			t.Run(fmt.Sprintf("%d rows, %d at a time", n, per), func(t *testing.T) {
				db := openTest(t, testOptions(t))
				err := db.Write(t.Context(), func(tx *Tx) error {
					in := tx.InsertMany("INSERT INTO item (id, name) VALUES", 2, per, "ON CONFLICT DO NOTHING")
					for i := range n {
						if err := in.Add(ID(i+1), fmt.Sprint("n", i)); err != nil {
							return err
						}
					}
					return in.Flush()
				})
				if err != nil {
					t.Fatal(err)
				}
				got := names(t, db)
				if len(got) != n {
					t.Fatalf("%d rows", len(got))
				}
				for i, name := range got {
					if name != fmt.Sprint("n", i) {
						t.Fatalf("row %d is %q", i, name)
					}
				}
			})
		}
	}
}

func TestInsertManyFails(t *testing.T) {
	db := openTest(t, testOptions(t))
	for name, add := range map[string]func(in *Inserter) error{
		"too few values":  func(in *Inserter) error { return in.Add(1) },
		"too many values": func(in *Inserter) error { return in.Add(1, "x", 2) },
		"a bad type":      func(in *Inserter) error { return in.Add(1, struct{}{}) },
		"a taken key": func(in *Inserter) error {
			in.Add(1, "x")
			in.Add(1, "y")
			return in.Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := db.Write(t.Context(), func(tx *Tx) error {
				return add(tx.InsertMany("INSERT INTO item (id, name) VALUES", 2, 10, ""))
			})
			if err == nil {
				t.Error("no error")
			}
		})
	}
	if got := names(t, db); len(got) != 0 {
		t.Errorf("rows %q", got)
	}
}

func TestInsertStatementsAreBounded(t *testing.T) {
	db := openTest(t, testOptions(t))
	for i := range 2 * maxInserts {
		err := db.Write(t.Context(), func(tx *Tx) error {
			in := tx.InsertMany(fmt.Sprintf("INSERT INTO log /* %d */ (text) VALUES", i), 1, 10, "")
			if err := in.Add("x"); err != nil {
				return err
			}
			return in.Flush()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(db.writer.inserts); n > maxInserts {
		t.Errorf("%d statements kept", n)
	}
}
