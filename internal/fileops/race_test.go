//go:build race

package fileops

// While races are looked for, which takes ten times as long, these tell how many of
// the cases that only differ in a number are left out.
const (
	thin            = 15
	thinCuts        = 20
	thinFaults      = 20
	thinScenarios   = 6
	thinRecuts      = 30
	thinRescenarios = 15
	thinSecond      = 8
)
