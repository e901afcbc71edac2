package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// commands are what the scripts can say beside testscript's own words.
func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"exits":         exits,
		"json":          jsonField("stdout"),
		"savejson":      saveJSON,
		"jsonerr":       jsonField("stderr"),
		"mode":          mode,
		"private":       private,
		"rawfile":       rawFile,
		"rawbytes":      rawBytes,
		"rawexec":       rawExec,
		"print0":        print0,
		"kill9":         kill9,
		"terminate":     terminate,
		"waitready":     waitReady,
		"waitlocations": waitLocations,
		"waitcontents":  waitContents,
		"lastseq":       lastSeq,
		"files":         files,
		"drawing":       drawing,
		"waitsidecars":  waitSidecars,
		"fetch":         fetch,
		"waittexts":     waitTexts,
		"waithits":      waitHits,
	}
}

// exits CODE PROGRAM ARGS… demands an exit status; CODE may be 0|1.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(code)) {
		ts.Fatalf("exit status %d, want %s\nstdout: %s\nstderr: %s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// jsonField makes the command `json FIELD VALUE`: the field of the one object
// that was printed, such as items.0.name, must be VALUE; "." means anything but
// empty.
func jsonField(stream string) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if len(args) != 2 {
			ts.Fatalf("usage: json FIELD VALUE")
		}
		got := fieldOf(ts, stream, args[0])
		if same := got == args[1] || args[1] == "." && got != ""; same == neg {
			ts.Fatalf("%s is %q, not %q, in %s", args[0], got, args[1], ts.ReadFile(stream))
		}
	}
}

// savejson NAME FIELD sets an environment variable to a field of what was printed.
func saveJSON(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], fieldOf(ts, "stdout", args[1]))
}

// fieldOf returns a field of the one object in a stream.
func fieldOf(ts *testscript.TestScript, stream, path string) string {
	text := ts.ReadFile(stream)
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() || strings.Count(text, "\n") != 1 {
		ts.Fatalf("%s is not one line with one JSON value (%v): %q", stream, err, text)
	}
	for _, key := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(x) {
				ts.Fatalf("no %s in %s", path, text)
			}
			v = x[i]
		default:
			v = nil
		}
	}
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// mode FILE MODE demands permission bits.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if os.PathSeparator != '/' {
		return
	}
	fi, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	if (fi.Mode().Perm() == fs.FileMode(want)) == neg {
		ts.Fatalf("mode of %s is %v", args[0], fi.Mode())
	}
}

// private DIR demands that nothing in DIR is open to others.
func private(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		n++
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if fi.Mode().Perm() != want {
			ts.Fatalf("mode of %s is %v", path, fi.Mode())
		}
		return nil
	})
	ts.Check(err)
	if n < 3 {
		ts.Fatalf("%s is nearly empty", args[0])
	}
}

// raw undoes Go escapes: a\xff.
func raw(ts *testscript.TestScript, text string) string {
	name, err := strconv.Unquote(`"` + text + `"`)
	if err != nil {
		ts.Fatalf("%q: %v", text, err)
	}
	return name
}

// rawfile NAME TEXT writes a file whose name is given with Go escapes.
func rawFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(raw(ts, args[0])), []byte(args[1]+"\n"), 0o600))
}

// rawbytes FILE TEXT writes a file whose bytes are given with Go escapes.
func rawBytes(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(raw(ts, args[1])), 0o600))
}

// rawexec PROGRAM ARGS… is exec with Go escapes in the arguments.
func rawExec(ts *testscript.TestScript, _ bool, args []string) {
	for i := range args {
		args[i] = raw(ts, args[i])
	}
	ts.Check(ts.Exec(args[0], args[1:]...))
}

// print0 PREFIX NAME… demands that stdout lists exactly these paths, in any order.
func print0(ts *testscript.TestScript, _ bool, args []string) {
	var want []string
	for _, name := range args[1:] {
		want = append(want, args[0]+raw(ts, name)+"\x00")
	}
	got := strings.SplitAfter(ts.ReadFile("stdout"), "\x00")
	got = got[:len(got)-1]
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		ts.Fatalf("paths\n got %q\nwant %q", got, want)
	}
}

// kill9 kills the daemon of $STARDRIVE_DATA and waits until it is gone.
func kill9(ts *testscript.TestScript, _ bool, _ []string) {
	data := ts.Getenv("STARDRIVE_DATA")
	kill(daemonPID(ts))
	wait(ts, "the daemon to be gone", func() bool {
		c, err := net.Dial("unix", filepath.Join(data, "daemon.sock"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
}

// terminate asks the daemon of $STARDRIVE_DATA to end, and does not wait.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	p, err := os.FindProcess(daemonPID(ts))
	ts.Check(err)
	ts.Check(p.Signal(os.Interrupt))
}

func daemonPID(ts *testscript.TestScript) int {
	b, err := os.ReadFile(filepath.Join(ts.Getenv("STARDRIVE_DATA"), "daemon.json"))
	ts.Check(err)
	var d struct {
		PID int `json:"pid"`
	}
	ts.Check(json.Unmarshal(b, &d))
	return d.PID
}

func wait(ts *testscript.TestScript, what string, done func() bool) {
	for began := time.Now(); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			ts.Fatalf("waited in vain for %s", what)
		}
	}
}

// waitready waits until the daemon answers.
func waitReady(ts *testscript.TestScript, _ bool, _ []string) {
	wait(ts, "the daemon", func() bool { return quiet(ts, "--no-start", "status") != nil })
}

// waitlocations N waits until there are N locations.
func waitLocations(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, "locations", func() bool {
		var list struct{ Items []any }
		_ = json.Unmarshal(quiet(ts, "--no-start", "location", "list"), &list)
		return strconv.Itoa(len(list.Items)) == args[0]
	})
}

// waitcontents N waits until the files of the library are of N contents.
func waitContents(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, "contents", func() bool {
		var info struct{ Contents json.Number }
		_ = json.Unmarshal(quiet(ts, "--no-start", "library", "info"), &info)
		return info.Contents.String() == args[0]
	})
}

// waithits QUERY N [LIBRARY] waits until a search finds so many entries.
func waitHits(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, "hits", func() bool {
		var found struct{ Total json.Number }
		ask := []string{"search", args[0]}
		if len(args) > 2 {
			ask = append(ask, "--library", args[2])
		}
		_ = json.Unmarshal(quiet(ts, ask...), &found)
		return found.Total.String() == args[1]
	})
}

// quiet runs the program outside the script's log; nil if it fails.
func quiet(ts *testscript.TestScript, args ...string) []byte {
	path, err := exec.LookPath("stardrive")
	ts.Check(err)
	cmd := exec.Command(path, append(args, "--json", "--data", ts.Getenv("STARDRIVE_DATA"))...)
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(out)
}

// lastseq NAME sets an environment variable to the last seq that was printed.
func lastSeq(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	var e struct{ Seq json.Number }
	ts.Check(json.Unmarshal([]byte(lines[len(lines)-1]), &e))
	ts.Setenv(args[0], e.Seq.String())
}

// files DIR N makes N small files: half of them in DIR/gone, half in DIR/kept.
func files(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, half := range []string{"gone", "kept"} {
		dir := filepath.Join(ts.MkAbs(args[0]), half)
		ts.Check(os.MkdirAll(dir, 0o700))
		for i := range n / 2 {
			ts.Check(os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".txt"), []byte(half), 0o600))
		}
	}
}
