package rooted

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const batchSize = 512

// Stat examines one entry.
func (d *Driver) Stat(ctx context.Context, path string) (e vfs.Entry, err error) {
	if err := begin(ctx, "stat", path); err != nil {
		return vfs.Entry{}, err
	}
	if path == "" {
		var fi fs.FileInfo
		if fi, err = d.root.Stat("."); err == nil {
			d.fill(&e, fi)
		}
	} else {
		err = d.inParent(path, func(dir *os.Root, name string) error {
			fi, err := dir.Lstat(name)
			if err == nil {
				d.fill(&e, fi)
				e.Name = name
			}
			return err
		})
	}
	if err != nil {
		return vfs.Entry{}, wrap("stat", path, err)
	}
	return e, nil
}

// emitted marks an error as emit's own: it is returned as it is.
type emitted struct{ error }

// List reads the folder and examines its children in the folder itself.
func (d *Driver) List(ctx context.Context, path string, emit func([]vfs.Entry) error) error {
	if err := begin(ctx, "list", path); err != nil {
		return err
	}
	return d.listed(path, d.in(path, func(dir *os.Root) error { return d.list(ctx, dir, emit) }))
}

// listed is what List returns when list returned err.
func (d *Driver) listed(path string, err error) error {
	if own, ok := err.(emitted); ok {
		return own.error
	}
	return wrap("list", path, err)
}

func (d *Driver) list(ctx context.Context, dir *os.Root, emit func([]vfs.Entry) error) error {
	f, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	buf := make([]vfs.Entry, 0, batchSize)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		names, err := f.ReadDir(batchSize)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		batch, err := d.batch(dir, names, buf)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			continue
		}
		if err := emit(batch); err != nil {
			return emitted{err}
		}
	}
}

func (d *Driver) batch(dir *os.Root, names []fs.DirEntry, batch []vfs.Entry) ([]vfs.Entry, error) {
	for _, n := range names {
		var e vfs.Entry
		fi, err := look(dir, n)
		switch {
		case err == nil:
			d.fill(&e, fi)
		case errors.Is(err, fs.ErrNotExist):
			continue
		case oserr.Kind(err) == errs.Unavailable:
			return nil, err
		default:
			e.Kind = kindOf(n.Type())
		}
		e.Name = n.Name()
		batch = append(batch, e)
	}
	return batch, nil
}

// Open opens a regular file: it looks, opens without waiting, and compares.
func (d *Driver) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := begin(ctx, "open", path); err != nil {
		return nil, err
	}
	h := &file{d: d, path: path}
	err := error(notOpened(vfs.Folder))
	if path != "" {
		err = d.inParent(path, func(dir *os.Root, name string) error { return h.open(dir, name, os.O_RDONLY) })
	}
	if err != nil {
		return nil, wrap("open", path, err)
	}
	return h, nil
}

func notOpened(k vfs.Kind) error { return errs.New(errs.Unsupported, "a %s is not opened", k) }

func (h *file) open(dir *os.Root, name string, mode int) error {
	before, err := dir.Lstat(name)
	if err != nil {
		return err
	}
	if kind := kindOf(before.Mode()); kind != vfs.File {
		return notOpened(kind)
	}
	f, err := dir.OpenFile(name, mode|openFlags, 0)
	if err != nil {
		return err
	}
	after, err := f.Stat()
	if err == nil && !(os.SameFile(before, after) && after.Mode().IsRegular()) {
		err = errSwapped
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	h.f = f
	return nil
}

func (d *Driver) readlink(ctx context.Context, path string) (target string, err error) {
	if err := begin(ctx, "readlink", path); err != nil {
		return "", err
	}
	err = errNoLink
	if path != "" {
		err = d.inParent(path, func(dir *os.Root, name string) (err error) {
			target, err = readlinkIn(dir, name)
			return err
		})
	}
	if err != nil {
		return "", wrap("readlink", path, err)
	}
	return target, nil
}

func readlinkIn(dir *os.Root, name string) (string, error) {
	fi, err := dir.Lstat(name)
	if err == nil && fi.Mode()&fs.ModeSymlink == 0 {
		err = errNoLink
	}
	if err != nil {
		return "", err
	}
	return dir.Readlink(name)
}

func (d *Driver) space(ctx context.Context) (s vfs.Space, err error) {
	if err := begin(ctx, "space", ""); err != nil {
		return s, err
	}
	f, err := d.root.Open(".")
	if err == nil {
		s, err = capacity(d.path, f)
		_ = f.Close()
	}
	return s, wrap("space", "", err)
}

// file is an open file.
type file struct {
	d    *Driver
	f    *os.File
	path string
}

func (h *file) told(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return oserr.Wrap(op, h.path, err)
}

func (h *file) Read(p []byte) (int, error) {
	n, err := h.f.Read(p)
	return n, h.told("read", err)
}

func (h *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := h.f.ReadAt(p, off)
	return n, h.told("read", err)
}

func (h *file) Seek(offset int64, whence int) (int64, error) {
	n, err := h.f.Seek(offset, whence)
	return n, h.told("seek", err)
}

// OSFile is the open file, for programs that are given it to read; it is closed
// together with h.
func (h *file) OSFile() *os.File { return h.f }

func (h *file) Close() error { return h.told("close", h.f.Close()) }

func (h *file) Stat() (e vfs.Entry, err error) {
	fi, err := h.f.Stat()
	if err != nil {
		return e, h.told("stat", err)
	}
	h.d.fill(&e, fi)
	_, e.Name = vfs.Split(h.path)
	return e, nil
}
