// Package watch tells that something changed in a folder of this machine, as
// the operating system says it. What it tells is a hint: it may come late, twice
// or not at all, and only a look at the folder says what is true. It knows
// nothing of what its callers do with it.
package watch

import "github.com/stardrive/stardrive/internal/ident"

// Told are the functions that a Notifier calls, from its own goroutine and from
// those that call Add. They must not block, and must not call the Notifier.
type Told struct {
	Changed  func(folder ident.EntryID) // something changed in the folder
	Dropped  func(folder ident.EntryID) // the folder is not watched any more under this id
	Overflow func()                     // hints were lost
}
