// Package daemon runs the real stardrive program for tests and measurements
// that treat it as a black box: it starts, kills and asks processes, and knows
// nothing of what is inside them.
package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Daemon is one running `stardrive serve`.
type Daemon struct {
	Bin, Data string
	// Started is how long it took from the start of the process to the first
	// answer on its socket.
	Started time.Duration

	cmd    *exec.Cmd
	http   *http.Client
	exited chan struct{} // closed when the process is gone
	err    error         // of its exit; read after exited
}

// Build makes the program in dir and returns its path. It takes the flags of
// `make build`, so that the compiler's cache serves both.
func Build(ctx context.Context, dir string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "stardrive")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", bin, "./cmd/stardrive")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building stardrive: %w\n%s", err, out)
	}
	return bin, nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("not inside the module")
		}
	}
}

// Start runs bin on the data folder and returns when it answers. The process
// dies with ctx. Its output goes to DATA.log, beside the data folder.
func Start(ctx context.Context, bin, data string) (*Daemon, error) {
	log, err := os.OpenFile(data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	d := &Daemon{Bin: bin, Data: data, exited: make(chan struct{})}
	d.cmd = exec.CommandContext(ctx, bin, "serve", "--data", data, "--listen", "127.0.0.1:0")
	d.cmd.Stdout, d.cmd.Stderr = log, log
	dieWithParent(d.cmd)
	d.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(data, "daemon.sock"))
	}}}
	began := time.Now()
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.exited)
	}()
	if err := d.ready(ctx); err != nil {
		d.Kill()
		tail, _ := os.ReadFile(data + ".log")
		return nil, fmt.Errorf("%w\nits output ends with:\n%s", err, tail[max(0, len(tail)-4000):])
	}
	d.Started = time.Since(began)
	return d, nil
}

func (d *Daemon) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		res, err := d.get(ctx, "/v1/health")
		if err == nil {
			_ = res.Body.Close()
			return nil
		}
		select {
		case <-d.exited:
			return fmt.Errorf("the daemon ended at its start: %w", d.err)
		case <-ctx.Done():
			return fmt.Errorf("the daemon does not answer: %w", err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (d *Daemon) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return nil, err
	}
	return d.http.Do(req)
}

// PID is the process id.
func (d *Daemon) PID() int { return d.cmd.Process.Pid }

// Kill ends the process at once (kill -9) and waits until it is gone. It may
// be called again.
func (d *Daemon) Kill() {
	_ = d.cmd.Process.Kill()
	<-d.exited
	d.http.CloseIdleConnections()
}

// Stop asks the process to end in order and waits for it, killing it after 30
// seconds. It returns how the process ended.
func (d *Daemon) Stop() error {
	_ = d.cmd.Process.Signal(os.Interrupt)
	select {
	case <-d.exited:
		d.http.CloseIdleConnections()
		return d.err
	case <-time.After(30 * time.Second):
		d.Kill()
		return errors.New("the daemon did not end in 30 s and was killed")
	}
}

// Problem is an operation's error as the wire has it.
type Problem struct {
	Status int
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Kind, p.Detail) }

// Call runs an operation and decodes its answer into out (nil: thrown away).
// An answer that is an error is a *Problem.
func (d *Daemon) Call(ctx context.Context, op string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/op/"+op, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := d.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		p := &Problem{Status: res.StatusCode}
		if json.Unmarshal(answer, p) != nil || p.Detail == "" {
			p.Detail = string(answer)
		}
		return fmt.Errorf("%s: %w", op, p)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// CLI runs the command line against this daemon and decodes its JSON into out.
func (d *Daemon) CLI(ctx context.Context, out any, args ...string) error {
	cmd := exec.CommandContext(ctx, d.Bin, append([]string{"--data", d.Data, "--json", "--no-start"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("stardrive %v: %w: %s", args, err, stderr.String())
	}
	return json.Unmarshal(b, out)
}
