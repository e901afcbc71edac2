package library

import (
	"context"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// View is a library as the faces show it.
type View struct {
	ID      ident.LibraryID `json:"id" jsonschema:"the library's id; empty if it is too damaged to tell"`
	Name    string          `json:"name" jsonschema:"name of the library, and of its folder"`
	Path    string          `json:"path" jsonschema:"the folder that is the library"`
	Created time.Time       `json:"created,omitzero" jsonschema:"when it was made"`
	State   State           `json:"state" jsonschema:"open, closed or broken"`
	Default bool            `json:"default" jsonschema:"used where none is named"`
	Problem string          `json:"problem,omitempty" jsonschema:"why it cannot be used"`
	Remedy  string          `json:"remedy,omitempty" jsonschema:"what to do about it"`
}

// TypeName is what clients call the type.
func (View) TypeName() string { return "Library" }

// ListOut holds all libraries.
type ListOut struct {
	Items []View `json:"items"`
	Next  string `json:"next" jsonschema:"always empty: all are told at once"`
}

// InfoOut is a library with its sums.
type InfoOut struct {
	View
	Counts
}

// TypeName is what clients call the type.
func (InfoOut) TypeName() string { return "LibraryInfo" }

type (
	// None is an empty input or result.
	None struct{}
	// CreateIn names a library to make.
	CreateIn struct {
		Name string `json:"name" cli:"1" min:"1" max:"100" jsonschema:"name of the new library"`
	}
	// InfoIn names a library.
	InfoIn struct {
		Name string `json:"name,omitempty" cli:"1" jsonschema:"name or id of the library; the default one if left out"`
	}
	// RenameIn is another name for a library.
	RenameIn struct {
		Name string `json:"name" cli:"1" min:"1" max:"100" jsonschema:"the new name"`
	}
	// RemoveIn names a library to remove.
	RemoveIn struct {
		Name        string `json:"name" cli:"1" min:"1" jsonschema:"name or id of the library"`
		DeleteFiles bool   `json:"delete_files,omitempty" jsonschema:"destroy the library's own folder instead of moving it to the trash; indexed files are never touched"`
	}
)

// Ops returns the operations on libraries. Where an operation speaks of the
// library in use, it is the one that op.Library names.
func (m *Manager) Ops() []op.Def {
	return []op.Def{
		op.NewCommand("library.create", "Make a library", m.createOp, op.Example(`stardrive library create Work`)),
		op.NewQuery("library.list", "List the libraries", m.listOp, op.Example("stardrive library list")),
		op.NewQuery("library.info", "Show a library", m.infoOp, op.Example("stardrive library info")),
		op.NewCommand("library.rename", "Rename the library", m.renameOp, op.Example(`stardrive --library Work library rename Office`)),
		op.NewCommand("library.rebuild", "Give a library whose database is gone or damaged a new one; what you added to files stays", m.rebuildOp, op.Example("stardrive library rebuild Home")),
		op.NewQuery("library.snapshots", "List the copies that are kept of a library's databases", m.snapshotsOp, op.Example("stardrive library snapshots Home")),
		op.NewCommand("library.snapshot", "Copy the library's databases now, beside them", m.snapshotOp, op.Example("stardrive library snapshot")),
		op.NewCommand("library.restore", "Put a copy in the place of a library's database that is gone or damaged; what you added to files stays", m.restoreOp, op.Example("stardrive library restore Home")),
		op.NewCommand("library.backup", "Write a backup of the library into a folder", m.backupOp, op.Example("stardrive library backup /mnt/usb")),
		op.NewCommand("library.remove", "Remove a library, keeping the files it knows of", m.removeOp, op.Example("stardrive library remove Office")),
	}
}

// printable makes text of bytes that name a file.
func printable(path string) string { return strings.ToValidUTF8(path, "\uFFFD") }

func view(i Info) View {
	v := View{ID: i.ID, Name: i.Name, Path: printable(i.Path), Created: i.Created, State: i.State, Default: i.Default}
	if i.Err != nil {
		v.Problem, v.Remedy = i.Err.Error(), errs.RemedyOf(i.Err)
	}
	return v
}

func (m *Manager) createOp(ctx context.Context, in CreateIn) (View, error) {
	l, err := m.Create(ctx, in.Name)
	if err != nil {
		return View{}, err
	}
	return m.viewOf(l), nil
}

// viewOf shows an open library.
func (m *Manager) viewOf(l *Library) View {
	v := view(l.info())
	m.mu.Lock()
	defer m.mu.Unlock()
	v.Default = m.last == l.ID
	return v
}

func (m *Manager) listOp(ctx context.Context, _ None) (ListOut, error) {
	all, err := m.List(ctx)
	out := ListOut{Items: []View{}}
	for _, i := range all {
		out.Items = append(out.Items, view(i))
	}
	return out, err
}

func (m *Manager) infoOp(ctx context.Context, in InfoIn) (out InfoOut, err error) {
	ref := in.Name
	if ref == "" {
		ref = op.Library(ctx)
	}
	l, err := m.Get(ctx, ref)
	if err != nil {
		return out, err
	}
	out.View = m.viewOf(l)
	if m.o.Counts != nil {
		out.Counts, err = m.o.Counts(ctx, l)
	}
	return out, err
}

func (m *Manager) renameOp(ctx context.Context, in RenameIn) (View, error) {
	i, err := m.Rename(ctx, op.Library(ctx), in.Name)
	return view(i), err
}

func (m *Manager) removeOp(ctx context.Context, in RemoveIn) (None, error) {
	return None{}, m.Remove(ctx, in.Name, in.DeleteFiles)
}
