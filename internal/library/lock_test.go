package library

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

const holdEnv = "STARDRIVE_TEST_HOLD"

// hold is what the test binary does as another process: it opens the default
// library, says so, and holds it until its input ends.
func hold() {
	m := NewManager(Options{Dir: os.Getenv(holdEnv)})
	l, err := m.Get(context.Background(), "")
	if err != nil {
		fmt.Println("failed:", errs.KindOf(err), err)
		os.Exit(1)
	}
	fmt.Println("held:", l.Name)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	if err := m.Close(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// holder starts another process that holds the default library of dir.
func holder(t *testing.T, dir string) (*exec.Cmd, func() error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) // ended already where all went well
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "held:") {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return cmd, in.Close
}

func TestE6SecondProcessIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	cmd, end := holder(t, dir)
	m := manager(t, dir)
	check := func(err error) {
		t.Helper()
		wantKind(t, err, errs.Conflict)
		if !strings.Contains(err.Error(), fmt.Sprintf("process %d", cmd.Process.Pid)) || errs.RemedyOf(err) == "" {
			t.Errorf("%v; remedy %q", err, errs.RemedyOf(err))
		}
	}
	_, err := m.Get(t.Context(), "")
	check(err)
	_, err = m.Rename(t.Context(), "Home", "Mine")
	check(err)
	check(m.Remove(t.Context(), "Home", false))
	check(m.Remove(t.Context(), "Home", true))
	if all := list(t, m); len(all) != 1 || all[0].Name != "Home" {
		t.Errorf("%+v", all)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Get(t.Context(), ""); err != nil {
		t.Error("given up, and still held:", err)
	}
}

func TestE6P10LockOfAKilledProcessIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		cmd, _ := holder(t, dir)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // says that it was killed
	}
	m := manager(t, dir)
	l, err := m.Get(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(l.Path, lockFile))
	if err != nil || strings.TrimSpace(string(b)) != fmt.Sprint(os.Getpid()) {
		t.Errorf("%q, %v", b, err)
	}
}

func TestE6TwoManagersOfOneProcess(t *testing.T) {
	dir := t.TempDir()
	create(t, manager(t, dir), "Home")
	_, err := manager(t, dir).Get(t.Context(), "Home")
	wantKind(t, err, errs.Conflict)
}

func TestLockFileSaysNonsense(t *testing.T) {
	path := filepath.Join(t.TempDir(), lockFile)
	l, err := acquire(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	for _, text := range []string{"", "x", "-5\n", strings.Repeat("9", 100)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := acquire(path); !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "another process") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
