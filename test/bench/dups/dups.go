// Package dups puts stardrive beside the programs that people use to hash files
// and to find duplicates, on the same tree in the same run: what it takes, and
// whether the groups are the same. It treats all of them as black boxes.
package dups

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/test/bench/peers"
	"github.com/stardrive/stardrive/test/daemon"
)

// Options say what to compare.
type Options struct {
	Bin   string    // the program
	Dir   string    // the tree; "": one is made, and removed again
	Files int       // of a tree that is made
	Log   io.Writer // what is being done, line by line
}

// run is one comparison under way.
type run struct {
	Options
	temp string
	rows []peers.Row
}

// Run compares with each program that is installed, and tells which are not. It
// stops what it started.
func Run(ctx context.Context, o Options) (rows []peers.Row, err error) {
	temp, err := os.MkdirTemp("", "sd-dups-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	r := &run{Options: o, temp: temp}
	if r.Dir == "" {
		r.Dir = filepath.Join(temp, "tree")
		n, err := makeTree(r.Dir, r.Files)
		if err != nil {
			return nil, err
		}
		r.logf("a tree of %d files, %d MB", r.Files, n>>20)
	}
	if err := r.duplicates(ctx); err != nil {
		return r.rows, fmt.Errorf("duplicates: %w", err)
	}
	if err := r.hashes(ctx); err != nil {
		return r.rows, fmt.Errorf("hashes: %w", err)
	}
	return r.rows, nil
}

func (r *run) logf(format string, args ...any) { fmt.Fprintf(r.Log, format+"\n", args...) }

// fresh starts a daemon on a new library, and runs work with it.
func (r *run) fresh(ctx context.Context, name string, work func(d *daemon.Daemon) error) (err error) {
	d, err := daemon.Start(ctx, r.Bin, filepath.Join(r.temp, name))
	if err != nil {
		return err
	}
	defer d.Kill()
	return work(d)
}

// duplicates compares the groups, and what it takes to find them in a tree that
// nobody knows.
func (r *run) duplicates(ctx context.Context) error {
	var ours map[string]bool
	took, err := best(3, func(i int) (took time.Duration, err error) {
		err = r.fresh(ctx, fmt.Sprint("find", i), func(d *daemon.Daemon) error {
			began := time.Now()
			if err := d.CLI(ctx, new(json.RawMessage), "location", "add", r.Dir, "--mode", "shallow", "--wait"); err != nil {
				return err
			}
			if err := d.CLI(ctx, new(json.RawMessage), "duplicates", "find", "--wait"); err != nil {
				return err
			}
			ours, err = groups(ctx, d)
			took = time.Since(began)
			return err
		})
		return took, err
	})
	if err != nil {
		return err
	}
	for _, p := range []struct {
		program string
		args    []string
		read    func(out []byte) (map[string]bool, error)
	}{
		{"jdupes", []string{"-r", "-q", "-A", r.Dir}, readBlocks},
		{"rdfind", []string{"-dryrun", "false", "-makeresultsfile", "true", "-outputname", filepath.Join(r.temp, "rdfind.txt"), r.Dir}, func([]byte) (map[string]bool, error) {
			b, err := os.ReadFile(filepath.Join(r.temp, "rdfind.txt"))
			return readRdfind(b), err
		}},
		{"rmlint", []string{"-T", "df", "--hidden", "--no-with-color", "-o", "json:" + filepath.Join(r.temp, "rmlint.json"), r.Dir}, func([]byte) (map[string]bool, error) {
			b, err := os.ReadFile(filepath.Join(r.temp, "rmlint.json"))
			if err != nil {
				return nil, err
			}
			return readRmlint(b)
		}},
	} {
		if _, err := exec.LookPath(p.program); err != nil {
			r.logf("%s is not installed: left out", p.program)
			continue
		}
		var theirs map[string]bool
		their, err := best(3, func(int) (time.Duration, error) {
			began := time.Now()
			out, err := output(ctx, r.temp, p.program, p.args...)
			took := time.Since(began)
			if err == nil {
				theirs, err = p.read(out)
			}
			return took, err
		})
		if err != nil {
			return err
		}
		row := peers.Row{Work: "duplicates", Peer: p.program, Ours: took, Theirs: their, Hits: [2]int{len(ours), len(theirs)}, Note: "ours: indexed, compared, hashed, stored and listed"}
		for g := range theirs {
			if !ours[g] {
				row.Missed = append(row.Missed, g)
			}
		}
		slices.Sort(row.Missed)
		r.rows = append(r.rows, row)
	}
	return nil
}

// hashes compares what it takes to hash all files.
func (r *run) hashes(ctx context.Context) error {
	if _, err := exec.LookPath("b3sum"); err != nil {
		r.logf("b3sum is not installed: left out")
		return nil
	}
	var out []byte
	their, err := best(3, func(int) (time.Duration, error) {
		began := time.Now()
		var err error
		out, err = output(ctx, r.temp, "sh", "-c", `find "$1" -type f -print0 | xargs -0 b3sum --no-names`, "sh", r.Dir)
		return time.Since(began), err
	})
	if err != nil {
		return err
	}
	theirs := map[string]bool{}
	for line := range strings.FieldsSeq(string(out)) {
		theirs[line] = true
	}
	took, err := best(3, func(i int) (took time.Duration, err error) {
		err = r.fresh(ctx, fmt.Sprint("hash", i), func(d *daemon.Daemon) error {
			if err := d.CLI(ctx, new(json.RawMessage), "location", "add", r.Dir, "--mode", "shallow", "--wait"); err != nil {
				return err
			}
			began := time.Now()
			err := d.CLI(ctx, new(json.RawMessage), "content", "identify", r.Dir, "--wait")
			took = time.Since(began)
			return err
		})
		return took, err
	})
	if err != nil {
		return err
	}
	var known int
	err = r.fresh(ctx, "hash2", func(d *daemon.Daemon) error { // the library of the last turn
		var info struct {
			Contents int `json:"contents"`
		}
		err := d.Call(ctx, "library.info", map[string]any{}, &info)
		known = info.Contents
		return err
	})
	row := peers.Row{Work: "hash all files", Peer: "b3sum", Ours: took, Theirs: their, Hits: [2]int{known, len(theirs)}, Note: "hits: different hashes; ours stored with kind and proof"}
	if known != len(theirs) {
		row.Missed = []string{fmt.Sprintf("%d hashes, not %d", known, len(theirs))}
	}
	r.rows = append(r.rows, row)
	return err
}

// groups returns all groups that stardrive knows, as text.
func groups(ctx context.Context, d *daemon.Daemon) (map[string]bool, error) {
	all := map[string]bool{}
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				Copies []struct {
					Path string `json:"os_path"`
				} `json:"copies"`
				More int `json:"more"`
			} `json:"items"`
			Next string `json:"next"`
		}
		in := map[string]any{"limit": 1000}
		if cursor != "" {
			in["cursor"] = cursor
		}
		if err := d.Call(ctx, "duplicates.list", in, &page); err != nil {
			return nil, err
		}
		for _, g := range page.Items {
			if g.More > 0 {
				return nil, errors.New("a group has more copies than are shown: compare another tree")
			}
			var paths []string
			for _, c := range g.Copies {
				paths = append(paths, c.Path)
			}
			all[groupText(paths)] = true
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// groupText is a group as text, whatever the order of its files.
func groupText(paths []string) string {
	slices.Sort(paths)
	return strings.Join(paths, "\x00")
}

func output(ctx context.Context, dir, program string, args ...string) ([]byte, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.Bytes(), nil
}

// best does work some times and returns the shortest time: what disturbs only
// ever adds to it.
func best(times int, work func(i int) (time.Duration, error)) (shortest time.Duration, err error) {
	for i := range times {
		took, err := work(i)
		if err != nil {
			return 0, err
		}
		if i == 0 || took < shortest {
			shortest = took
		}
	}
	return shortest, nil
}
