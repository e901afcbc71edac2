//go:build race

package merge

// histories is how many are tried: the race detector makes each ten times as dear.
const histories = 800
