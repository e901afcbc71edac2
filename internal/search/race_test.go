//go:build race

package search

// raceEnabled: the database is ten times slower then.
const raceEnabled = true
