package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// escape tries to get out; "" when it could not.
func escape(verb, arg string) ([]byte, error) {
	var err error
	switch verb {
	case "open":
		_, err = os.ReadFile(arg)
	case "write":
		err = os.WriteFile(arg, []byte("was here"), 0o600)
	case "list":
		_, err = os.ReadDir(arg)
	case "exec":
		err = exec.Command(arg).Run()
	case "execve":
		err = syscall.Exec(arg, []string{arg}, nil)
	case "fork":
		_, _, e := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		err = errno(e)
	case "connect":
		_, err = net.Dial("tcp", arg)
	case "udp":
		_, err = net.Dial("udp", arg)
	case "unix":
		_, err = net.Dial("unix", arg)
	case "raw":
		_, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0)
	case "kill":
		err = syscall.Kill(os.Getppid(), 0)
	case "tgkill":
		err = unix.Tgkill(os.Getppid(), os.Getppid(), 0)
	case "ptrace":
		err = unix.PtraceAttach(os.Getppid())
	case "uring":
		_, _, e := syscall.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
		err = errno(e)
	case "memfd":
		_, err = unix.MemfdCreate("x", 0)
	default:
		return nil, fmt.Errorf("what is %q?", verb)
	}
	if err != nil {
		return []byte(err.Error()), nil
	}
	return []byte("OUT"), nil
}

func errno(e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

// TestE15_NoWayOut: a child that was taken over finds nothing to take.
func TestE15_NoWayOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	p := newPool(t, Options{})
	for _, try := range []string{
		"open /etc/passwd", "open /proc/self/status", "open /proc/1/status", "write " + filepath.Join(dir, "x"), "write /tmp/stardrive-was-here", "list /", "list " + dir,
		"exec /bin/true", "execve /bin/true", "fork", "connect " + l.Addr().String(), "udp 127.0.0.1:53", "unix /run/dbus/system_bus_socket", "raw",
		"kill", "tgkill", "ptrace", "uring", "memfd",
	} {
		if out := must(t, p, askOf(try, nil)); string(out) == "OUT" {
			t.Errorf("%s works", try)
		}
	}
	if env := must(t, p, askOf("env", nil)); len(env) > 0 {
		t.Errorf("the environment is %q", env)
	}
	standing := 0
	for _, w := range p.Walls() {
		t.Logf("%-16s %s", w.Name, w.Err)
		if w.Err == "" {
			standing++
		}
	}
	if standing < 5 {
		t.Errorf("only %d walls stand", standing)
	}
}

// oneWall builds one wall and runs against it.
func oneWall(name string) {
	var err error
	switch name {
	case "parent": // of a child that is busy
		p := New(Options{})
		out, _ := p.Do(context.Background(), Ask{Body: []byte("pid")})
		fmt.Println(string(out))
		_, _ = p.Do(context.Background(), Ask{Body: []byte("loop")})
	case "landlock":
		err = landlock.V7.BestEffort().Restrict()
	case "seccomp":
		err = onlyCompute()
	}
	if err == nil {
		_, err = os.ReadFile("/etc/passwd")
	}
	fmt.Println(err)
}

// TestEachWallAlone: seccomp would hide that Landlock does nothing, and the other
// way round; each is tried by itself in a process of its own.
func TestEachWallAlone(t *testing.T) {
	for name, want := range map[string]string{"landlock": "permission denied", "seccomp": "operation not permitted"} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{"ONE_WALL=" + name}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

func tool(t *testing.T, name string) string {
	path := FindTool(name)
	if path == "" {
		t.Skip(name + " is not here")
	}
	return path
}

func fileOf(t *testing.T, content string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a file; rm -rf $HOME")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestTool(t *testing.T) {
	p := newPool(t, Options{})
	f := fileOf(t, "three\nshort\nlines\n")
	out, err := p.Tool(t.Context(), Tool{Path: tool(t, "wc"), Args: []string{"-l", ToolFile}, In: f})
	if err != nil || !strings.HasPrefix(string(out), "3 ") {
		t.Errorf("%q, %v", out, err)
	}
	var told *ToolError
	if _, err = p.Tool(t.Context(), Tool{Path: tool(t, "wc"), Args: []string{"--no-such"}, In: f}); !errors.As(err, &told) || told.Status != 1 {
		t.Errorf("%v", err)
	}
	var d *Died
	if _, err = p.Tool(t.Context(), Tool{Path: tool(t, "cat"), Args: []string{"/dev/zero"}, In: f, MaxOut: 1000}); err == nil {
		t.Error("/dev/zero can be read")
	}
	if _, err = p.Tool(t.Context(), Tool{Path: tool(t, "yes"), In: f, MaxOut: 1000}); !errors.As(err, &d) || !strings.Contains(d.Reason, "too much") {
		t.Errorf("%v", err)
	}
	if _, err = p.Tool(t.Context(), Tool{Path: tool(t, "sleep"), Args: []string{"60"}, In: f, Deadline: 50_000_000}); !errors.As(err, &d) || !strings.Contains(d.Reason, "longer") {
		t.Errorf("%v", err)
	}
	if _, err = p.Tool(t.Context(), Tool{Path: "/usr/bin/there-is-no-such", In: f}); err == nil {
		t.Error("it runs")
	}
	if FindTool("there-is-no-such") != "" || FindTool("../bin/sh") == "sh" {
		t.Error("found")
	}
}

// TestToolIsClosedIn: other programs read the system and their file, and no more.
func TestToolIsClosedIn(t *testing.T) {
	p := newPool(t, Options{})
	f := fileOf(t, "x")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("psst"), 0o644); err != nil {
		t.Fatal(err)
	}
	sh := tool(t, "sh")
	for what, script := range map[string]string{
		"reads": "cat " + secret, "lists": "ls " + filepath.Dir(secret), "reads /etc": "cat /etc/passwd", "writes": "echo x > " + secret,
		"removes": "rm " + secret, "writes its file": "echo x > " + ToolFile,
	} {
		if out, err := p.Tool(t.Context(), Tool{Path: sh, Args: []string{"-c", script}, In: f}); err == nil {
			t.Errorf("it %s: %s", what, out)
		}
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "psst" {
		t.Errorf("%q, %v", b, err)
	}
	if out, err := p.Tool(t.Context(), Tool{Path: sh, Args: []string{"-c", "env; ls /proc/self/fd | wc -l"}, In: f}); err == nil && strings.Contains(string(out), "HOME=") {
		t.Errorf("%s", out)
	}
}
