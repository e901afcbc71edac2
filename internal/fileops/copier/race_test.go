//go:build race

package copier_test

const raceEnabled = true
