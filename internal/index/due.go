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
	stale    map[ident.LocationID]bool  // no pass has begun since
	owed     map[ident.LocationID]int64 // stale, and it is not certain that a pass will begin: a number that grows
	debts    int64                      // the last of these numbers
	scanning map[ident.LocationID]ident.JobID
	missed   map[ident.LocationID]bool        // became stale while a scan ran, which has begun no pass since
	past     map[ident.LocationID]ident.JobID // the last scan that asks no more whether the location is stale
}

func newDue() *due {
	return &due{
		wake:  make(chan struct{}, 1),
		stale: map[ident.LocationID]bool{}, owed: map[ident.LocationID]int64{}, scanning: map[ident.LocationID]ident.JobID{},
		missed: map[ident.LocationID]bool{}, past: map[ident.LocationID]ident.JobID{},
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
	if d.scanning[l] != 0 {
		d.missed[l] = true
		return
	}
	d.debts++
	d.owed[l] = d.debts
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

// owes returns the number of what is owed; 0: nothing.
func (d *due) owes(l ident.LocationID) int64 {
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
// which will see to it when it goes on. What is owed since is not meant: by now
// that scan may have ended.
func (d *due) comes(l ident.LocationID, owed int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.owed[l] == owed {
		delete(d.owed, l)
	}
}

// drop forgets a location that is none any more.
func (d *due) drop(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.owed, l)
	delete(d.stale, l)
	delete(d.missed, l)
	delete(d.past, l)
}

// begins says that a scan runs. It asks again before it ends.
func (d *due) begins(l ident.LocationID, scan ident.JobID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.scanning[l] = scan
	delete(d.owed, l)
	delete(d.missed, l)
	delete(d.past, l)
}

// passes says that the scan begins at the root.
func (d *due) passes(l ident.LocationID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.stale, l)
	delete(d.missed, l)
}

// again reports whether the scan must begin at the root once more. It asks once:
// what becomes stale later is another scan's.
func (d *due) again(l ident.LocationID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.past[l] = d.scanning[l]
	return d.stale[l]
}

// isPast reports whether a scan, which may be running still, has asked already.
func (d *due) isPast(l ident.LocationID, scan ident.JobID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return scan != 0 && d.past[l] == scan
}

// runs returns the scan that runs; 0: none.
func (d *due) runs(l ident.LocationID) ident.JobID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.scanning[l]
}

// ends says that the scan is over. One that was stopped goes on later, or is not
// wanted. One that failed would fail again, unless something happened since it
// began: its volume may be back.
func (d *due) ends(l ident.LocationID, stopped, failed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !stopped {
		d.past[l] = d.scanning[l]
	} else {
		delete(d.past, l)
	}
	delete(d.scanning, l)
	switch {
	case !d.stale[l] || stopped:
	case failed && !d.missed[l]:
		delete(d.stale, l)
	default:
		d.owe(l)
	}
}
