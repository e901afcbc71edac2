// Package watch tells that something changed in a folder of this machine, as
// the operating system says it. What it tells is a hint: it may come late, twice
// or not at all, and only a look at the folder says what is true. It knows
// nothing of what its callers do with it.
//
// A folder is known by what it is (an inotify watch, a file handle, a file
// number), never by its path: it stays watched when it is renamed.
package watch

import "github.com/stardrive/stardrive/internal/ident"

// Told are the functions that a Notifier calls, from its own goroutines and
// from those that call Add and Remove. They must not block, and must not call
// the Notifier; no caller of the Notifier may hold a lock that they take.
type Told struct {
	Changed  func(folder ident.EntryID) // something changed in the folder
	Dropped  func(folder ident.EntryID) // the folder is not watched any more under this id
	Overflow func()                     // hints were lost
}

// What How answers.
const (
	byFanotify = "fanotify"
	byInotify  = "inotify"
	byFSEvents = "fsevents"
	byReadDir  = "readdirectorychanges"
	byNothing  = "" // nothing tells: the folder must be looked at again and again
)
