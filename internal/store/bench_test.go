//go:build unix

package store

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkLoad loads a million rows into a fresh database in transactions of
// 25,000; a second run in the same database would measure another thing.
func BenchmarkLoad(b *testing.B) {
	const rows, batch = 1_000_000, 25_000
	for _, bc := range []struct {
		name    string
		indexed bool
		per     int
	}{{"indexed/rows=1", true, 1}, {"indexed/rows=50", true, 50}, {"bare/rows=50", false, 50}} {
		b.Run(bc.name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				o := testOptions(b)
				sql := benchTable
				if bc.indexed {
					sql += benchIndexes
				}
				o.Migrations = []Migration{{"first", sql}}
				db, err := Open(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				start, cpu := time.Now(), cpuTime()
				for i := 0; i < rows; i += batch {
					if err := db.Write(context.Background(), func(tx *Tx) error { return addEntries(tx, i, batch, bc.per) }); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(rows/time.Since(start).Seconds(), "rows/s")
				b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/rows, "cpu-ns/row")
				if !bc.indexed {
					if err := db.Write(context.Background(), func(tx *Tx) error { _, err := tx.Exec(benchIndexes); return err }); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(rows/time.Since(start).Seconds(), "rows/s-with-indexes-after")
				}
				b.StopTimer()
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
				info, err := os.Stat(o.Path)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size())/(1<<20), "MiB")
			}
		})
	}
}

func cpuTime() time.Duration {
	var r unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkOpen opens a database of a million rows after a clean and after an
// unclean stop, when it is checked first.
func BenchmarkOpen(b *testing.B) {
	o := testOptions(b)
	o.Migrations = []Migration{{"first", benchTable + benchIndexes}}
	db := openTest(b, o)
	for i := 0; i < 1_000_000; i += 25_000 {
		if err := db.Write(context.Background(), func(tx *Tx) error { return addEntries(tx, i, 25_000, 50) }); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for _, clean := range []bool{true, false} {
		b.Run(fmt.Sprintf("clean=%v", clean), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				db, err := Open(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				db.writer.exec(context.Background(), fmt.Sprintf("UPDATE store_state SET clean = %v", clean))
				db.dirty = false // so that the mark stays
				db.Close()
				b.StartTimer()
				db, err = Open(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				db.Close()
			}
		})
	}
}

// BenchmarkWrite measures small writes: one caller, and sixteen that share commits.
func BenchmarkWrite(b *testing.B) {
	for _, callers := range []int{1, 16} {
		for _, durable := range []bool{false, true} {
			b.Run(fmt.Sprintf("callers=%d/durable=%v", callers, durable), func(b *testing.B) {
				db := openTest(b, testOptions(b))
				write := db.Write
				if durable {
					write = db.WriteDurable
				}
				b.SetParallelism(callers) // times GOMAXPROCS
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						err := write(context.Background(), func(tx *Tx) error {
							_, err := tx.Exec("INSERT INTO log (text) VALUES ('x')")
							return err
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
}

// BenchmarkRead measures one point query in a transaction of its own.
func BenchmarkRead(b *testing.B) {
	db := openTest(b, testOptions(b))
	if err := db.Write(context.Background(), insert("a")); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			var s string
			if err := db.Read(ctx, func(tx *Tx) error { return tx.QueryRow("SELECT name FROM item WHERE id = 1").Scan(&s) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("query", func(b *testing.B) {
		err := db.Read(ctx, func(tx *Tx) error {
			var s string
			for b.Loop() {
				if err := tx.QueryRow("SELECT name FROM item WHERE id = ?", 1).Scan(&s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("query-uncancellable", func(b *testing.B) {
		err := db.Read(ctx, func(tx *Tx) error {
			tx.stmt = context.Background()
			var s string
			for b.Loop() {
				if err := tx.QueryRow("SELECT name FROM item WHERE id = ?", 1).Scan(&s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}
