package absence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// patience is how long something may take that must happen.
const patience = 60 * time.Second

// program builds the program once for all tests, or takes ABSENCE_BIN.
var program = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("ABSENCE_BIN"); bin != "" {
		return bin, nil
	}
	return daemon.Build(context.Background(), buildIn)
})

// world is a daemon that is stopped and started again in the course of a test.
type world struct {
	bin, data string
	d         *daemon.Daemon
}

// newWorld starts a daemon whose data stands in the folder data.
func newWorld(t *testing.T, data string) *world {
	t.Helper()
	bin, err := program()
	must(t, err)
	return startWorld(t, bin, data)
}

func startWorld(t *testing.T, bin, data string) *world {
	t.Helper()
	w := &world{bin: bin, data: data}
	t.Cleanup(func() {
		if w.d != nil {
			w.d.Kill()
		}
		if log, err := os.ReadFile(data + ".log"); t.Failed() && err == nil {
			t.Logf("the daemon's log ends with:\n%s", log[max(0, len(log)-3000):])
		}
	})
	w.start(t)
	return w
}

// start starts the daemon. It lives until the test that made the world ends,
// not the part of it that calls.
func (w *world) start(t testing.TB) {
	t.Helper()
	d, err := daemon.Start(context.Background(), w.bin, w.data)
	must(t, err)
	w.d = d
}

func (w *world) stop(t testing.TB) {
	t.Helper()
	must(t, w.d.Stop())
}

func (w *world) restart(t testing.TB) {
	t.Helper()
	w.stop(t)
	w.start(t)
}

// call runs an operation that must succeed.
func call[Out any](t testing.TB, w *world, op string, in any) (out Out) {
	t.Helper()
	must(t, w.d.Call(t.Context(), op, in, &out))
	return out
}

type fields = map[string]any

// location is what these tests look at of a location.
type location struct {
	daemon.Location
	Path     string `json:"path"`
	Volume   string `json:"volume"`
	VolumeID string `json:"volume_id"`
}

func (w *world) location(t testing.TB, id string) location {
	t.Helper()
	return call[location](t, w, "location.info", fields{"location": id})
}

// rests waits until no scan of the location waits or runs, and returns it.
func (w *world) rests(t testing.TB, id string) location {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		l := w.location(t, id)
		now := "no scan"
		if l.Job != nil {
			now = l.Job.ID + " " + l.Job.State
		}
		ended := l.Job == nil || slices.Contains([]string{"done", "failed", "cancelled", "paused"}, l.Job.State)
		// Twice: a scan that ended may be followed by one, and its end may have been
		// read before the location.
		if ended && l.State != "pending" && l.State != "indexing" && now == last {
			return l
		}
		if last = now; time.Now().After(deadline) {
			t.Fatalf("the scan does not end: %+v, %+v", l, l.Job)
		}
	}
}

// indexed is a location as it was when all was well.
type indexed struct {
	id    string
	entry string
	known map[string]string // path → entry id; "" is its own folder
}

// add indexes the folder and notes what is known of it then.
func (w *world) add(t testing.TB, path string) *indexed {
	t.Helper()
	l := call[location](t, w, "location.add", fields{"path": path, "mode": "shallow"})
	if l = w.rests(t, l.ID); l.State != "ready" {
		t.Fatalf("%s: the location is %s: %+v", path, l.State, l.Job)
	}
	x := &indexed{id: l.ID, entry: l.Entry}
	x.known = w.walk(t, x)
	return x
}

// walk lists the location as the catalogue has it.
func (w *world) walk(t testing.TB, x *indexed) map[string]string {
	t.Helper()
	found := map[string]string{"": x.entry}
	must(t, w.d.Walk(t.Context(), x.entry, "", func(path string, e daemon.Entry) {
		if _, twice := found[path]; twice {
			t.Errorf("%q is listed twice", path)
		}
		if e.ID != "" { // else it stands on another volume that is mounted there
			found[path] = e.ID
		}
	}))
	return found
}

// rescan asks for a scan and waits for its end, however it ends.
func (w *world) rescan(t testing.TB, x *indexed) location {
	t.Helper()
	var p *daemon.Problem
	if err := w.d.Call(t.Context(), "location.rescan", fields{"location": x.id}, nil); err != nil && !errors.As(err, &p) {
		t.Fatal(err) // that it refuses is fine
	}
	return w.rests(t, x.id)
}

// why tells how the location's scan went.
func (w *world) why(t testing.TB, l location) string {
	t.Helper()
	if l.Job == nil {
		return "it has no scan"
	}
	var warnings struct {
		Items []struct{ Path, Message string }
	}
	must(t, w.d.Call(t.Context(), "job.warnings", fields{"job": l.Job.ID}, &warnings))
	return fmt.Sprintf("its scan is %s %s %q", l.Job.State, l.Job.Error, warnings.Items)
}

// states counts the known entries of a location by their state, and names some
// that are absent.
func (w *world) states(t testing.TB, x *indexed) (count map[string]int, absent []string) {
	t.Helper()
	count = map[string]int{}
	for path, id := range x.known {
		var e daemon.Entry
		if err := w.d.Call(t.Context(), "entry.info", fields{"id": id}, &e); err != nil {
			t.Fatalf("%q: %v", path, err)
		}
		count[e.State]++
		if e.State == "absent" {
			absent = append(absent, path)
		}
	}
	slices.Sort(absent)
	return count, absent
}

// noneAbsent is promise P8.
func (w *world) noneAbsent(t testing.TB, x *indexed) {
	t.Helper()
	if count, absent := w.states(t, x); len(absent) > 0 {
		t.Errorf("absent: %d of %d, such as %q; states %v", len(absent), len(x.known), absent[:min(4, len(absent))], count)
	}
}

// whole makes sure that everything is present, in its place, with the id it had.
func (w *world) whole(t testing.TB, x *indexed) {
	t.Helper()
	now := w.walk(t, x)
	var wrong []string
	for path, id := range x.known {
		if now[path] != id {
			wrong = append(wrong, fmt.Sprintf("%q is %q, was %q", path, now[path], id))
		}
	}
	for path, id := range now {
		if _, ok := x.known[path]; !ok {
			wrong = append(wrong, fmt.Sprintf("%q (%s) is new", path, id))
		}
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		t.Errorf("%d differ from before, such as %s", len(wrong), wrong[:min(4, len(wrong))])
	}
	if count, _ := w.states(t, x); count["present"] != len(x.known) {
		t.Errorf("states are %v, want all %d present", count, len(x.known))
	}
}

// tree makes some folders and files.
func tree(t testing.TB, root string) {
	t.Helper()
	for _, dir := range []string{"2024/beach/raw", "2024/empty", "2025/party", ".hidden"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	for i, file := range []string{"2024/a.jpg", "2024/b.jpg", "2024/beach/c.jpg", "2024/beach/raw/d.dng", "2024/beach/raw/\xff.dng", "2025/e.jpg",
		"2025/party/f.mp4", ".hidden/g", "notes.txt", "\n"} {
		must(t, os.WriteFile(filepath.Join(root, file), make([]byte, 10*i), 0o644))
	}
	must(t, os.Symlink("2024", filepath.Join(root, "link")))
}
