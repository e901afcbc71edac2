//go:build !race

package fileops

const (
	thin          = 1
	thinCuts      = 2
	thinFaults    = 6
	thinScenarios = 1
)
