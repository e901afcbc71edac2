package job

import (
	"math"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	at := time.Unix(0, 0)
	var m meter
	if m.rate() != 0 {
		t.Error("a rate of nothing")
	}
	m.add(at, 1000) // resumed with 1000 done
	if m.rate() != 0 {
		t.Error("a rate of one sample")
	}
	done := int64(1000)
	for range 6000 { // a minute at 100 a second, told every 10 ms
		at = at.Add(10 * time.Millisecond)
		done++
		m.add(at, done)
	}
	if r := m.rate(); math.Abs(r-100) > 1 {
		t.Errorf("%v a second", r)
	}
	if n := len(m.samples); n > 25 {
		t.Errorf("%d samples kept", n)
	}
	for range 60 { // then ten times slower
		at = at.Add(time.Second)
		done += 10
		m.add(at, done)
	}
	if r := m.rate(); math.Abs(r-10) > 1 {
		t.Errorf("%v a second, long after it slowed down", r)
	}
}

func TestFault_F1_MeterAndJumpingClock(t *testing.T) {
	var m meter
	at := time.Unix(1_000_000, 0)
	for i, jump := range []time.Duration{0, time.Second, -time.Hour, time.Second, 20 * 365 * 24 * time.Hour, -40 * 365 * 24 * time.Hour} {
		at = at.Add(jump)
		m.add(at, int64(i))
		if r := m.rate(); r < 0 || math.IsInf(r, 0) || math.IsNaN(r) {
			t.Errorf("%v a second after a jump of %v", r, jump)
		}
	}
}
