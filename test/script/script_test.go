package script

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stardrive/stardrive/internal/app"
	"github.com/stardrive/stardrive/internal/cli"
	"github.com/stardrive/stardrive/internal/worker"
)

// The scripts run this test's own file under the name stardrive: with the race
// detector if the test has it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Verb {
		os.Exit(app.Work(os.Args[2:]))
	}
	testscript.Main(m, map[string]func(){"stardrive": stardrive})
}

// stardrive is main of cmd/stardrive, and a guard: no daemon outlives the test.
func stardrive() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	mark := ""
	if dir := os.Getenv("STARDRIVE_TEST_PIDS"); dir != "" {
		mark = filepath.Join(dir, strconv.Itoa(os.Getpid()))
		_ = os.WriteFile(mark, nil, 0o600)
		go dieWithTest(os.Getenv("STARDRIVE_TEST_PID"))
	}
	code := cli.Main(ctx, os.Args[1:], cli.Deps{Version: "test", Serve: app.Serve, Ops: app.Definitions()})
	_ = os.Remove(mark)
	os.Exit(code)
}

// dieWithTest ends this process when the test is gone, however it went.
func dieWithTest(pid string) {
	n, err := strconv.Atoi(pid)
	for err == nil && alive(n) {
		time.Sleep(500 * time.Millisecond)
	}
	os.Exit(99)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                commands(),
		Condition: func(cond string) (bool, error) {
			return cond == "unix" && os.PathSeparator == '/', nil
		},
		Setup: func(e *testscript.Env) error {
			pids := filepath.Join(e.WorkDir, ".pids")
			home := filepath.Join(e.WorkDir, "home")
			data := filepath.Join(e.WorkDir, "d")
			for _, dir := range []string{pids, home, data} {
				if err := os.Mkdir(dir, 0o700); err != nil {
					return err
				}
			}
			// What a script sees must not depend on how far files were looked into; one
			// that is about that says so.
			if err := os.WriteFile(filepath.Join(data, "config.json"), []byte(`{"default_mode":"shallow"}`), 0o600); err != nil {
				return err
			}
			for name, value := range map[string]string{
				"HOME": home, "USERPROFILE": home, "STARDRIVE_DATA": data,
				"STARDRIVE_TEST_PIDS": pids, "STARDRIVE_TEST_PID": strconv.Itoa(os.Getpid()),
				"LONG": strings.Repeat("n", 255), "NO_COLOR": "1", "TZ": "UTC",
			} {
				e.Setenv(name, value)
			}
			e.Defer(func() { killAll(pids) })
			return nil
		},
	})
}

// killAll ends what a script has left running.
func killAll(pids string) {
	left, _ := os.ReadDir(pids)
	for _, f := range left {
		if pid, err := strconv.Atoi(f.Name()); err == nil {
			kill(pid)
		}
	}
}
