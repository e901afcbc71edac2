package peers

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// names compares with plocate, which keeps an index, and fd, which walks.
func (r *run) names(ctx context.Context) error {
	began := time.Now()
	var l daemon.Location
	if err := r.d.CLI(ctx, &l, "location", "add", r.Names, "--mode", "shallow", "--wait"); err != nil {
		return err
	}
	indexed := time.Since(began)
	r.logf("names: %d entries indexed after %.2f s", l.Files+l.Folders, indexed.Seconds())
	type peer struct {
		name string
		ask  func(word string) (program string, args []string)
	}
	var peers []peer
	if _, err := exec.LookPath("plocate"); err == nil {
		db := filepath.Join(r.temp, "plocate.db")
		_, took, err := output(ctx, "updatedb.plocate", "-l", "0", "-U", r.Names, "-o", db, "--prunepaths", "", "--prunefs", "", "--prunenames", "", "--prune-bind-mounts", "no")
		if err != nil {
			return err
		}
		r.rows = append(r.rows, Row{Work: "index of names", Peer: "updatedb", Ours: indexed, Theirs: took, Hits: [2]int{-1, -1},
			Note: "theirs holds paths alone; ours sizes, times, kinds and ids too"})
		peers = append(peers, peer{"plocate", func(word string) (string, []string) {
			return "plocate", []string{"-d", db, "-0", "-i", "-b", "-N", "--", word}
		}})
	} else {
		r.logf("plocate is not installed: left out")
	}
	if fd, err := exec.LookPath("fdfind"); err == nil {
		peers = append(peers, peer{"fd", func(word string) (string, []string) {
			return fd, []string{"-0", "-H", "-I", "-i", "-F", "--", word, r.Names}
		}})
	} else {
		r.logf("fd is not installed: left out")
	}
	for _, word := range r.Words {
		ours, err := r.allNames(ctx, word)
		if err != nil {
			return err
		}
		quick, err := median(func() (time.Duration, error) {
			began := time.Now()
			_, err := r.page(ctx, word, 50, 0)
			return time.Since(began), err
		})
		if err != nil {
			return err
		}
		for _, p := range peers {
			program, args := p.ask(word)
			var found []byte
			took, err := median(func() (took time.Duration, err error) {
				found, took, err = output(ctx, program, args...)
				return took, err
			})
			if err != nil {
				return err
			}
			theirs := nulls(found)
			for i := range theirs {
				theirs[i] = strings.TrimSuffix(theirs[i], "/")
			}
			r.rows = append(r.rows, Row{Work: fmt.Sprintf("names with %q", word), Peer: p.name, Ours: quick, Theirs: took,
				Hits: [2]int{len(ours), len(theirs)}, Missed: missing(theirs, ours), Note: "ours: ranked, counted, 50 shown"})
		}
	}
	return nil
}

// page asks for some hits of names.
func (r *run) page(ctx context.Context, word string, limit, offset int) (h hits, err error) {
	err = r.d.Call(ctx, "search.query", map[string]any{"query": "name:" + quoted(word), "in": r.Names, "limit": limit, "offset": offset}, &h)
	return h, err
}

// hits are what is looked at of an answer.
type hits struct {
	Items []struct {
		Path  string `json:"os_path"`
		Match string `json:"match"`
	} `json:"items"`
	Total int `json:"total"`
	Fuzzy int `json:"fuzzy"`
}

// allNames returns the paths of all hits but those for a slip.
func (r *run) allNames(ctx context.Context, word string) (map[string]bool, error) {
	all := map[string]bool{}
	const most = 1000
	for offset := 0; ; offset += most {
		h, err := r.page(ctx, word, most, offset)
		if err != nil {
			return nil, err
		}
		for _, i := range h.Items {
			if i.Match != "fuzzy" {
				all[i.Path] = true
			}
		}
		if offset+most >= h.Total || len(h.Items) == 0 {
			return all, nil
		}
	}
}

func quoted(word string) string { return `"` + word + `"` }
