// Package actions measures copying against cp and rsync: one large file, many
// small ones, and a tree that is in use. It drives the copy engine as the executor of plans does, in batches
// that are synced, but without its journal and catalogue.
package actions

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Options say what is measured.
type Options struct {
	Dir   string // on the disk to be measured; what is made there is removed
	Large int64  // bytes of the large file
	Small int    // how many small files
	Tree  string // a folder of all sorts of files, which is only read; "": none
	Cold  bool   // empty the caches of the system before each copy
	Log   io.Writer
}

// Row is one work by one program.
type Row struct {
	Work, By string
	Took     time.Duration
	Load     string // of the machine, when it began
}

// Budget is how much longer a verified copy may take than cp and b3sum of both sides.
const Budget = 1.5

// Run measures all of it.
func Run(ctx context.Context, o Options) ([]Row, error) {
	dir, err := os.MkdirTemp(o.Dir, "actions-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &run{Options: o, dir: dir}
	for _, w := range []struct {
		name  string
		wants bool
		make  func(path string) error
	}{
		{fmt.Sprintf("1 file of %d MiB", o.Large>>20), o.Large > 0, r.large},
		{fmt.Sprintf("%d files of 1 to 16 KiB", o.Small), o.Small > 0, r.small},
	} {
		if !w.wants {
			continue
		}
		from := r.path("from")
		if err := w.make(from); err != nil {
			return nil, err
		}
		if err := r.work(ctx, w.name, from); err != nil {
			return nil, err
		}
		if err := os.RemoveAll(from); err != nil {
			return nil, err
		}
	}
	if o.Tree == "" {
		return r.rows, nil
	}
	name, err := describe(o.Tree)
	if err == nil {
		err = r.work(ctx, name, o.Tree)
	}
	return r.rows, err
}

type run struct {
	Options
	dir  string
	rows []Row
}

func (r *run) path(name string) string { return filepath.Join(r.dir, name) }

func (r *run) large(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(path, "large"))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), r.Large)
	return err
}

const folderSize = 100

func (r *run) small(path string) error {
	src, pick := rand.NewChaCha8([32]byte{2}), rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 16<<10)
	for i := range r.Small {
		dir := filepath.Join(path, fmt.Sprint(i/folderSize))
		if i%folderSize == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		part := b[:1<<10+pick.IntN(15<<10)]
		_, _ = src.Read(part)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), part, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// describe tells what is in a folder.
func describe(dir string) (string, error) {
	files, bytes := 0, int64(0)
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	return fmt.Sprintf("%s: %d files, %d MiB", dir, files, bytes>>20), err
}

// work measures each program, with cold caches where that can be had. What does
// not sync by itself is followed by a sync.
func (r *run) work(ctx context.Context, name, from string) error {
	ours := func(o copier.Options) func(context.Context) error {
		return func(ctx context.Context) error { return Copy(ctx, from, r.path("to"), o) }
	}
	shell := func(script string) func(context.Context) error {
		return func(ctx context.Context) error {
			c := exec.CommandContext(ctx, "sh", "-ec", script, "sh", from) // $1 is the source
			c.Dir, c.Stderr = r.dir, r.Log
			return c.Run()
		}
	}
	b3sum := "; find \"$1\" -type f -print0 | xargs -0 b3sum --num-threads 1 > a; find to -type f -print0 | xargs -0 b3sum --num-threads 1 > b"
	if r.Cold { // a verified copy reads its target from the disk as well
		b3sum = "; echo 3 > /proc/sys/vm/drop_caches || true" + b3sum
	}
	for _, p := range []struct {
		by, needs string
		do        func(context.Context) error
	}{
		{"stardrive", "", ours(copier.Options{})},
		{"stardrive, verified", "", ours(copier.Options{Verify: true})},
		{"stardrive, not hashed", "", ours(copier.Options{Hash: copier.HashNever})},
		{"cp -a, sync", "cp", shell(`cp -a "$1" to; sync -f to`)},
		{"rsync -a, sync", "rsync", shell(`rsync -a "$1/" to; sync -f to`)},
		{"cp -a, sync, b3sum of both", "b3sum", shell(`cp -a "$1" to; sync -f to` + b3sum)},
	} {
		if p.needs != "" {
			if _, err := exec.LookPath(p.needs); err != nil {
				fmt.Fprintf(r.Log, "%s is not installed: left out\n", p.needs)
				continue
			}
		}
		if r.Cold {
			if err := dropCaches(ctx); err != nil {
				fmt.Fprintf(r.Log, "caches stay warm: %v\n", err)
			}
		}
		load, began := load(), time.Now()
		if err := p.do(ctx); err != nil {
			return fmt.Errorf("%s: %s: %w", name, p.by, err)
		}
		r.rows = append(r.rows, Row{name, p.by, time.Since(began), load})
		fmt.Fprintf(r.Log, "%s: %s: %.2f s, load %s\n", name, p.by, time.Since(began).Seconds(), load)
		if err := exec.CommandContext(ctx, "diff", "-rq", "--no-dereference", from, r.path("to")).Run(); err != nil {
			return fmt.Errorf("%s: %s: the copy differs: %w", name, p.by, err)
		}
		if err := os.RemoveAll(r.path("to")); err != nil {
			return err
		}
	}
	return nil
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

func dropCaches(ctx context.Context) error {
	if err := exec.CommandContext(ctx, "sync").Run(); err != nil {
		return err
	}
	return os.WriteFile("/proc/sys/vm/drop_caches", []byte("3"), 0)
}

// batchFiles and batchBytes are what the executor writes between two syncs.
const (
	batchFiles = 256
	batchBytes = 64 << 20
)

// Copy copies the folder from, of files and one level of folders, to the new
// folder to.
func Copy(ctx context.Context, from, to string, o copier.Options) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	src, err := local.New(from, local.Options{})
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := local.New(to, local.Options{})
	if err != nil {
		return err
	}
	defer dst.Close()
	o.Target = dst.Features().Writing
	c := &copying{src: src, dst: dst, o: o, e: copier.New()}
	defer c.close()
	if err := c.folder(ctx, ""); err != nil {
		return err
	}
	return c.flush(ctx)
}

type copying struct {
	src, dst vfs.Driver
	o        copier.Options
	e        *copier.Engine
	pieces   []copier.Piece
	bytes    int64
	open     []vfs.Dir // folders of the batch, the last one still to be filled
}

func (c *copying) folder(ctx context.Context, path string) error {
	into, err := c.o.Target.Dir(ctx, path)
	if err != nil {
		return err
	}
	c.open = append(c.open, into)
	var folders []string
	err = c.src.List(ctx, path, func(batch []vfs.Entry) error {
		for _, e := range batch {
			at := vfs.Join(path, e.Name)
			if e.Kind == vfs.Folder {
				folders = append(folders, at)
				if err := into.Mkdir(ctx, e.Name, 0o755); err != nil {
					return err
				}
				continue
			}
			c.pieces = append(c.pieces, copier.Piece{From: c.src, Path: at, Seen: e, Into: into, Name: e.Name, Temp: vfs.PrivateName()})
			c.bytes += e.Size
			if len(c.pieces) >= batchFiles || c.bytes >= batchBytes {
				if err := c.flush(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, f := range folders {
		if err == nil {
			err = c.folder(ctx, f)
		}
	}
	return err
}

// flush writes and places a batch, and syncs the names.
func (c *copying) flush(ctx context.Context) error {
	for i, w := range c.e.Write(ctx, c.pieces, c.o) {
		if w.Err != nil {
			return w.Err
		}
		if _, err := c.e.Place(ctx, c.pieces[i], w); err != nil {
			return err
		}
	}
	c.pieces, c.bytes = c.pieces[:0], 0
	last := c.open[len(c.open)-1]
	if err := last.SyncAll(ctx); err != nil {
		return err
	}
	for _, d := range c.open[:len(c.open)-1] {
		_ = d.Close()
	}
	c.open = []vfs.Dir{last}
	return nil
}

func (c *copying) close() {
	for _, d := range c.open {
		_ = d.Close()
	}
}

// Show prints rows and, for each work, how a verified copy compares with its
// budget. over: one is beyond it.
func Show(w io.Writer, rows []Row) (over bool, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tby\tseconds\tload")
	verified, checked := map[string]time.Duration{}, map[string]time.Duration{}
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%.2f\t%s\n", r.Work, r.By, r.Took.Seconds(), r.Load)
		switch r.By {
		case "stardrive, verified":
			verified[r.Work] = r.Took
		case "cp -a, sync, b3sum of both":
			checked[r.Work] = r.Took
		}
	}
	for _, r := range rows {
		if v, c := verified[r.Work], checked[r.Work]; r.By == "stardrive" && c > 0 {
			ratio := v.Seconds() / c.Seconds()
			over = over || ratio > Budget
			fmt.Fprintf(t, "%s\tverified, to cp and b3sum of both\t%.2f times (budget %.1f)\n", r.Work, ratio, Budget)
		}
	}
	return over, t.Flush()
}
