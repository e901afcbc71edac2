package job

import "time"

// meter measures how fast a job goes, over the checkpoints of the last while.
type meter struct{ samples []sample }

type sample struct {
	at   time.Time
	done int64
}

const (
	meterSpan = 20 * time.Second
	meterStep = time.Second // samples closer together replace one another
)

func (m *meter) add(at time.Time, done int64) {
	n := len(m.samples)
	if n > 1 && at.Sub(m.samples[n-2].at) < meterStep {
		m.samples[n-1] = sample{at, done}
		return
	}
	m.samples = append(m.samples, sample{at, done})
	for len(m.samples) > 2 && at.Sub(m.samples[0].at) > meterSpan {
		m.samples = m.samples[1:]
	}
}

// rate returns items per second, and 0 while it is unknown.
func (m *meter) rate() float64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	return perSecond(last.done-first.done, last.at.Sub(first.at))
}

func perSecond(n int64, d time.Duration) float64 {
	if n <= 0 || d <= 0 { // clocks may jump back
		return 0
	}
	return float64(n) / d.Seconds()
}
