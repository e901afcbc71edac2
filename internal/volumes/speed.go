package volumes

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math"
	mathrand "math/rand/v2"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Speed is how fast a volume was when somebody measured it. The zero value means
// that nobody did.
type Speed struct {
	Read     float64   `json:"read_mb_s" jsonschema:"megabytes a second, reading on and on"`
	Write    float64   `json:"write_mb_s,omitempty" jsonschema:"megabytes a second, written and made durable; absent if that was not measured"`
	IOPS     float64   `json:"iops" jsonschema:"small reads a second, here and there"`
	Cached   bool      `json:"cached,omitempty" jsonschema:"the system's memory may have answered some of it, so the volume may be slower"`
	Measured time.Time `json:"measured" jsonschema:"when"`
}

// class says how fast a volume is to reach; or is what its kind lets one expect,
// where nothing was measured.
func (v Speed) class(or Class) Class {
	switch {
	case v.Measured.IsZero() || v.Cached && or != Hot:
		return or
	case v.Read >= 100 && v.IOPS >= 1000:
		return Hot
	case v.Read < 10 || v.IOPS < 20:
		return Cold
	}
	return Warm
}

// budget bounds a measurement. Each of its three parts ends with its time or its
// bytes, whichever comes first.
type budget struct {
	each    time.Duration
	bytes   int64 // read or written one after the other
	random  int   // small reads
	minimum int64 // bytes of the files, less is not worth measuring
}

// The whole takes at most about four seconds on a volume that answers.
var ordinary = budget{each: 1200 * time.Millisecond, bytes: 256 << 20, random: 4000, minimum: 1 << 20}

const (
	chunk = 1 << 20 // of a read on and on
	small = 4096    // of a read here and there; what devices take as one piece
)

var errNothingToRead = errs.New(errs.Unavailable, "there are no files on the volume that are large enough to measure with").
	Try("Measure with a file of its own: stardrive volume speedtest NAME --write")

// measure reads the files, whose paths are below root, and writes one if it may.
func measure(ctx context.Context, root *os.Root, files []string, write bool, b budget) (v Speed, err error) {
	v.Measured = time.Now().UTC().Truncate(time.Second)
	var open []uncached
	defer func() {
		for _, f := range open {
			_ = f.Close() // nothing is lost: it was read, or removed
		}
	}()
	if write {
		f, err := openScratch(root)
		if err != nil {
			return v, err
		}
		open = append(open, f)
		if v.Write, open[0].size, err = writeOn(ctx, f, b); err != nil {
			return v, err
		}
	}
	for _, path := range files {
		if f, err := openUncached(root, path); err == nil { // it may have gone, or be somebody else's
			open = append(open, f)
		}
	}
	var sum int64
	for i := range open {
		v.Cached = v.Cached || !open[i].bypasses
		sum += open[i].size
	}
	if sum < b.minimum {
		return v, errNothingToRead
	}
	if v.Read, err = readOn(ctx, open, b); err == nil {
		v.IOPS, err = readAround(ctx, open, sum, b)
	}
	return v, err
}

// uncached is an open file that the system's memory answers as little as it can
// be told to.
type uncached struct {
	*os.File
	size     int64  // of what is read, whole pieces
	bypasses bool   // it does not answer at all
	removes  func() // the name, after it was closed; may be nil
}

func (f uncached) Close() error {
	err := f.File.Close()
	if f.removes != nil {
		f.removes()
	}
	return err
}

// readOn reads the files one after the other.
func readOn(ctx context.Context, files []uncached, b budget) (float64, error) {
	buf := aligned(chunk)
	var done int64
	began := time.Now()
	for _, f := range files {
		f.forget()
		for off := int64(0); off < f.size && done < b.bytes && time.Since(began) < b.each; {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			n, err := f.ReadAt(buf[:min(chunk, f.size-off)], off)
			done, off = done+int64(n), off+int64(n)
			if errors.Is(err, io.EOF) || n == 0 && err == nil {
				break
			}
			if err != nil {
				return 0, errs.New(errs.KindOf(err), "reading failed: %w", err)
			}
		}
	}
	return rate(float64(done)/1e6, began), nil
}

// readAround reads small pieces of the files, which have sum bytes, anywhere.
func readAround(ctx context.Context, files []uncached, sum int64, b budget) (float64, error) {
	buf := aligned(small)
	for _, f := range files {
		f.forget()
	}
	began, n := time.Now(), 0
	for ; n < b.random && time.Since(began) < b.each; n++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		at := mathrand.Int64N(sum)
		for _, f := range files {
			if at >= f.size {
				at -= f.size
				continue
			}
			if _, err := f.ReadAt(buf, at/small*small); err != nil && !errors.Is(err, io.EOF) {
				return 0, errs.New(errs.KindOf(err), "reading failed: %w", err)
			}
			break
		}
	}
	return rate(float64(n), began), nil
}

// writeOn fills the file, and counts the time until it is durable.
func writeOn(ctx context.Context, f uncached, b budget) (speed float64, done int64, err error) {
	buf := aligned(chunk)
	_, _ = rand.Read(buf) // never fails; nothing that a disk could make smaller
	began := time.Now()
	for done < b.bytes/4 && time.Since(began) < b.each/2 {
		if err := ctx.Err(); err != nil {
			return 0, done, err
		}
		n, err := f.WriteAt(buf, done)
		done += int64(n)
		if err != nil {
			return 0, done, errs.New(errs.KindOf(err), "writing failed: %w", err)
		}
	}
	if err := f.Sync(); err != nil {
		return 0, done, errs.New(errs.KindOf(err), "writing failed: %w", err)
	}
	return rate(float64(done)/1e6, began), done, nil
}

// rate is what was done in a second, to two digits behind the point.
func rate(done float64, began time.Time) float64 {
	return math.Round(100*done/max(time.Since(began).Seconds(), 1e-6)) / 100
}

// openScratch makes a file that has no name any more: even if the program dies,
// nothing stays behind. Where the system does not let one remove an open file,
// its name goes when it is closed.
func openScratch(root *os.Root) (uncached, error) {
	name := vfs.PrivateName()
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return uncached{}, errs.New(errs.KindOf(err), "nothing can be written on the volume: %w", err)
	}
	u := uncached{File: f, bypasses: bypass(f)}
	if root.Remove(name) != nil {
		u.removes = func() { _ = root.Remove(name) } // there is nobody to tell
	}
	return u, nil
}
