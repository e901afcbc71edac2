package patient

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
)

// Whole implements Whole.
func (d *driver) Whole(ctx context.Context, fn func(vfs.Driver) error) error {
	if err := d.k.Check(d.name); err != nil {
		return err
	}
	p := &pulse{}
	p.at.Store(time.Now().UnixNano())
	_, err := follow(ctx, d.k, d.name, p, func() (struct{}, error) {
		return struct{}{}, fn(&beating{d.Driver, p, d.name})
	}, nil)
	return err
}

// pulse tells when the last call of several began.
type pulse struct {
	at   atomic.Int64 // in nanoseconds since 1970
	over atomic.Bool  // nobody waits any more
}

// left is how much of the deadline the call under way has left. A nil pulse has none.
func (p *pulse) left(deadline time.Duration) time.Duration {
	if p == nil {
		return 0
	}
	return deadline - time.Duration(time.Now().UnixNano()-p.at.Load())
}

func (p *pulse) stop() {
	if p != nil {
		p.over.Store(true)
	}
}

// beat begins a call, unless nobody waits for it.
func (p *pulse) beat(name string) error {
	if p.over.Load() {
		return errHangs(name)
	}
	p.at.Store(time.Now().UnixNano())
	return nil
}

// beating is a driver that tells when its calls begin.
type beating struct {
	vfs.Driver
	p    *pulse
	name string
}

func (b *beating) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := b.p.beat(b.name); err != nil {
		return vfs.Entry{}, err
	}
	return b.Driver.Stat(ctx, path)
}

func (b *beating) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := b.p.beat(b.name); err != nil {
		return nil, err
	}
	h, err := b.Driver.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &beatingHandle{h, b}, nil
}

type beatingHandle struct {
	vfs.Handle
	b *beating
}

func (h *beatingHandle) Read(p []byte) (int, error) {
	if err := h.b.p.beat(h.b.name); err != nil {
		return 0, err
	}
	return h.Handle.Read(p)
}

func (h *beatingHandle) ReadAt(p []byte, off int64) (int, error) {
	if err := h.b.p.beat(h.b.name); err != nil {
		return 0, err
	}
	return h.Handle.ReadAt(p, off)
}

func (h *beatingHandle) Stat() (vfs.Entry, error) {
	if err := h.b.p.beat(h.b.name); err != nil {
		return vfs.Entry{}, err
	}
	return h.Handle.Stat()
}

// OSFile is the open file where it is one of the system's; nil else.
func (h *beatingHandle) OSFile() *os.File { return vfs.OSFile(h.Handle) }

func (h *beatingHandle) Close() error {
	h.b.p.at.Store(time.Now().UnixNano())
	return h.Handle.Close()
}
