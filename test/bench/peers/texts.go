package peers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// texts compares with ripgrep, which reads all files for each question, and
// recoll, which keeps an index of texts.
func (r *run) texts(ctx context.Context) error {
	began := time.Now()
	var l daemon.Location
	if err := r.d.CLI(ctx, &l, "location", "add", r.Texts, "--mode", "deep", "--wait"); err != nil {
		return err
	}
	if err := r.quiet(ctx); err != nil {
		return err
	}
	indexed := time.Since(began)
	r.logf("texts: %d files looked into after %.1f s", l.Files, indexed.Seconds())
	type peer struct {
		name string
		ask  func(ctx context.Context, word string) ([]string, time.Duration, error)
	}
	var peers []peer
	if rg, err := exec.LookPath("rg"); err == nil {
		peers = append(peers, peer{"ripgrep", func(ctx context.Context, word string) ([]string, time.Duration, error) {
			out, took, err := output(ctx, rg, "-0", "-l", "-i", "-w", "-F", "--hidden", "--no-ignore", "--", word, r.Texts)
			return nulls(out), took, err
		}})
	} else {
		r.logf("ripgrep is not installed: left out")
	}
	if _, err := exec.LookPath("recollindex"); err == nil {
		conf := filepath.Join(r.temp, "recoll")
		if err := recollConfig(conf, r.Texts); err != nil {
			return err
		}
		_, took, err := output(ctx, "recollindex", "-c", conf, "-z")
		if err != nil && took < time.Second { // it complains of each helper program that is not there
			return err
		}
		r.rows = append(r.rows, Row{Work: "index of texts", Peer: "recollindex", Ours: indexed, Theirs: took, Hits: [2]int{-1, -1},
			Note: "ours hashes all files, makes thumbnails and vectors of meaning too"})
		peers = append(peers, peer{"recoll", func(ctx context.Context, word string) ([]string, time.Duration, error) {
			out, took, err := output(ctx, "recollq", "-c", conf, "-b", "-n", "0", "-o", "-q", strings.ToUpper(word[:1])+word[1:]) // a capital: no other forms of the word
			var found []string
			for line := range strings.Lines(string(out)) {
				if p, ok := strings.CutPrefix(strings.TrimSpace(line), "file://"); ok {
					found = append(found, p)
				}
			}
			return found, took, err
		}})
	} else {
		r.logf("recoll is not installed: left out")
	}
	for _, word := range r.Said {
		ours, err := r.sums(ctx, word)
		if err != nil {
			return err
		}
		quick, err := median(func() (time.Duration, error) {
			began := time.Now()
			_, err := r.said(ctx, word, 50)
			return time.Since(began), err
		})
		if err != nil {
			return err
		}
		for _, p := range peers {
			var theirs []string
			took, err := median(func() (took time.Duration, err error) {
				theirs, took, err = p.ask(ctx, word)
				return took, err
			})
			if err != nil {
				return err
			}
			row := Row{Work: fmt.Sprintf("texts with %q", word), Peer: p.name, Ours: quick, Theirs: took, Hits: [2]int{len(ours), 0},
				Note: "hits: contents, each once; ours with snippets"}
			seen := map[[32]byte]bool{}
			for _, path := range theirs {
				sum, err := sumOf(path)
				if err != nil {
					return err
				}
				if !seen[sum] && !ours[sum] {
					row.Missed = append(row.Missed, path)
				}
				seen[sum] = true
			}
			row.Hits[1] = len(seen)
			r.rows = append(r.rows, row)
		}
	}
	return nil
}

// said asks for some files with a word in their text.
func (r *run) said(ctx context.Context, word string, limit int) (paths []string, err error) {
	var h struct {
		Texts []struct {
			Path string `json:"os_path"`
		} `json:"texts"`
		More bool `json:"texts_more"`
	}
	err = r.d.Call(ctx, "search.query", map[string]any{"query": "content:" + quoted(word), "in": r.Texts, "groups": []string{"texts"}, "limit": limit}, &h)
	for _, t := range h.Texts {
		paths = append(paths, t.Path)
	}
	return paths, err
}

// sums returns the hashes of all files with a word in their text.
func (r *run) sums(ctx context.Context, word string) (map[[32]byte]bool, error) {
	paths, err := r.said(ctx, word, 1000)
	if err != nil {
		return nil, err
	}
	all := map[[32]byte]bool{}
	for _, p := range paths {
		sum, err := sumOf(p)
		if err != nil {
			return nil, err
		}
		all[sum] = true
	}
	return all, nil
}

func sumOf(path string) ([32]byte, error) {
	b, err := os.ReadFile(path)
	return sha256.Sum256(b), err
}

// quiet waits until no job runs, and none begins for a while.
func (r *run) quiet(ctx context.Context) error {
	for calm := 0; calm < 100; calm++ {
		var l struct {
			Items []daemon.Job `json:"items"`
		}
		if err := r.d.Call(ctx, "job.list", map[string]any{}, &l); err != nil {
			return err
		}
		for _, j := range l.Items {
			switch j.State {
			case "queued", "running":
				calm = 0
			case "failed":
				return fmt.Errorf("job %s failed: %s", j.ID, j.Error)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// recollConfig has recoll index one folder, with all that it does by default.
func recollConfig(dir, folder string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "recoll.conf"), []byte("topdirs = "+folder+"\nskippedNames =\nskippedPaths =\nnoContentSuffixes =\n"), 0o600)
}

func nulls(b []byte) []string {
	return strings.FieldsFunc(string(b), func(c rune) bool { return c == 0 })
}
