package mirror

import (
	"bytes"
	"context"
	"io"
	"maps"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/marks"
	"github.com/stardrive/stardrive/internal/vfs"
)

// world holds the volumes of one plan or run. It belongs to one goroutine.
type world struct {
	s   *Service
	all map[string]vfs.Driver
}

func (s *Service) world() *world { return &world{s, map[string]vfs.Driver{}} }

func (w *world) driver(ctx context.Context, identity string) (vfs.Driver, error) {
	if d, ok := w.all[identity]; ok {
		return d, nil
	}
	d, err := w.s.Driver(ctx, identity)
	if err == nil {
		w.all[identity] = d
	}
	return d, err
}

// open opens the folder in which something stands, for changes.
func (w *world) open(ctx context.Context, at catalog.Spot) (dir vfs.Dir, name string, err error) {
	d, err := w.driver(ctx, at.Volume)
	if err != nil {
		return nil, "", err
	}
	writing := d.Features().Writing
	if writing == nil {
		return nil, "", errs.New(errs.Denied, "nothing can be changed on this volume")
	}
	folder, name := at.In()
	dir, err = writing.Dir(ctx, folder.Path)
	return dir, name, err
}

// sidecarOf is where the sidecar of a file stands, or would stand.
func sidecarOf(at catalog.Spot) catalog.Spot {
	return catalog.Spot{Volume: at.Volume, Path: at.Path + ".xmp"}
}

// content reads a file whole; nil: there is none.
func content(ctx context.Context, dir vfs.Dir, name string) (b []byte, is vfs.Entry, err error) {
	is, err = dir.Stat(ctx, name)
	if errs.Is(err, errs.NotFound) {
		return nil, vfs.Entry{}, nil
	}
	if err != nil {
		return nil, is, err
	}
	if is.Kind != vfs.File || is.Size > marks.MaxSidecar {
		return nil, is, errs.New(errs.Conflict, "what stands there is no sidecar")
	}
	h, err := dir.Open(ctx, name)
	if err == nil {
		b, err = whole(h)
	}
	return b, is, err
}

// whole reads what is left of a sidecar, and closes it.
func whole(h vfs.Handle) ([]byte, error) {
	defer func() { _ = h.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(h, marks.MaxSidecar+1))
	if b == nil {
		b = []byte{}
	}
	return b, err
}

// values are attributes, or the bytes of a sidecar under the name "": those that are
// there.
type values map[string][]byte

// sidecarIs are the values of a sidecar; nil: there is none.
func sidecarIs(b []byte) values {
	if b == nil {
		return values{}
	}
	return values{"": b}
}

// theirs reads what stands beside an entry now, in the values that the form is about.
func theirs(ctx context.Context, form Form, dir vfs.Dir, name string) (values, error) {
	if form == XMP {
		b, _, err := content(ctx, dir, name+".xmp")
		return sidecarIs(b), err
	}
	m, err := dir.Meta(ctx, name)
	return values(m.Xattrs), err
}

// says reads what values say. Errors: errs.Invalid.
func (w *world) says(form Form, v values) (marks.Marks, error) {
	switch form {
	case XMP:
		if v[""] == nil {
			return marks.Marks{}, nil
		}
		x, err := marks.ParseXMP(v[""])
		if err != nil {
			return marks.Marks{}, err
		}
		return x.Marks(), nil
	case Finder:
		return w.s.finder.From(marks.Attrs(v))
	}
	return marks.FromXDG(marks.Attrs(v)), nil
}

// ours makes the values that say marks, and tells which names these are about.
func (w *world) ours(form Form, m marks.Marks, was values) (next values, about []string, err error) {
	var a marks.Attrs
	switch form {
	case XMP:
		x, err := marks.ParseXMP(was[""])
		if err != nil {
			return nil, nil, err
		}
		x.Set(m)
		b, err := x.Bytes()
		return sidecarIs(b), []string{""}, err
	case Finder:
		if a, err = w.s.finder.To(m, marks.Attrs(was)); err != nil {
			return nil, nil, err
		}
	default:
		a = marks.ToXDG(m, marks.Attrs(was))
	}
	next = values{}
	for k, v := range a {
		if about = append(about, k); v != nil {
			next[k] = v
		}
	}
	return next, about, nil
}

// of are the values of some names.
func (v values) of(names []string) values {
	out := values{}
	for _, k := range names {
		if b, ok := v[k]; ok {
			out[k] = b
		}
	}
	return out
}

func (v values) equal(o values) bool {
	return maps.EqualFunc(v, o, func(a, b []byte) bool { return bytes.Equal(a, b) })
}
