package soak

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

const (
	pictures     = 120 // of the ordinary test run
	pictureKills = 10
)

// derived is what a library tells of one sidecar.
type derived struct {
	Content string    `json:"content"`
	Kind    string    `json:"kind"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason"`
	Bytes   int64     `json:"bytes"`
	Made    time.Time `json:"made"`
	Name    string    `json:"name"`
}

// sidecars returns all there is, by content and kind.
func sidecars(ctx context.Context, t *testing.T, d *daemon.Daemon) map[string]derived {
	t.Helper()
	all := map[string]derived{}
	for cursor := ""; ; {
		var page struct {
			Items []derived `json:"items"`
			Next  string    `json:"next"`
		}
		if err := d.Call(ctx, "sidecar.list", map[string]any{"cursor": cursor, "limit": 1000}, &page); err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Items {
			all[s.Content+" "+s.Kind] = s
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// reads returns when each file was read last, by name.
func reads(ctx context.Context, t *testing.T, d *daemon.Daemon, tree string, n int) map[string]time.Time {
	t.Helper()
	all := map[string]time.Time{}
	for i := range n {
		var info struct {
			Content *struct {
				Read time.Time `json:"read"`
			} `json:"content"`
		}
		name := pictureName(i)
		if err := d.Call(ctx, "entry.info", map[string]any{"path": filepath.Join(tree, name)}, &info); err == nil && info.Content != nil {
			all[name] = info.Content.Read
		}
	}
	return all
}

func pictureName(i int) string { return fmt.Sprintf("picture%04d.png", i) }

// paint writes pictures no two of which are the same.
func paint(t *testing.T, tree string, n int) {
	t.Helper()
	if err := os.Mkdir(tree, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m := image.NewRGBA(image.Rect(0, 0, 300, 200))
		for x := range 300 {
			for y := range 200 {
				m.Set(x, y, color.RGBA{uint8(x * (i + 1)), uint8(y + i), uint8(i >> 4), 255})
			}
		}
		f, err := os.Create(filepath.Join(tree, pictureName(i)))
		if err == nil {
			err = png.Encode(f, m)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestSoak_P10_KillWhileThumbnailing: kill -9 at random moments while files are read
// and looked into. What was known before a kill is known after it, is neither read nor
// made once more, and at the end there is all there should be.
func TestSoak_P10_KillWhileThumbnailing(t *testing.T) {
	n, kills := setting(t, "SOAK_PICTURES", pictures), setting(t, "SOAK_KILLS", pictureKills)
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d pictures, %d kills, SOAK_SEED=%d", n, kills, seed)
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, data := filepath.Join(dir, "tree"), filepath.Join(dir, "data")
	paint(t, tree, n)
	r := rand.New(rand.NewPCG(seed, 4))
	made, read := map[string]derived{}, map[string]time.Time{}
	var progress []int
	check := func(d *daemon.Daemon, when string) {
		t.Helper()
		now, again := sidecars(ctx, t, d), reads(ctx, t, d, tree, n)
		for key, s := range made {
			if now[key] != s {
				t.Fatalf("%s: %s was %+v, and is %+v", when, key, s, now[key])
			}
		}
		for name, at := range read {
			if !again[name].Equal(at) {
				t.Fatalf("%s: %s was read %s, and again %s", when, name, at, again[name])
			}
		}
		made, read = now, again
	}
	for i := range kills {
		d := start(ctx, t, bin, data)
		if i == 0 {
			if err := d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "deep"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		check(d, fmt.Sprintf("after kill %d", i))
		// As far as it came, but not for ever: on a slow machine little is done in between.
		done := func() int { return int(contents(ctx, t, d).Identified) + len(sidecars(ctx, t, d)) }
		for began := time.Now(); time.Since(began) < 3*time.Second && done() < 4*n*i/kills; {
			pause(ctx, t, 2*time.Millisecond)
		}
		check(d, fmt.Sprintf("before kill %d", i+1))
		progress = append(progress, len(made))
		pause(ctx, t, time.Duration(r.Int64N(int64(50*time.Millisecond))))
		d.Kill()
	}
	t.Logf("made at each kill: %v", progress)
	d := start(ctx, t, bin, data)
	defer d.Kill()
	check(d, "at last")
	for late := time.Now().Add(2 * time.Minute); whole(made) < n; pause(ctx, t, 20*time.Millisecond) {
		if check(d, "in the end"); time.Now().After(late) {
			t.Fatalf("of %d pictures %d are whole", n, whole(made))
		}
	}
	if len(read) != n {
		t.Errorf("%d of %d are known", len(read), n)
	}
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// whole counts the contents that have facts and a picture.
func whole(all map[string]derived) (n int) {
	for key, s := range all {
		content, kind, _ := strings.Cut(key, " ")
		if kind == "thumb256" && s.Status == "ready" && s.Bytes > 0 && all[content+" facts"].Status == "ready" {
			n++
		}
	}
	return n
}

// TestSoak_I24_WorkersThatAreKilledCostOneFileEach: whatever happens to the processes
// that look into files, the daemon goes on, few files are given up, each with the reason,
// and these can be made again.
func TestSoak_I24_WorkersThatAreKilledCostOneFileEach(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip("processes are found in /proc")
	}
	n, kills := setting(t, "SOAK_PICTURES", pictures), setting(t, "SOAK_KILLS", pictureKills)
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	paint(t, tree, n)
	d := start(ctx, t, bin, filepath.Join(dir, "data"))
	defer d.Kill()
	if err := d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "deep"}, nil); err != nil {
		t.Fatal(err)
	}
	killed := 0
	ended := func() (ready, failed int) {
		for _, s := range sidecars(ctx, t, d) {
			switch {
			case s.Kind != "thumb256":
			case s.Status == "ready":
				ready++
			case s.Status == "failed":
				failed++
				if s.Name == "" || !strings.Contains(s.Reason, "killed") {
					t.Fatalf("failed for another reason: %+v", s)
				}
			}
		}
		return ready, failed
	}
	for late := time.Now().Add(2 * time.Minute); ; pause(ctx, t, 20*time.Millisecond) {
		ready, failed := ended()
		if ready+failed == n {
			t.Logf("%d kills, %d files given up", killed, failed)
			if failed > killed {
				t.Errorf("%d files were given up for %d kills", failed, killed)
			}
			break
		}
		if killed < kills && ready+failed >= killed*n/(2*kills) {
			killed += killWorkers(t, d.PID())
		}
		if time.Now().After(late) {
			t.Fatalf("%d ready, %d failed of %d", ready, failed, n)
		}
	}
	if err := d.Call(ctx, "sidecar.rebuild", map[string]any{"failed": true}, nil); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(2 * time.Minute); ; pause(ctx, t, 20*time.Millisecond) {
		if ready, _ := ended(); ready == n {
			break
		} else if time.Now().After(late) {
			t.Fatalf("%d of %d are ready in the end", ready, n)
		}
	}
}

// killWorkers kills the children of a daemon that look into files, and tells how many.
func killWorkers(t *testing.T, pid int) (n int) {
	t.Helper()
	list, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // behind the name
		if f := strings.Fields(rest); len(f) < 2 || f[1] != strconv.Itoa(pid) {
			continue
		}
		if err := syscall.Kill(child, syscall.SIGKILL); err == nil {
			n++
		}
	}
	return n
}
