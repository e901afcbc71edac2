package collate

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNatural(t *testing.T) {
	huge := strings.Repeat("9", 400)
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "a", -1},
		{"a", "b", -1},
		{"a", "ab", -1},
		{"file2", "file10", -1},
		{"file10", "file10", 0},
		{"file010", "file10", 0},
		{"file09", "file10", -1},
		{"file10a", "file9b", 1},
		{"1", "a", -1},
		{"1.2.10", "1.2.9", 1},
		{"2024-01-02", "2024-01-10", -1},
		{"v1.10 x", "v1.9 y", 1},
		{"0", "00", 0},
		{"00", "1", -1},
		{"a0", "a", 1},
		{huge, huge + "0", -1},
		{huge, "0" + huge, 0},
		{"\xff", "z", 1},
		{"中10", "中9", 1},
	} {
		if got := cmp.Compare(Natural(c.a, c.b), 0); got != c.want {
			t.Errorf("Natural(%.20q, %.20q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := cmp.Compare(Natural(c.b, c.a), 0); got != -c.want {
			t.Errorf("Natural(%.20q, %.20q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

// TestNaturalIsAnOrder: any three names can be sorted, whichever way they come.
func TestNaturalIsAnOrder(t *testing.T) {
	name := rapid.StringOfN(rapid.SampledFrom([]rune("ab01 9.")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if sign(Natural(a, b)) != -sign(Natural(b, a)) || Natural(a, a) != 0 {
			t.Fatalf("%q and %q", a, b)
		}
		three := []string{a, b, c}
		slices.SortFunc(three, Natural)
		if Natural(three[0], three[1]) > 0 || Natural(three[1], three[2]) > 0 || Natural(three[0], three[2]) > 0 {
			t.Fatalf("sorted: %q", three)
		}
		if Natural(a, b) == 0 && sign(Natural(a, c)) != sign(Natural(b, c)) {
			t.Fatalf("%q is %q, but not to %q", a, b, c)
		}
	})
}

func sign(n int) int { return cmp.Compare(n, 0) }
