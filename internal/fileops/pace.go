package fileops

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
)

// pace is how fast files are written from one volume to another: seconds that each
// takes, and each of its bytes. It is learnt from what plans write.
type pace struct {
	file, byte float64
	measured   float64 // seconds of work that it was learnt from
	updated    time.Time
}

const (
	paceEnough = 2.0  // seconds: before, it is a guess
	paceMemory = 20.0 // seconds of work that count
	paceOld    = 180 * 24 * time.Hour
	// Where nobody measured anything: what an ordinary disk does.
	guessFile = 1.0 / 500
	guessByte = 1.0 / 100e6
)

// seconds is how long so much takes.
func (p *pace) seconds(files, bytes int64) float64 {
	return float64(files)*p.file + float64(bytes)*p.byte
}

func (p *pace) guess(now time.Time) bool {
	return p.measured < paceEnough || now.Sub(p.updated) > paceOld
}

// learn takes in that so much took so long. What took most of the time by what was
// known before is what is corrected most.
func (p *pace) learn(files, bytes int64, took time.Duration) {
	known, seconds := p.seconds(files, bytes), took.Seconds()
	if known <= 0 || seconds <= 0 {
		return
	}
	weight := seconds / (seconds + min(p.measured, paceMemory))
	off := min(max(seconds/known, 0.01), 100) - 1
	ofFiles := float64(files) * p.file / known
	p.file *= 1 + weight*off*ofFiles
	p.byte *= 1 + weight*off*(1-ofFiles)
	p.measured += seconds
}

// paceOf is what is known of writing from one volume to another.
func (s *Service) paceOf(ctx context.Context, from, to *volume, verified bool) (p pace, err error) {
	p = pace{file: guessFile, byte: guessByte}
	if to.Write > 0 { // somebody measured the volumes themselves
		p.byte = 1 / to.Write
		if from.Read > 0 {
			p.byte = max(p.byte, 1/from.Read)
		}
	}
	if verified {
		p.byte += 1 / max(to.Read, 1/guessByte)
		p.file *= 1.5
	}
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		var updated int64
		err := r.Store().QueryRow("SELECT file_s, byte_s, measured_s, updated_ns FROM pace WHERE from_volume = ? AND to_volume = ? AND verified = ?",
			from.id, to.id, verified).Scan(&p.file, &p.byte, &p.measured, &updated)
		p.updated = time.Unix(0, updated)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return p, err
}
