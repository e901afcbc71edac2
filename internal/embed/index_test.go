package embed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// held returns the owners of an index, each with the number of its vectors.
func held(t testing.TB, x *Index) map[int64]int {
	t.Helper()
	out := map[int64]int{}
	err := x.Owners(func(owner int64) bool {
		if out[owner] != 0 {
			panic(fmt.Sprintf("owner %d twice", owner))
		}
		x.mu.RLock()
		defer x.mu.RUnlock()
		for _, p := range x.parts() {
			p.each(p.find(owner), func(int) { out[owner]++ })
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func reopen(t testing.TB, x *Index) *Index {
	t.Helper()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(x.path, x.file.name, x.shape.dim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	return again
}

// TestIndexHoldsWhatWasPut compares an index with a map, through any number of
// puts, drops, flushes, crashes and openings.
func TestIndexHoldsWhatWasPut(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		path := filepath.Join(dir, fmt.Sprint(run))
		x, err := Open(path, "m", 3)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = x.Close() }()
		now, stored := map[int64]int{}, map[int64]int{}
		owner := rapid.Int64Range(-3, 40)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				o, n := owner.Draw(t, "owner"), rapid.IntRange(0, 4).Draw(t, "n")
				vectors := make([][]float32, n)
				for i := range vectors {
					vectors[i] = []float32{float32(o) + 10, float32(i), 1}
				}
				if err := x.Put(o, vectors); err != nil {
					t.Fatal(err)
				}
				if now[o] = n; n == 0 {
					delete(now, o)
				}
			},
			"drop": func(t *rapid.T) {
				o := owner.Draw(t, "owner")
				if err := x.Drop(o); err != nil {
					t.Fatal(err)
				}
				delete(now, o)
			},
			"flush": func(t *rapid.T) {
				if err := x.Flush(ctx); err != nil {
					t.Fatal(err)
				}
				stored = maps.Clone(now)
			},
			"failing flush": func(t *rapid.T) {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				if err := x.Flush(ended); !errs.Is(err, errs.Cancelled) {
					t.Fatalf("%v", err)
				}
			},
			"crash": func(t *rapid.T) {
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
				if x, err = Open(path, "m", 3); err != nil {
					t.Fatal(err)
				}
				now = maps.Clone(stored)
			},
			"": func(t *rapid.T) {
				total := 0
				for o := int64(-3); o <= 40; o++ {
					if x.Has(o) != (now[o] > 0) {
						t.Fatalf("owner %d: %t, want %d", o, x.Has(o), now[o])
					}
					total += now[o]
				}
				if x.Len() != total {
					t.Fatalf("%d vectors, want %d", x.Len(), total)
				}
				near, err := x.Nearest(ctx, []float32{1, 1, 1}, 100, nil)
				if err != nil || len(near) != len(now) {
					t.Fatalf("%d near, want %d: %v", len(near), len(now), err)
				}
			},
		})
	})
}

func TestIndexSurvivesManyFlushes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	x := openIndex(t, 64)
	want := map[int64]int{}
	for i := range 300 {
		for range 1 + r.IntN(20) {
			o, n := int64(r.IntN(400)), 1+r.IntN(3)
			if err := x.Put(o, meanings(r, n, 64)); err != nil {
				t.Fatal(err)
			}
			want[o] = n
		}
		if err := x.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(x.blocks) > 12 {
			t.Fatalf("%d blocks after %d flushes", len(x.blocks), i+1)
		}
	}
	if fi, err := os.Stat(x.path); err != nil || fi.Size() > spare+int64(3*x.Len())*x.shape.row()+blockAlign {
		t.Errorf("the file has %v bytes for %d vectors: %v", fi.Size(), x.Len(), err)
	}
	x = reopen(t, x)
	if got := held(t, x); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestIndexRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		dim  int
	}{{"", 3}, {"m", 0}, {"m", maxDim + 1}, {string(make([]byte, MaxName+1)), 3}} {
		if _, err := Open(filepath.Join(dir, "x"), c.name, c.dim); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q %d: %v", c.name, c.dim, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "none", "x"), "m", 3); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	x := openIndex(t, 3)
	if err := x.Put(1, [][]float32{{1, 2, 3}, {1, 2}}); !errs.Is(err, errs.Invalid) || x.Len() != 0 {
		t.Errorf("%v, %d vectors", err, x.Len())
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"put": x.Put(1, nil), "drop": x.Drop(1), "flush": x.Flush(context.Background()), "owners": x.Owners(nil), "close": errors.Join(x.Close(), x.errClosed()),
		"nearest": func() error { _, err := x.Nearest(context.Background(), []float32{1, 2, 3}, 1, nil); return err }(),
		"rescore": func() error { _, err := x.Rescore([]float32{1, 2, 3}, nil); return err }(),
	} {
		if !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s of a closed index: %v", what, err)
		}
	}
	if x.Has(1) || x.Len() != 0 {
		t.Error("a closed index holds something")
	}
}

func TestVectorsOfDifferentModelsAreNeverMixed(t *testing.T) {
	x := openIndex(t, 4)
	fill(t, x, [][]float32{{1, 0, 0, 0}})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		dim  int
	}{{"test-2", 4}, {"test-1", 5}, {"test-1x", 4}} {
		_, err := Open(x.path, c.name, c.dim)
		if !errors.Is(err, ErrUnusable) || errs.RemedyOf(err) == "" {
			t.Errorf("%s, %d: %v", c.name, c.dim, err)
		}
	}
	other, err := Create(x.path, "test-2", 5)
	if err != nil || other.Len() != 0 {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestManyAskWhileOneChanges is for the race detector, and for pages that are not
// mapped any more.
func TestManyAskWhileOneChanges(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := rand.New(rand.NewPCG(9, 10))
	all := meanings(r, 500, 64)
	x := openIndex(t, 64)
	fill(t, x, all)
	var readers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				q := all[n%len(all)]
				near, err := x.Nearest(context.Background(), q, 5, func(o int64) bool { return o%7 != 3 })
				if err != nil {
					t.Error(err)
					return
				}
				for _, o := range near {
					if _, err := x.Rescore(q, []int64{o.Owner}); err != nil {
						t.Error(err)
					}
				}
				_ = x.Has(int64(n % len(all)))
			}
		})
	}
	for i := range 150 {
		for range 10 {
			o := int64(r.IntN(600))
			if err := errors.Join(x.Drop(o), x.Put(o+1, [][]float32{all[r.IntN(len(all))]})); err != nil {
				t.Fatal(err)
			}
		}
		if i%3 == 0 {
			if err := x.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	readers.Wait()
}

func TestOwnersMayStop(t *testing.T) {
	x := openIndex(t, 4)
	fill(t, x, [][]float32{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}})
	var got []int64
	if err := x.Owners(func(o int64) bool { got = append(got, o); return len(got) < 2 }); err != nil || !slices.Equal(got, []int64{0, 1}) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestMiddle: the middle of an owner's vectors, as of their rounding, whether they
// are flushed or not.
func TestMiddle(t *testing.T) {
	x, err := Create(filepath.Join(t.TempDir(), "v"), "m", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Put(7, [][]float32{{1, 0, 0, 0}, {0, 1, 0, 0}}); err != nil {
		t.Fatal(err)
	}
	if err := x.Put(8, [][]float32{{1, 0, 0, 0}, {-1, 0, 0, 0}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		v, err := x.Middle(7)
		if err != nil || len(v) != 4 || math.Abs(float64(v[0]-v[1])) > 0.01 || math.Abs(float64(v[0])-math.Sqrt(0.5)) > 0.01 || v[2] != 0 {
			t.Errorf("%v (%v)", v, err)
		}
		for _, none := range []int64{8, 9} {
			if v, err := x.Middle(none); v != nil || err != nil {
				t.Errorf("%d: %v (%v)", none, v, err)
			}
		}
		if err := x.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Middle(7); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
}
