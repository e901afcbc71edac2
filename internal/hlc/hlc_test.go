package hlc

import (
	"testing"
	"time"
)

func ms(n int64) time.Time { return time.UnixMilli(n) }

// TestRuleTable: every rule, for all small values of clock, stamp and time.
func TestRuleTable(t *testing.T) {
	stamps := []Stamp{}
	for wall := range int64(4) {
		for _, logical := range []Stamp{0, 1, 2, 1<<16 - 2, 1<<16 - 1} {
			stamps = append(stamps, milli(wall)|logical)
		}
	}
	for _, last := range stamps {
		for now := int64(-2); now < 6; now++ {
			s, next, ok := Clock{Last: last}.Next(ms(now))
			switch {
			case !ok || s <= last || next.Last != s:
				t.Fatalf("after %x at %d: %x, %v", last, now, s, ok)
			case milli(now) > last && s != milli(now):
				t.Fatalf("after %x at %d: %x, and not the time itself", last, now, s)
			case milli(now) <= last && s != last+1:
				t.Fatalf("after %x at %d: %x, and not the next", last, now, s)
			case next.Reserved < s || next.Reserved.Milli() > s.Milli()+Reserve.Milliseconds():
				t.Fatalf("after %x at %d: %x, with %x reserved", last, now, s, next.Reserved)
			}
			for _, far := range []int64{0, 59_998, 60_000, 60_002, 1 << 40} {
				for _, other := range stamps {
					heard := other + milli(far)
					limit := milli(now + 60_000)
					next, future := Clock{Last: last}.Heard(heard, ms(now))
					switch {
					case future != (heard > limit):
						t.Fatalf("%x at %d: future is %v", heard, now, future)
					case next.Last < last || next.Last < min(heard, limit):
						t.Fatalf("%x after %x at %d: went to %x", heard, last, now, next.Last)
					case next.Last > max(last, limit) || next.Last > max(last, heard):
						t.Fatalf("%x after %x at %d: was dragged to %x", heard, last, now, next.Last)
					}
				}
			}
		}
	}
}

// TestPromise_P21_RestartsRepeatNothing: a clock that was stopped at any moment
// begins beyond all it gave out, though the machine's clock went back.
func TestPromise_P21_RestartsRepeatNothing(t *testing.T) {
	var kept, highest Stamp
	c := Resume(kept)
	now := int64(1_000_000)
	for i := range 20_000 {
		s, next, ok := c.Next(ms(now))
		if !ok || s <= highest {
			t.Fatalf("step %d: %x after %x", i, s, highest)
		}
		kept = next.Reserved // before the stamp is used
		highest, c = s, next
		if highest > kept {
			t.Fatalf("step %d: %x was given out, and only %x is kept", i, highest, kept)
		}
		switch i % 7 {
		case 1:
			now += 3
		case 3:
			now -= 2
		case 5:
			c = Resume(kept)
		}
		if i%1000 == 999 {
			now -= 400_000
			c = Resume(kept)
		}
	}
}

// TestInterleavings: three machines whose clocks stand at very different times, all
// orders of some events: stamps of each only go up, and what one writes after it
// heard of something is higher, unless that lay in its future.
func TestInterleavings(t *testing.T) {
	const machines, depth = 3, 5
	at := [machines]int64{1_000, 1_001, 500_000} // the last is minutes ahead
	var walk func(cs, seen [machines]Clock, left int)
	walk = func(cs, sent [machines]Clock, left int) {
		if left == 0 {
			return
		}
		for i := range machines {
			s, next, ok := cs[i].Next(ms(at[i]))
			if !ok || s <= sent[i].Last || s <= cs[i].Last && cs[i].Last != 0 {
				t.Fatal(i, cs, sent, s)
			}
			a, b := cs, sent
			a[i], b[i].Last = next, s
			walk(a, b, left-1)
			for j := range machines {
				if j == i || sent[j].Last == 0 {
					continue
				}
				heard, future := cs[i].Heard(sent[j].Last, ms(at[i]))
				s, _, _ := heard.Next(ms(at[i]))
				if s <= sent[j].Last != future {
					t.Fatal("heard of", sent[j].Last, "wrote", s, "future", future)
				}
				if heard.Last.Milli() > max(cs[i].Last.Milli(), at[i]+60_000) {
					t.Fatal("dragged", heard)
				}
				a := cs
				a[i] = heard
				walk(a, sent, left-1)
			}
		}
	}
	walk([machines]Clock{}, [machines]Clock{}, depth)
}

func TestEnds(t *testing.T) {
	if s := At(time.Date(1920, 1, 1, 0, 0, 0, 0, time.UTC)); s != 0 {
		t.Error(s)
	}
	far := At(time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC))
	if _, c, ok := (Clock{Last: far}).Next(ms(0)); ok || c.Last != far {
		t.Error("stamps beyond the last:", c, ok)
	}
	now := time.Date(2026, 11, 23, 16, 0, 0, 5e6, time.UTC)
	if s := At(now); !s.Time().Equal(now) || s.Logical() != 0 || s.Milli() != now.UnixMilli() {
		t.Error(s.Time())
	}
}
