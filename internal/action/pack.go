package action

import (
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
)

// packer compresses what comes by the million: items and steps.
type packer struct {
	once sync.Once
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	err  error
}

// maxPacked bounds what one row may grow to when it is read; a damaged database
// must not exhaust the memory.
const maxPacked = 64 << 20

func (p *packer) open() error {
	p.once.Do(func() {
		if p.enc, p.err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(256<<10)); p.err == nil {
			p.dec, p.err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPacked))
		}
	})
	return p.err
}

func (p *packer) pack(v any) ([]byte, error) {
	if err := p.open(); err != nil {
		return nil, err
	}
	b, err := job.Encode(v)
	if err != nil {
		return nil, err
	}
	return p.enc.EncodeAll(b, nil), nil
}

func (p *packer) unpack(b []byte, to any) error {
	if err := p.open(); err != nil {
		return err
	}
	plain, err := p.dec.DecodeAll(b, nil)
	if err == nil {
		err = job.Decode(plain, to)
	}
	if err != nil {
		return errs.New(errs.Internal, "a stored plan cannot be read: %w", err)
	}
	return nil
}
