package index

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index/portable"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// exportKind names the job that writes a location's index to a file.
const exportKind = "index.export"

// ExportIn names a location and the file to write.
type ExportIn struct {
	Location string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	File     string `json:"file" cli:"2" jsonschema:"the file to write, on the daemon's machine"`
	Replace  bool   `json:"replace,omitempty" jsonschema:"replace the file if there is one"`
}

type exportArgs struct {
	Location ident.LocationID `json:"location"`
	File     string           `json:"file"`
	Replace  bool             `json:"replace"`
	Temp     string           `json:"temp"` // beside it; nobody else's
}

// startExport queues the export of a location.
func (s *Service) startExport(ctx context.Context, id ident.LocationID, in ExportIn) (snap job.Snapshot, err error) {
	file, err := hostPath(in.File)
	if err != nil {
		return snap, err
	}
	if err := mayWrite(file, in.Replace); err != nil {
		return snap, err
	}
	args := exportArgs{id, file, in.Replace, filepath.Join(filepath.Dir(file), vfs.PrivateName())}
	return s.startJob(ctx, id, func(tx *catalog.Tx, l catalog.Location) (ident.JobID, error) {
		o := queueing(exportKind, l, "Export")
		o.Key, o.Lane = "", "" // each writes its own file, and waits for no scan
		return s.jobs.EnqueueIn(tx.Store(), exportKind, args, o)
	})
}

// startJob queues a job on a location and shows it.
func (s *Service) startJob(ctx context.Context, id ident.LocationID, enqueue func(tx *catalog.Tx, l catalog.Location) (ident.JobID, error)) (snap job.Snapshot, err error) {
	var jobID ident.JobID
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		jobID, err = enqueue(tx, l)
		return err
	})
	if err != nil {
		return snap, err
	}
	return s.jobs.Get(ctx, jobID)
}

// hostPath makes an OS path of what names a file of this machine.
func hostPath(path string) (string, error) {
	if strings.HasPrefix(path, sdpath.Scheme) {
		p, err := sdpath.Parse(path)
		if err != nil {
			return "", err
		}
		return p.OSPath()
	}
	if !filepath.IsAbs(path) || strings.ContainsRune(path, 0) {
		return "", errs.New(errs.Invalid, "not an absolute path").At(path).Try("Give the absolute path of a file on the daemon's machine.")
	}
	return filepath.Clean(path), nil
}

// mayWrite refuses what a file must not take the place of.
func mayWrite(file string, replace bool) error {
	fi, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return errs.New(errs.KindOf(err), "%w", err).At(file)
	case !fi.Mode().IsRegular():
		return errs.New(errs.Conflict, "this is no regular file, and is not replaced").At(file).Try("Choose another file.")
	case !replace:
		return taken(file)
	}
	return nil
}

func taken(file string) error {
	return errs.New(errs.Conflict, "the file is there already").At(file).Try("Choose another, or replace it with --replace.")
}

// export writes the index of a location to a file, all as it stands at one
// moment. It begins anew after a crash: its one checkpoint is its end.
func (s *Service) export(ctx context.Context, run job.Run, args exportArgs, done bool, checkpoint job.Checkpoint[bool]) error {
	if done {
		return nil
	}
	var x exporter
	if err := mayWrite(args.File, args.Replace); err != nil {
		return err
	}
	err := durable.Stream(args.File, args.Temp, args.Replace, func(to io.Writer) error {
		return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			x = exporter{ctx: ctx, run: run, r: r}
			return x.all(to, args.Location)
		})
	})
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(args.File)
	case err != nil && ctx.Err() == nil:
		return errs.New(errs.KindOf(err), "the location cannot be exported: %w", err).At(args.File)
	case err != nil:
		return ctx.Err()
	}
	return checkpoint(true, job.Progress{Done: x.done, Total: x.done}, nil)
}

// exporter writes one location.
type exporter struct {
	ctx         context.Context
	run         job.Run
	r           *catalog.Reader
	w           *portable.Writer
	todo        []ident.EntryID // folders, as the Writer has them
	done, total int64
}

func (x *exporter) all(to io.Writer, id ident.LocationID) error {
	l, err := x.r.Location(id)
	if err != nil {
		return err
	}
	h, err := x.header(l)
	if err != nil {
		return err
	}
	if x.w, err = portable.NewWriter(to, h); err != nil {
		return err
	}
	for x.todo = []ident.EntryID{l.Entry}; len(x.todo) > 0; {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		id := x.todo[len(x.todo)-1]
		x.todo = x.todo[:len(x.todo)-1]
		if err := x.folder(id); err != nil {
			return err
		}
	}
	return x.w.Close()
}

func (x *exporter) header(l catalog.Location) (h portable.Header, err error) {
	v, err := x.r.Volume(l.Volume)
	if err != nil {
		return h, err
	}
	h.Volume = portable.Volume{Identity: v.Identity, Name: v.Name, Facts: json.RawMessage(v.Facts), Seen: v.Seen}
	h.Location = portable.Location{
		Name: l.Name, Mode: l.Mode, State: string(l.State), Skipped: l.Skipped, Errors: l.Errors, Missing: l.Missing,
		Indexed: l.Indexed, Settings: json.RawMessage(l.Settings),
	}
	for id := l.Entry; id != 0; {
		e, err := x.r.Entry(id)
		if err != nil {
			return h, err
		}
		if id == l.Entry {
			x.total = e.Totals.Files + e.Totals.Folders
		}
		p := exported(&e)
		p.State = portable.Known
		if e.Parent == 0 {
			p.Name = ""
		}
		h.Path = append([]portable.Entry{p}, h.Path...)
		id = e.Parent
	}
	return h, nil
}

func (x *exporter) folder(id ident.EntryID) error {
	if err := x.w.Folder(); err != nil {
		return err
	}
	add := func(e *catalog.Entry) error {
		if e.Kind == vfs.Folder {
			x.todo = append(x.todo, e.ID)
		}
		if x.done++; x.done%1000 == 0 {
			if err := x.ctx.Err(); err != nil {
				return err
			}
			x.run.Progress(job.Progress{Done: x.done, Total: max(x.total, x.done)})
		}
		return x.w.Add(exported(e))
	}
	if err := x.r.Children(id, add); err != nil {
		return err
	}
	return x.r.Absent(id, add)
}

var portableStates = map[catalog.State]portable.State{
	catalog.Present: portable.Present, catalog.Known: portable.Known, catalog.Absent: portable.Absent, catalog.Excluded: portable.Excluded,
}

func exported(e *catalog.Entry) portable.Entry {
	return portable.Entry{
		Name: e.Name, Kind: e.Kind, State: portableStates[e.State], Size: e.Size, Modified: e.Modified, Changed: e.Changed, Created: e.Created,
		Inode: e.Inode, Mode: e.Mode, Links: e.Links,
	}
}
