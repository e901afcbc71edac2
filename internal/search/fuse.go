package search

import (
	"cmp"
	"slices"
)

// Fuse returns the order of what words found when its meaning counts as much:
// words and meaning hold for each hit how well it fits by either, by any scale.
// Both are stretched from the worst to the best, and summed up; of equals the one
// that fits better by words comes first. Measured by tools/eval: this orders better
// than places do, which tell little where many fit about as well.
func Fuse(words, meaning []float64) []int {
	a, b := stretched(words), stretched(meaning)
	order := make([]int, len(words))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(a[j]+b[j], a[i]+b[i]), cmp.Compare(a[j], a[i])) })
	return order
}

// stretched is values by a scale on which the least is 0 and the most 1; all 0 if
// they are the same.
func stretched(values []float64) []float64 {
	out := make([]float64, len(values))
	if len(values) == 0 {
		return out
	}
	least, most := slices.Min(values), slices.Max(values)
	for i, v := range values {
		if most > least {
			out[i] = (v - least) / (most - least)
		}
	}
	return out
}
