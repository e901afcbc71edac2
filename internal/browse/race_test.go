//go:build race

package browse

// raceEnabled: the database is ten times slower then.
const raceEnabled = true
