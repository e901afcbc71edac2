package embed

import (
	"cmp"
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

const testDim = 256

// meanings returns n unit vectors that lie as those of texts do: around topics,
// with most of their differences in the first directions.
func meanings(r *rand.Rand, n, dim int) [][]float32 {
	topics := make([][]float32, max(1, n/50))
	for i := range topics {
		topics[i] = noise(r, dim)
	}
	out := make([][]float32, n)
	for i := range out {
		v, topic := noise(r, dim), topics[r.IntN(len(topics))]
		for j := range v {
			v[j] = v[j] + topic[j]
		}
		normalize(v)
		out[i] = v
	}
	return out
}

func noise(r *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64()) * float32(1/(1+float64(i)/40))
	}
	normalize(v)
	return v
}

// exact returns the k owners nearest to q, whose vectors are given in turn.
func exact(q []float32, vectors [][]float32, k int) []int64 {
	order := make([]int64, len(vectors))
	scores := make([]float32, len(vectors))
	for i, v := range vectors {
		order[i], scores[i] = int64(i), dot(q, v)
	}
	slices.SortFunc(order, func(a, b int64) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:min(k, len(order))]
}

func openIndex(t testing.TB, dim int) *Index {
	t.Helper()
	x, err := Open(filepath.Join(t.TempDir(), "vectors"), "test-1", dim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func fill(t testing.TB, x *Index, vectors [][]float32) {
	t.Helper()
	for i, v := range vectors {
		if err := x.Put(int64(i), [][]float32{v}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// recall is the share of the true nearest ten that is found.
func recall(t testing.TB, x *Index, vectors, queries [][]float32) float64 {
	t.Helper()
	found := 0
	for _, q := range queries {
		near, err := x.Nearest(context.Background(), q, 10, nil)
		if err != nil || len(near) != 10 {
			t.Fatalf("%d found: %v", len(near), err)
		}
		tenth := dot(q, vectors[exact(q, vectors, 10)[9]])
		for _, n := range near {
			if dot(q, vectors[n.Owner]) >= tenth-1e-6 { // some texts are the same
				found++
			}
		}
	}
	return float64(found) / float64(10*len(queries))
}

func TestNearestFindsWhatBruteForceFinds(t *testing.T) {
	for dim, n := range map[int]int{testDim: 10000, 100: 4000} {
		r := rand.New(rand.NewPCG(1, 2))
		all := meanings(r, n+25, dim)
		x := openIndex(t, dim)
		fill(t, x, all[:n])
		if got := recall(t, x, all[:n], all[n:]); got < 0.98 {
			t.Errorf("%d dimensions: recall %.3f, want at least 0.98", dim, got)
		}
	}
}

func TestNearestTellsTheBestChunkOfEachOwner(t *testing.T) {
	x := openIndex(t, 4)
	put := func(owner int64, v ...[]float32) {
		if err := x.Put(owner, v); err != nil {
			t.Fatal(err)
		}
	}
	put(7, []float32{1, 0, 0, 0}, []float32{0, 0, 0, 0}, []float32{0, 3, 0, 0})
	put(9, []float32{0, 1, 1, 0})
	put(3, []float32{0, -1, 0, 0}, []float32{0, 1, 1, 0})
	for _, stored := range []bool{false, true} {
		near, err := x.Nearest(context.Background(), []float32{0, 2, 0, 0}, 10, nil)
		if err != nil || len(near) != 3 || near[0].Owner != 7 || near[0].Chunk != 2 || near[0].Score < 0.99 || near[0].Score > 1.01 ||
			near[1].Owner != 3 || near[1].Chunk != 1 || near[2].Owner != 9 || near[1].Score < 0.69 || near[1].Score > 0.72 {
			t.Errorf("stored %t: %v, %v", stored, near, err)
		}
		scores, err := x.Rescore([]float32{0, 2, 0, 0}, []int64{9, 7, 1000})
		if err != nil || len(scores) != 2 || scores[7] != near[0].Score || scores[9] != near[2].Score {
			t.Errorf("stored %t: %v, %v", stored, scores, err)
		}
		if err := x.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNearestAsksOnlyWhatIsAccepted(t *testing.T) {
	const n = 5000
	r := rand.New(rand.NewPCG(3, 4))
	all := meanings(r, n+1, testDim)
	x := openIndex(t, testDim)
	fill(t, x, all[:n])
	few := func(owner int64) bool { return owner%1000 == 17 }
	near, err := x.Nearest(context.Background(), all[n], 10, few)
	if err != nil || len(near) != 5 {
		t.Fatalf("%v, %v", near, err)
	}
	for _, o := range near {
		if !few(o.Owner) {
			t.Errorf("%d was not accepted", o.Owner)
		}
	}
	if near, err := x.Nearest(context.Background(), all[n], 10, func(int64) bool { return false }); err != nil || len(near) != 0 {
		t.Errorf("%v, %v", near, err)
	}
}

func TestNearestRefuses(t *testing.T) {
	x := openIndex(t, 4)
	fill(t, x, [][]float32{{1, 0, 0, 0}})
	q := []float32{1, 0, 0, 0}
	for name, v := range map[string][]float32{"short": q[:3], "nil": nil, "not a number": {1, 0, 0, float32(0) / zero()}} {
		if _, err := x.Nearest(context.Background(), v, 1, nil); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := x.Rescore(v, nil); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if near, err := x.Nearest(context.Background(), make([]float32, 4), 5, nil); err != nil || len(near) != 0 {
		t.Errorf("nothing is near to %v, %v", near, err)
	}
	if near, err := x.Nearest(context.Background(), q, 0, nil); err != nil || len(near) != 0 {
		t.Errorf("none of %v, %v", near, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Nearest(ctx, q, 1, nil); !errs.Is(err, errs.Cancelled) {
		t.Error(err)
	}
}

func zero() float32 { return 0 }

func BenchmarkNearest100k(b *testing.B) {
	const n = 100_000
	r := rand.New(rand.NewPCG(5, 6))
	all := meanings(r, n+50, testDim)
	x := openIndex(b, testDim)
	fill(b, x, all[:n])
	share := recall(b, x, all[:n], all[n:])
	i := 0
	for b.Loop() {
		if _, err := x.Nearest(context.Background(), all[n+i%50], 10, nil); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(share, "recall@10")
}
