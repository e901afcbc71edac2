package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	defaultDeadline = 30 * time.Second
	startWithin     = 30 * time.Second // for a child to say hello
	readyWithin     = 5 * time.Minute  // for one that gets ready: once, on a slow machine
	endWithin       = 2 * time.Second  // for a child to end by itself
	maxRead         = 1 << 20          // bytes of one read
	freeReads       = 64 << 20
)

// errKilled: the child was killed by somebody else, who knows why.
var errKilled = errors.New("killed")

// Exit statuses of a child.
const (
	exitOK     = 0
	exitUsage  = 2 // also that of a Go panic
	exitMemory = 4
	exitWire   = 5
)

// child is a child process as its parent sees it. It is used by one call at a
// time.
type child struct {
	cmd    *exec.Cmd
	in     *os.File // what it reads
	out    *os.File // what it writes
	wire   *wire
	said   tail          // its standard error
	ended  chan struct{} // closed when it has ended, and err says how
	err    error
	ready  []string // what it got ready
	memory int64    // bytes it held after its last answer
	reads  int64    // bytes that may be read of a file beyond four times its size
	asks   int
	rest   *time.Timer // ends it when it has been idle for long
}

// start starts a child and waits for its hello.
func (p *Pool) start(ctx context.Context) (*child, error) {
	p.mu.Lock()
	ready, within := p.ready, startWithin
	p.mu.Unlock()
	if len(ready) > 0 {
		within = readyWithin
	}
	var c *child
	var apart bool
	err := p.apart(func(a bool) (err error) {
		apart = a
		c, err = p.spawn(a, ready)
		return err
	})
	if err != nil {
		return nil, err
	}
	late := time.AfterFunc(within, c.kill)
	stop := context.AfterFunc(ctx, c.kill)
	first, err := c.wire.receive()
	late.Stop()
	stop()
	if err != nil || first.Word != hello {
		c.kill()
		<-c.ended
		c.close()
		return nil, fmt.Errorf("it ended before it was ready: %w: %s", c.err, c.said.firstLine())
	}
	p.mu.Lock()
	p.walls = append(ownWalls(apart), first.Walls...)
	p.mu.Unlock()
	return c, nil
}

// apart has start start a process in namespaces of its own, or without where they
// are refused.
func (p *Pool) apart(start func(apart bool) error) error {
	p.mu.Lock()
	apart := !p.noSpace
	p.mu.Unlock()
	err := start(apart)
	if err != nil && apart && refusesSpaces(err) {
		p.mu.Lock()
		p.noSpace = true
		p.mu.Unlock()
		err = start(false)
	}
	return err
}

// spawn starts the process. Its two pipes are the only thing it gets.
func (p *Pool) spawn(apart bool, ready []string) (*child, error) {
	self, err := ownProgram()
	if err != nil {
		return nil, err
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		_, _ = inR.Close(), inW.Close()
		return nil, err
	}
	c := &child{in: inW, out: outR, ended: make(chan struct{}), ready: ready, reads: p.reads}
	c.cmd = exec.Command(self, Verb, strconv.FormatInt(p.o.Memory, 10), p.o.Folder, strings.Join(ready, ","))
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = inR, outW, &c.said
	c.cmd.Env = ownEnv()
	c.cmd.Dir = emptyDir()
	c.cmd.WaitDelay = endWithin
	c.cmd.SysProcAttr = attributes(apart)
	if c.wire, err = newWire(outR, inW); err == nil {
		err = p.starter.start(c.cmd)
	}
	_, _ = inR.Close(), outW.Close() // the child has them
	if err != nil {
		c.close()
		return nil, err
	}
	go func() { // ends with the process, which finish and kill see to
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

func (c *child) close() { _, _ = c.in.Close(), c.out.Close() }

// kill ends the process group by force. It may be called at any time.
func (c *child) kill() {
	select {
	case <-c.ended: // the number may be another's by now
	default:
		killGroup(c.cmd.Process)
	}
}

// alive tells whether it can be asked again.
func (c *child) alive() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// finish ends an idle child and waits until it has.
func (c *child) finish() {
	_ = c.in.Close() // it ends when there is nothing to read any more
	patience := time.AfterFunc(endWithin, c.kill)
	<-c.ended
	patience.Stop()
	c.close()
}

// ask sends a to the child and serves its reads until it answers. While a read takes
// long, others may have its place. On an error the child has ended, and
// context.Canceled stands for ctx's end.
func (c *child) ask(ctx context.Context, a Ask, at *place) ([]byte, error) {
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	clock := newClock(c, a.Deadline)
	defer clock.stop()
	s := source{a: a, left: 4*a.Size + c.reads}
	err := c.wire.send(frame{Word: ask, Data: a.Body, N: a.Size})
	for err == nil {
		var f frame
		if f, err = c.wire.receive(); err != nil {
			break
		}
		switch f.Word {
		case read:
			clock.pause()
			var b frame
			if err = at.wait(ctx, func() { b = s.read(f) }); err != nil {
				break
			}
			clock.goOn()
			if s.left < 0 {
				return nil, c.end(&Died{Reason: "it is read over and over again, without an end"})
			}
			err = c.wire.send(b)
		case answer:
			if !clock.stop() {
				return nil, c.end(clock.died())
			}
			if !stop() {
				<-c.ended // it is being killed
			}
			c.asks, c.memory = c.asks+1, f.N
			switch {
			case s.err != nil: // whatever was made of it
				return nil, s.err
			case f.Err != "":
				return nil, errs.New(errs.Internal, "worker: %s", strings.ToValidUTF8(f.Err, "?"))
			}
			return f.Data, nil
		default:
			err = errors.New("a message without sense")
		}
	}
	c.kill()
	<-c.ended
	switch {
	case ctx.Err() != nil:
		return nil, context.Canceled
	case !clock.stop():
		return nil, clock.died()
	case s.err != nil:
		return nil, s.err
	}
	return nil, c.reason()
}

// end kills the child and returns err.
func (c *child) end(err error) error {
	c.kill()
	<-c.ended
	return err
}

// reason tells why the child ended by itself.
func (c *child) reason() error {
	var exit *exec.ExitError
	if !errors.As(c.err, &exit) {
		return &Died{Reason: "the process that looked into it ended"}
	}
	said := c.said.firstLine()
	switch {
	case exit.ExitCode() == exitMemory, strings.Contains(said, "out of memory"), strings.Contains(said, "allocate"),
		strings.Contains(said, "pthread_create failed"): // for want of a stack
		return &Died{Reason: "it needs too much memory"}
	case exit.ExitCode() < 0:
		return errKilled
	case said != "":
		return &Died{Reason: "the decoder crashed: " + said}
	}
	return &Died{Reason: fmt.Sprintf("the decoder ended with status %d", exit.ExitCode())}
}

// source serves the reads of one ask.
type source struct {
	a    Ask
	left int64 // bytes that may still be read
	err  error // of the file
}

func (s *source) read(f frame) frame {
	out := frame{Word: block}
	n := min(f.N, maxRead, s.a.Size-f.Off)
	if f.Off < 0 || n <= 0 {
		return out // the child knows where the end is
	}
	s.left -= n
	b := make([]byte, n)
	got, err := s.a.Source.ReadAt(b, f.Off)
	if int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = errs.New(errs.Conflict, "the file became shorter while it was read")
		}
		s.err = err
		out.Err = "the file cannot be read"
	}
	out.Data = b[:got]
	return out
}

// tail keeps the beginning of what a child says on its standard error.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[:min(len(b), 4096-len(t.b))]...)
	return len(b), nil
}

// firstLine is the first line that tells something, at most 200 bytes of it.
func (t *tail) firstLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(t.b)) {
		if line = strings.TrimSpace(line); line != "" {
			return strings.ToValidUTF8(line[:min(len(line), 200)], "?")
		}
	}
	return ""
}

// text is all of it.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.b), "?")
}
