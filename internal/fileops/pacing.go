package fileops

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/store"
)

// pacing measures a run: how long the rest will take, and what is to be known of
// its volumes the next time.
type pacing struct {
	from, to string
	verified bool
	pace
	files, bytes int64         // written since the plan was first committed
	worked       time.Duration // at what was written in this run
	units        float64       // seconds that this would have taken by what was known
	unsaved      time.Duration
	began        time.Time // of the batch that is being written; zero: none is
}

// timed measures the writing of a batch: what it returns is called when that is done.
func (e *running) timed(ctx context.Context, b *batch) func() {
	for i, st := range b.steps {
		if st.Verb != vWrite || st.From.Volume == "" || st.Seen == nil {
			continue
		}
		e.pacer(ctx, st, b.tasks[i].Verify || st.Moving)
		began, limited := time.Now(), e.s.limited(b.tasks[i].Limit) > 0
		if e.pacing != nil {
			e.pacing.began = began
		}
		return func() {
			if e.pacing != nil {
				e.pacing.began = time.Time{}
				e.pacing.wrote(b.steps, time.Since(began), limited)
			}
		}
	}
	return func() {}
}

// pacer sees to it that e.pacing is that of a step's volumes; nil: nobody knows.
func (e *running) pacer(ctx context.Context, st *step, verified bool) {
	old := e.pacing
	if old != nil && old.from == st.From.Volume && old.to == st.To.Volume && old.verified == verified {
		return
	}
	p := &pacing{from: st.From.Volume, to: st.To.Volume, verified: verified, files: e.before.files, bytes: e.before.bytes}
	if old != nil {
		p.files, p.bytes = old.files, old.bytes
	}
	from, err := e.volume(ctx, p.from)
	var to *volume
	if err == nil {
		to, err = e.volume(ctx, p.to)
	}
	if err == nil {
		p.pace, err = e.s.paceOf(ctx, from, to, verified)
	}
	if e.pacing = p; err != nil {
		e.s.log.Warn("How fast files are written is not known", "error", err)
		e.pacing = nil
	}
}

// wrote takes in what a batch wrote. One that was limited teaches nothing.
func (p *pacing) wrote(steps []*step, took time.Duration, limited bool) {
	var files, bytes int64
	for _, st := range steps {
		if st.Verb != vWrite || st.err != nil || st.Is == nil || st.Link != nil {
			continue
		}
		if files++; !st.shared {
			bytes += st.Is.Size
		}
	}
	if files == 0 {
		return
	}
	p.files, p.bytes = p.files+files, p.bytes+bytes
	p.worked, p.units = p.worked+took, p.units+p.seconds(files, bytes)
	if !limited {
		p.learn(files, bytes, took)
		p.unsaved += took
	}
}

// left is how long the rest of so much takes, when more bytes are on their way: by
// what was known, and by how this run went.
func (p *pacing) left(files, bytes, more int64) time.Duration {
	seconds := p.seconds(max(files-p.files, 0), max(bytes-p.bytes-more, 0))
	worked, units := p.worked, p.units+p.seconds(0, more)
	if more > 0 && !p.began.IsZero() {
		worked += time.Since(p.began)
	}
	if units > 0 && worked > time.Second {
		seconds *= worked.Seconds() / units
	}
	return time.Duration(seconds * float64(time.Second))
}

// save stores what was learnt, now and then, in the transaction of a batch.
func (p *pacing) save(tx *store.Tx, now time.Time) error {
	if p == nil || p.unsaved < time.Second/2 {
		return nil
	}
	p.unsaved, p.updated = 0, now
	_, err := tx.Exec(`INSERT INTO pace (from_volume, to_volume, verified, file_s, byte_s, measured_s, updated_ns) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (from_volume, to_volume, verified) DO UPDATE SET file_s = excluded.file_s, byte_s = excluded.byte_s,
		measured_s = excluded.measured_s, updated_ns = excluded.updated_ns`, p.from, p.to, p.verified, p.file, p.byte, p.measured, now.UnixNano())
	return err
}
