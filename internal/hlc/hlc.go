// Package hlc is a hybrid logical clock: it gives out stamps that order what was
// written at the same time in several places nearly as people would, and that never
// go back, however wrong the clocks of the machines are. It is pure: whoever asks
// says what time it is, and keeps what must be kept. It knows nothing of operations
// or devices; what was written knowing of something else is told by other means,
// never by stamps alone.
package hlc

import "time"

// Stamp is a moment: milliseconds since 1970 (UTC) in the upper 48 bits, and a
// count of stamps within one of them in the lower 16.
type Stamp uint64

const (
	logicalBits = 16
	maxWall     = 1<<48 - 1 // the year 10889

	// Ahead is how far a stamp of somebody else may drag a clock beyond the time.
	Ahead = 60 * time.Second
	// Reserve is how far beyond the time stamps are reserved at once.
	Reserve = 10 * time.Second
)

// At is the first stamp of a moment; before 1970 there are none, and it is 0.
func At(t time.Time) Stamp { return milli(t.UnixMilli()) }

// milli is the first stamp of a millisecond since 1970.
func milli(ms int64) Stamp { return Stamp(min(max(ms, 0), maxWall)) << logicalBits }

// Milli is the stamp's time, in milliseconds since 1970.
func (s Stamp) Milli() int64 { return int64(s >> logicalBits) } //nolint:gosec // 48 bits

// Logical is the stamp's number within its millisecond.
func (s Stamp) Logical() uint16 { return uint16(s) } //nolint:gosec // the lower 16 bits are meant

// Time is the stamp's time.
func (s Stamp) Time() time.Time { return time.UnixMilli(s.Milli()).UTC() }

// Clock is how far a clock has come. The zero value is a new one. After a restart
// it is Resume of what was kept.
type Clock struct {
	Last     Stamp // the newest that was given out, or heard of
	Reserved Stamp // none beyond is given out before a higher bound was kept
}

// Resume is a clock that gives out nothing again that one with this reserved bound
// did.
func Resume(reserved Stamp) Clock { return Clock{Last: reserved, Reserved: reserved} }

// Next gives out a stamp higher than all before. When Reserved of the clock it
// returns is another than before, that must be kept for good before the stamp is
// used, or with what uses it. A count that is full goes over into the time: no
// machine writes 65,536 things in a millisecond for long. ok is false when there are
// no more stamps, in the year 10889.
func (c Clock) Next(now time.Time) (s Stamp, next Clock, ok bool) {
	if c.Last >= milli(maxWall) {
		return 0, c, false
	}
	c.Last = max(At(now), c.Last+1)
	if c.Last > c.Reserved {
		c.Reserved = milli(c.Last.Milli() + Reserve.Milliseconds())
	}
	return c.Last, c, true
}

// Heard has the clock go on beyond a stamp of somebody else, but not beyond the
// time and Ahead: future reports that the stamp lies there, since then the clock of
// one of the two is wrong.
func (c Clock) Heard(s Stamp, now time.Time) (next Clock, future bool) {
	limit := At(now.Add(Ahead))
	future = s > limit
	c.Last = max(c.Last, min(s, limit))
	return c, future
}
