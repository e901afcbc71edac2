package job_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/store"
)

// numbers tells which numbers a scenario's job has written.
func numbers(ctx context.Context, db *store.DB) (text string, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT coalesce(group_concat(n, ' '), '') FROM (SELECT n FROM counted ORDER BY n)").Scan(&text)
	})
	return text, err
}

// double writes ten times each number there is, in a second step with its own
// cursor, and writes outside its checkpoints too, in a way that can be repeated.
func double(ctx context.Context, r job.Run, db *store.DB, from int, checkpoint job.Checkpoint[int]) error {
	for n := from + 1; n <= 4; n++ {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO counted (n) VALUES (?) ON CONFLICT DO NOTHING", n*1000)
			return err
		})
		if err != nil {
			return err
		}
		r.Warn(fmt.Sprintf("n\xff%d", n), fmt.Errorf("doubled %d", n))
		err = checkpoint(n, job.Progress{Done: int64(n), Total: 4}, func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO counted (n) VALUES (?)", n*10)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func TestPromise_P10_KillEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		return jobtest.Scenario{
			Migrations: schema(), Kind: "two", Args: countArgs{4}, State: numbers,
			Prepare: func(ctx context.Context, db *store.DB) error {
				return db.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.Exec("INSERT INTO counted (n) VALUES (7)")
					return err
				})
			},
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				return []job.Def{job.New("two", "Two steps", job.Do("count", countTo),
					job.Do("double", func(ctx context.Context, r job.Run, _ countArgs, from int, c job.Checkpoint[int]) error {
						return double(ctx, r, db, from, c)
					}))}
			},
		}
	})
}

// TestKillEverywhereFindsMistakes runs jobs that are wrong in the usual ways in
// a process of their own, whose test must fail.
func TestKillEverywhereFindsMistakes(t *testing.T) {
	const env = "JOB_TEST_MISTAKE"
	write := func(n int) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO counted (n) SELECT coalesce(max(n), 0) + ? FROM counted", n)
			return err
		}
	}
	mistakes := map[string]func(*store.DB, int, job.Checkpoint[int]) error{
		"work before its checkpoint": func(db *store.DB, n int, c job.Checkpoint[int]) error {
			if err := db.Write(context.Background(), write(n)); err != nil {
				return err
			}
			return c(n, job.Progress{}, nil)
		},
		"checkpoint before its work": func(db *store.DB, n int, c job.Checkpoint[int]) error {
			if err := c(n, job.Progress{}, nil); err != nil {
				return err
			}
			return db.Write(context.Background(), write(n))
		},
		"cursor of the last round": func(_ *store.DB, n int, c job.Checkpoint[int]) error {
			return c(n-1, job.Progress{}, write(n))
		},
	}
	if name := os.Getenv(env); name != "" {
		jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
			return jobtest.Scenario{
				Migrations: schema(), Kind: "bad", Args: struct{}{}, State: numbers,
				Defs: func(t *testing.T, db *store.DB) []job.Def {
					return []job.Def{job.New("bad", "Bad", job.Do("x",
						func(_ context.Context, _ job.Run, _ struct{}, from int, c job.Checkpoint[int]) error {
							for n := from + 1; n <= 3; n++ {
								if err := mistakes[name](db, n, c); err != nil {
									return err
								}
							}
							return nil
						}))}
				},
			}
		})
		return
	}
	for name := range mistakes {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestKillEverywhereFindsMistakes$")
			cmd.Env = append(os.Environ(), env+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "without the cut in") {
				t.Errorf("it was not found: %v\n%s", err, out)
			}
		})
	}
}
