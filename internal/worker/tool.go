package worker

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Tool is one run of a program that is not ours. It runs closed in as the
// children are, as far as such programs can be: on Linux it may read the
// programs and libraries of the system and the file, write nothing, and has no
// network; elsewhere it has a deadline and an empty environment.
type Tool struct {
	Path     string        // absolute; see FindTool
	Args     []string      // with ToolFile where it wants the name of the file: names are never arguments
	In       *os.File      // the file, which it opens anew; nil: none
	MaxOut   int64         // bytes of its output that are taken; default 16 MiB. More is an error
	Deadline time.Duration // default 30 s
	Urgent   bool          // as of Ask
}

// ToolError is the error of a program that ran and was not content.
type ToolError struct {
	Status int
	Said   string // the beginning of its standard error
}

// Error tells what it said last.
func (e *ToolError) Error() string {
	lines := strings.Split(strings.TrimSpace(e.Said), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return fmt.Sprintf("it ended with status %d", e.Status)
}

const (
	defaultOut  = 16 << 20
	toolMemory  = 3 << 30 // of address space, which programs take more of than they use
	launchVerb  = "tool"
	notLaunched = 126 // status of a launcher that could not
)

// FindTool returns the absolute path of a program, "" if there is none. It looks
// only into folders that belong to the system, whatever PATH says.
func FindTool(name string) string {
	for _, dir := range toolFolders() {
		path := filepath.Join(dir, name+toolSuffix)
		if i, err := os.Stat(path); err == nil && i.Mode().IsRegular() && runnable(i) {
			return path
		}
	}
	return ""
}

// Tool runs t and returns what it wrote. Errors: *ToolError; *Died (it took too
// long, wrote too much, or was killed); errs.Unsupported (not on this system, or
// it cannot be run); errs.Unavailable (no process can be started now, or the pool
// was closed); errs.Cancelled.
func (p *Pool) Tool(ctx context.Context, t Tool) ([]byte, error) {
	if ToolFile == "" {
		return nil, errs.New(errs.Unsupported, "other programs are not used on this system")
	}
	t.MaxOut, t.Deadline = cmp.Or(t.MaxOut, defaultOut), cmp.Or(t.Deadline, defaultDeadline)
	ctx, _, leave, err := p.enter(ctx, t.Urgent)
	if err != nil {
		return nil, err
	}
	defer leave()
	limits, err := json.Marshal(toolLimits{Memory: toolMemory, Seconds: uint64(t.Deadline/time.Second) + 1})
	if err != nil {
		return nil, err
	}
	self, err := ownProgram()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "%w", err)
	}
	var said tail
	var cmd *exec.Cmd
	kill := func() { killGroup(cmd.Process) }
	out := &capped{max: t.MaxOut, full: kill}
	start := func(apart bool) error {
		cmd = exec.Command(self, append([]string{Verb, launchVerb, string(limits), t.Path}, t.Args...)...)
		cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = out, &said, []*os.File{t.In}
		cmd.Env, cmd.Dir, cmd.WaitDelay = ownEnv(), emptyDir(), endWithin
		cmd.SysProcAttr = attributes(apart)
		return p.starter.start(cmd)
	}
	if err := p.apart(start); err != nil {
		return nil, errs.New(errs.Unavailable, "%s cannot be started: %w", t.Path, err)
	}
	late, stop := time.AfterFunc(patience*t.Deadline, kill), context.AfterFunc(ctx, kill)
	err = cmd.Wait()
	inTime := late.Stop()
	stop()
	switch {
	case ctx.Err() != nil:
		return nil, p.why(ctx, ctx.Err())
	case out.over:
		return nil, &Died{Reason: fmt.Sprintf("%s writes too much", filepath.Base(t.Path))}
	case !inTime:
		return nil, &Died{Reason: fmt.Sprintf("%s takes longer than %s", filepath.Base(t.Path), patience*t.Deadline), Late: true}
	case err == nil:
		return out.b.Bytes(), nil
	}
	return nil, toolFailed(t, err, said.text())
}

func toolFailed(t Tool, err error, said string) error {
	var exit *exec.ExitError
	switch {
	case !errors.As(err, &exit):
		return errs.New(errs.Unavailable, "%s: %w", t.Path, err)
	case exit.ExitCode() == notLaunched:
		return errs.New(errs.Unsupported, "%s cannot be started: %s", t.Path, said)
	case exit.ExitCode() < 0:
		return &Died{Reason: fmt.Sprintf("%s crashed: %s", filepath.Base(t.Path), exit.Error())}
	}
	return &ToolError{exit.ExitCode(), said}
}

// toolLimits go from Tool to launch.
type toolLimits struct {
	Memory  int64  // bytes of address space
	Seconds uint64 // of processor time
}

// launch is the child that becomes the program: it closes itself in first.
func launch(args []string) int {
	var l toolLimits
	err := errors.New("no program")
	if len(args) >= 2 {
		if err = json.Unmarshal([]byte(args[0]), &l); err == nil {
			err = become(l, args[1], args[1:])
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return notLaunched
}

// capped is a buffer with an end.
type capped struct {
	b    bytes.Buffer
	max  int64
	over bool
	full func() // ends who writes
}

func (c *capped) Write(b []byte) (int, error) {
	if int64(c.b.Len()+len(b)) > c.max {
		c.over = true
		c.full()
		return 0, errors.New("more than " + strconv.FormatInt(c.max, 10) + " bytes")
	}
	return c.b.Write(b)
}
