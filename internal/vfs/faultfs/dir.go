package faultfs

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/vfs"
)

// dir is an open folder whose calls obey the rules.
type dir struct {
	vfs.Dir
	fs   *FS
	path string
}

// Unwrap is the folder without faults.
func (d *dir) Unwrap() vfs.Dir { return d.Dir }

func (d *dir) to(name string) string { return vfs.Join(d.path, name) }

// do runs a call that only tells whether it succeeded.
func (d *dir) do(ctx context.Context, op Op, fn func() error, paths ...string) error {
	e, err := d.fs.enter(ctx, op, paths...)
	if err != nil {
		return err
	}
	return e.leave(fn())
}

func (d *dir) Self(ctx context.Context) (e vfs.Entry, err error) {
	err = d.do(ctx, Stat, func() (err error) { e, err = d.Dir.Self(ctx); return err }, d.path)
	return e, err
}

func (d *dir) Stat(ctx context.Context, name string) (e vfs.Entry, err error) {
	err = d.do(ctx, Stat, func() (err error) { e, err = d.Dir.Stat(ctx, name); return err }, d.to(name))
	return e, err
}

func (d *dir) List(ctx context.Context, emit func([]vfs.Entry) error) error {
	return d.fs.list(ctx, d.path, emit, func(emit func([]vfs.Entry) error) error { return d.Dir.List(ctx, emit) })
}

func (d *dir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	sub := &dir{fs: d.fs, path: d.to(name)}
	err := d.do(ctx, Folder, func() (err error) { sub.Dir, err = d.Dir.Sub(ctx, name); return err }, sub.path)
	if err != nil {
		if sub.Dir != nil {
			_ = sub.Dir.Close()
		}
		return nil, err
	}
	return sub, nil
}

func (d *dir) Open(ctx context.Context, name string) (vfs.Handle, error) {
	var h vfs.Handle
	err := d.do(ctx, Open, func() (err error) { h, err = d.Dir.Open(ctx, name); return err }, d.to(name))
	if err != nil {
		if h != nil {
			_ = h.Close()
		}
		return nil, err
	}
	return d.fs.handle(ctx, h, d.to(name)), nil
}

func (d *dir) Readlink(ctx context.Context, name string) (target string, err error) {
	err = d.do(ctx, Readlink, func() (err error) { target, err = d.Dir.Readlink(ctx, name); return err }, d.to(name))
	return target, err
}

func (d *dir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	return d.writable(ctx, Create, name, func() (vfs.WriteHandle, error) { return d.Dir.Create(ctx, name, mode) })
}

func (d *dir) Write(ctx context.Context, name string) (vfs.WriteHandle, error) {
	return d.writable(ctx, Rewrite, name, func() (vfs.WriteHandle, error) { return d.Dir.Write(ctx, name) })
}

func (d *dir) writable(ctx context.Context, op Op, name string, open func() (vfs.WriteHandle, error)) (vfs.WriteHandle, error) {
	var w vfs.WriteHandle
	err := d.do(ctx, op, func() (err error) { w, err = open(); return err }, d.to(name))
	if err != nil {
		if w != nil {
			_ = w.Close()
		}
		return nil, err
	}
	return &writer{handle: d.fs.handle(ctx, w, d.to(name)), w: w}, nil
}

func (d *dir) Mkdir(ctx context.Context, name string, mode uint32) error {
	return d.do(ctx, Mkdir, func() error { return d.Dir.Mkdir(ctx, name, mode) }, d.to(name))
}

func (d *dir) Symlink(ctx context.Context, name, target string) error {
	return d.do(ctx, Symlink, func() error { return d.Dir.Symlink(ctx, name, target) }, d.to(name))
}

func (d *dir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	return d.do(ctx, Link, func() error { return d.Dir.Link(ctx, name, from, fromName) }, d.to(name))
}

func (d *dir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	paths := []string{d.to(name)}
	if own, ok := vfs.DirAs[*dir](to); ok {
		paths = append(paths, own.to(toName))
	}
	return d.do(ctx, Rename, func() error { return d.Dir.Rename(ctx, name, to, toName, how) }, paths...)
}

func (d *dir) Unlink(ctx context.Context, name string) error {
	return d.do(ctx, Unlink, func() error { return d.Dir.Unlink(ctx, name) }, d.to(name))
}

func (d *dir) Rmdir(ctx context.Context, name string) error {
	return d.do(ctx, Rmdir, func() error { return d.Dir.Rmdir(ctx, name) }, d.to(name))
}

func (d *dir) Meta(ctx context.Context, name string) (m vfs.Meta, err error) {
	err = d.do(ctx, Meta, func() (err error) { m, err = d.Dir.Meta(ctx, name); return err }, d.to(name))
	return m, err
}

func (d *dir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = d.do(ctx, SetMeta, func() (err error) { lost, err = d.Dir.SetMeta(ctx, name, m, parts); return err }, d.to(name))
	return lost, err
}

func (d *dir) Sync(ctx context.Context) error {
	return d.do(ctx, SyncDir, func() error { return d.Dir.Sync(ctx) }, d.path)
}

// syncFailed is a driver that knows what a failed sync leaves behind (memfs).
type syncFailed interface{ SyncFailed() }

func (d *dir) SyncAll(ctx context.Context) error {
	e, err := d.fs.enter(ctx, SyncAll, d.path)
	if err != nil {
		if own, ok := vfs.DirAs[syncFailed](d.Dir); ok && !errors.Is(err, ErrKilled) {
			own.SyncFailed()
		}
		return err
	}
	return e.leave(d.Dir.SyncAll(ctx))
}
