package absence

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inside is set in the environment of the tests that run in a mount namespace of
// their own.
const inside = "STARDRIVE_ABSENCE_INSIDE"

// TestMain runs the tests once more, in a mount namespace of their own, where
// that is allowed.
func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" && os.Geteuid() == 0 {
		if code, err := again(); err == nil {
			os.Exit(code)
		} else {
			fmt.Fprintln(os.Stderr, "no mount namespace of our own:", err)
		}
	}
	var err error
	if buildIn, err = os.MkdirTemp("", "sd-absence-bin-"); err == nil {
		err = os.Chmod(buildIn, 0o755) // other users run it too
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(buildIn); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// buildIn is a folder for the program, as long as the tests run.
var buildIn string

// again runs this program in a new mount namespace and returns how it ended.
func again() (int, error) {
	runtime.LockOSThread() // the child dies with the thread that started it
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() { // ends with the process
		for s := range signals {
			_ = cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

// needMounts skips the test where nothing may be mounted.
func needMounts(t *testing.T) {
	t.Helper()
	if os.Getenv(inside) == "" {
		t.Skip("mounting needs root and a mount namespace of its own")
	}
}

// scratch is a folder of tests, on a file system of its own, that every user can
// reach. It goes with the namespace; what is mounted below it is let go of here.
func scratch(t *testing.T) string {
	t.Helper()
	needMounts(t)
	dir, err := os.MkdirTemp("", "sd-absence-")
	must(t, err)
	t.Cleanup(func() { must(t, os.Remove(dir)) })
	must(t, unix.Mount("scratch", dir, "tmpfs", 0, "size=512m,mode=755"))
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
