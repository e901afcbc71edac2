package corpus

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// start runs the program on a folder, and returns when all in it was looked into.
func start(t *testing.T, folder string) *daemon.Daemon {
	t.Helper()
	bin, err := daemon.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.Start(context.WithoutCancel(t.Context()), bin, filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Kill)
	var l daemon.Location
	if err := d.CLI(t.Context(), &l, "location", "add", folder, "--mode", "deep", "--wait"); err != nil {
		t.Fatal(err)
	}
	for calm := 0; calm < 40; calm++ {
		var l struct {
			Items []daemon.Job `json:"items"`
		}
		if err := d.Call(t.Context(), "job.list", map[string]any{}, &l); err != nil {
			t.Fatal(err)
		}
		for _, j := range l.Items {
			switch j.State {
			case "queued", "running":
				calm = 0
			case "done":
			default:
				t.Fatalf("job %s is %s: %s", j.ID, j.State, j.Error)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return d
}

func corpusDir(t *testing.T) string {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		t.Skip("needs CORPUS, the folder of scripts/corpus.sh: `make corpus`")
	}
	return dir
}

type hit struct {
	Path     string `json:"os_path"`
	Snippets []struct {
		Text string `json:"text"`
	} `json:"snippets"`
}

// TestKnownSentencesAreFound: in files of every format, with the place they
// stand in.
func TestKnownSentencesAreFound(t *testing.T) {
	real := filepath.Join(corpusDir(t), "real")
	if err := writeOurs(filepath.Join(real, "ours")); err != nil {
		t.Fatal(err)
	}
	d := start(t, real)
	for _, s := range sentences {
		t.Run(s.file, func(t *testing.T) {
			var h struct {
				Texts []hit `json:"texts"`
			}
			err := d.Call(t.Context(), "search.query", map[string]any{"query": s.query, "groups": []string{"texts"}, "limit": 1000}, &h)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range h.Texts {
				if !strings.HasSuffix(x.Path, s.file) {
					continue
				}
				for _, p := range x.Snippets {
					if strings.Contains(strings.ToLower(p.Text), strings.ToLower(s.shows)) {
						return
					}
				}
				t.Fatalf("%q is found, but %q does not show in %+v", s.query, s.shows, x.Snippets)
			}
			t.Errorf("%q is not found among %d hits", s.query, len(h.Texts))
		})
	}
}

// TestI24_BrokenFilesDoNoHarm: files that are cut off, spoilt, or made to bring
// down who reads them: the daemon goes on, within its memory, and tells of what
// it could not read.
func TestI24_BrokenFilesDoNoHarm(t *testing.T) {
	real := filepath.Join(corpusDir(t), "real")
	var samples []string
	for _, s := range sentences {
		if err := filepath.WalkDir(real, func(path string, _ os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, s.file) {
				samples = append(samples, path)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	n, err := writeBroken(folder, samples)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	d := start(t, folder)
	var totals struct {
		Items []struct {
			Kind, Status string
			Count        int
		} `json:"items"`
	}
	if err := d.Call(t.Context(), "sidecar.totals", map[string]any{}, &totals); err != nil {
		t.Fatal(err)
	}
	facts := 0
	for _, x := range totals.Items {
		if x.Kind == "facts" {
			facts += x.Count
		}
	}
	t.Logf("%d files after %v: %+v", n, time.Since(began).Round(time.Second), totals.Items)
	var failed struct {
		Items []struct {
			Name, Reason string
		} `json:"items"`
	}
	if err := d.Call(t.Context(), "sidecar.list", map[string]any{"status": "failed", "limit": 1000}, &failed); err != nil {
		t.Fatal(err)
	}
	for _, x := range failed.Items {
		if x.Reason == "" {
			t.Errorf("%s failed without a reason", x.Name)
		}
		t.Logf("%s: %s", x.Name, x.Reason)
	}
	if len(failed.Items) == 0 || facts == 0 {
		t.Error("nothing failed, or nothing was looked into")
	}
	peak, err := daemon.Memory(d.PID(), "VmHWM")
	if err != nil {
		t.Skip("the memory of a process can be read on Linux alone: ", err)
	}
	if peak > 300<<20 {
		t.Errorf("the daemon held %d MB", peak>>20)
	}
}
