//go:build !race

package fileops

const (
	thin            = 1
	thinCuts        = 2
	thinFaults      = 6
	thinScenarios   = 1
	thinRecuts      = 24
	thinRescenarios = 1
	thinSecond      = 6
)
