package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Main is the child: what our program does after the word Verb, with the
// arguments that follow it. It closes itself in, answers asks by the handler
// until its parent has no more, and returns the status to exit with. Exit at
// once: the handler may still be running.
func Main(args []string, setup Setup) int {
	if len(args) > 0 && args[0] == launchVerb {
		return launch(args[1:])
	}
	memory, err := int64(0), error(nil)
	if len(args) == 3 {
		memory, err = strconv.ParseInt(args[0], 10, 64)
	}
	if err != nil || memory <= 0 {
		fmt.Fprintln(os.Stderr, "This is a part of Stardrive that Stardrive starts by itself.")
		return exitUsage
	}
	in, out := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = nil, os.Stderr // nobody else writes into the wire
	debug.SetMemoryLimit(memory / 4 * 3)
	debug.SetTraceback("single")
	debug.SetMaxStack(32 << 20)
	runtime.GOMAXPROCS(min(2, runtime.NumCPU()))
	w, err := newWire(bufio.NewReaderSize(in, 64<<10), out)
	if err != nil {
		return exitWire
	}
	_ = lower() // while it gets ready, too; closeIn tells if it cannot
	handle := setup(args[1], strings.FieldsFunc(args[2], func(r rune) bool { return r == ',' }))
	walls := closeIn(memory)
	if err := w.send(frame{Word: hello, Walls: walls}); err != nil {
		return exitWire
	}
	c := &inside{wire: w, handle: handle, blocks: make(chan frame), asks: make(chan frame)}
	return c.serve(memory)
}

// inside is the state of a child.
type inside struct {
	wire   *wire
	handle Handler
	blocks chan frame
	asks   chan frame
}

// serve answers asks until the parent ends. The handler runs beside, so that the
// end of the parent and too much memory are noticed while it is at work.
func (c *inside) serve(memory int64) int {
	gone := make(chan struct{})
	go func() { // ends when the parent ends
		defer close(gone)
		for {
			f, err := c.wire.receive()
			switch {
			case err != nil:
				return
			case f.Word == ask:
				c.asks <- f
			case f.Word == block:
				c.blocks <- f
			}
		}
	}()
	go func() { // ends with the process
		for f := range c.asks {
			if err := c.answer(f); err != nil {
				_ = os.Stdout.Sync() // nothing can be told any more: the parent has gone
			}
		}
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-gone:
			return exitOK
		case <-tick.C:
			if inUse() > memory {
				return exitMemory
			}
		}
	}
}

// answer answers one ask.
func (c *inside) answer(f frame) error {
	src := &remote{c: c, size: f.N}
	out, err := c.handle(context.Background(), f.Data, src, f.N)
	src.close()
	answered := frame{Word: answer, Data: out, N: inUse()}
	if err != nil {
		answered.Data, answered.Err = nil, err.Error()
	}
	return c.wire.send(answered)
}

// inUse is how much memory the process has from the system, as Go knows it.
func inUse() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// Reads go in blocks of blockSize, some of which are kept.
const (
	blockSize  = 256 << 10
	keptBlocks = 32
)

// remote is the file, which the parent reads for us.
type remote struct {
	c    *inside
	size int64

	mu     sync.Mutex
	kept   []kept // the latest used last
	closed bool
}

type kept struct {
	at int64 // its number
	b  []byte
}

// ReadAt implements io.ReaderAt.
func (r *remote) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("read before the beginning")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for n < len(b) && off < r.size {
		have, err := r.block(off / blockSize)
		if err != nil {
			return n, err
		}
		got := copy(b[n:], have[off%blockSize:])
		n, off = n+got, off+int64(got)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// block returns a block that begins before the end.
func (r *remote) block(at int64) ([]byte, error) {
	for i := len(r.kept) - 1; i >= 0; i-- {
		if k := r.kept[i]; k.at == at {
			r.kept = append(append(r.kept[:i], r.kept[i+1:]...), k)
			return k.b, nil
		}
	}
	if r.closed {
		return nil, errors.New("read after the answer")
	}
	want := min(blockSize, r.size-at*blockSize)
	if err := r.c.wire.send(frame{Word: read, Off: at * blockSize, N: want}); err != nil {
		return nil, err
	}
	f := <-r.c.blocks
	if f.Err != "" {
		return nil, errors.New(f.Err)
	}
	if int64(len(f.Data)) != want {
		return nil, io.ErrUnexpectedEOF
	}
	if len(r.kept) == keptBlocks {
		r.kept = append(r.kept[:0], r.kept[1:]...)
	}
	r.kept = append(r.kept, kept{at, f.Data})
	return f.Data, nil
}

// close makes what still reads end: the next file is another.
func (r *remote) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.kept = true, nil
}
