package index

import (
	"sync"

	"github.com/stardrive/stardrive/internal/ident"
)

// due remembers the locations that must be looked at from their root: those
// where something may have changed that no hint tells of. A scan that runs may
// have passed by already, so it is not enough that there is one.
type due struct {
	wake chan struct{} // holds one token when a location is owed

	mu       sync.Mutex
	stale    map[ident.LocationID]bool // no pass has begun since
	owed     map[ident.LocationID]bool // stale, and it is not certain that a pass will begin
	scanning map[ident.LocationID]bool
}

func newDue() *due {
	return &due{
		wake:  make(chan struct{}, 1),
		stale: map[ident.LocationID]bool{}, owed: map[ident.LocationID]bool{}, scanning: map[ident.LocationID]bool{},
	}
}

func (d *due) add(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stale[l] = true
	d.owe(l)
}

// owe has whoever serves queue a scan, unless one that runs will see to it. The
// caller holds d.mu.
func (d *due) owe(l ident.LocationID) {
	if d.scanning[l] {
		return
	}
	d.owed[l] = true
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *due) is(l ident.LocationID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stale[l]
}

func (d *due) owes(l ident.LocationID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.owed[l]
}

// list returns what is owed.
func (d *due) list() (ls []ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for l := range d.owed {
		ls = append(ls, l)
	}
	return ls
}

// comes says that a scan is queued, which will begin with a pass, or paused,
// which will see to it when it goes on.
func (d *due) comes(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.owed, l)
}

// drop forgets a location that is none any more.
func (d *due) drop(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.owed, l)
	delete(d.stale, l)
}

// begins says that a scan runs. It asks is before it ends.
func (d *due) begins(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scanning[l] = true
	delete(d.owed, l)
}

// passes says that the scan begins at the root.
func (d *due) passes(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stale, l)
}

// ends says that the scan is over. One that was stopped goes on later, or is not
// wanted; one that failed would fail again.
func (d *due) ends(l ident.LocationID, stopped, failed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.scanning, l)
	switch {
	case !d.stale[l] || stopped:
	case failed:
		delete(d.stale, l)
	default:
		d.owe(l)
	}
}
