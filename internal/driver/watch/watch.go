// Package watch tells that something changed in a folder of this machine, as
// the operating system says it. What it tells is a hint: it may come late, twice
// or not at all, and only a look at the folder says what is true. It knows
// nothing of what its callers do with it.
package watch

import "github.com/stardrive/stardrive/internal/ident"

// Func types of what a Notifier calls, from its own goroutine. They must not
// block.
type (
	// Changed is told the folder in which something changed.
	Changed func(folder ident.EntryID)
	// Overflow is told when hints were dropped.
	Overflow func()
)
