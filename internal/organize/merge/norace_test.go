//go:build !race

package merge

// histories is how many are tried.
const histories = 12_000
