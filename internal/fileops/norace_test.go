//go:build !race

package fileops

const (
	thin          = 1
	thinFaults    = 4
	thinScenarios = 1
)
