package library

import (
	"context"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/store"
)

// RebuildIn names a library whose database is to be made anew.
type RebuildIn struct {
	Name  string `json:"name" cli:"1" min:"1" jsonschema:"name or id of the library"`
	Force bool   `json:"force,omitempty" jsonschema:"also when its database is sound"`
}

func (m *Manager) rebuildOp(ctx context.Context, in RebuildIn) (View, error) {
	l, err := m.Rebuild(ctx, in.Name, in.Force)
	if err != nil {
		return View{}, err
	}
	return m.viewOf(l), nil
}

// SnapshotView is a copy of one of a library's databases.
type SnapshotView struct {
	N        int       `json:"n" jsonschema:"its number: 1 is the newest of its database"`
	Database string    `json:"database" jsonschema:"library.db: what is known of your files; user.db: what you added to them"`
	Made     time.Time `json:"made" jsonschema:"when it was made"`
	Bytes    int64     `json:"bytes" jsonschema:"its size"`
	Path     string    `json:"path" jsonschema:"where it stands"`
}

// TypeName is what clients call the type.
func (SnapshotView) TypeName() string { return "LibrarySnapshot" }

type (
	// SnapshotsOut holds the copies that are kept of a library's databases.
	SnapshotsOut struct {
		Items []SnapshotView `json:"items"`
		Next  string         `json:"next" jsonschema:"always empty: all are told at once"`
	}
	// RestoreIn names a library, and which copy takes the place of its database.
	RestoreIn struct {
		Name     string `json:"name" cli:"1" min:"1" jsonschema:"name or id of the library"`
		Snapshot int    `json:"snapshot,omitempty" min:"0" jsonschema:"number of the copy; default: the newest that is sound"`
		Source   string `json:"source,omitempty" jsonschema:"folder of a backup to take it from instead"`
		Force    bool   `json:"force,omitempty" jsonschema:"also when its database is sound"`
	}
	// BackupIn names where to write a backup of the library.
	BackupIn struct {
		Folder string `json:"folder" cli:"1" min:"1" jsonschema:"folder that gets it, best on another disk"`
	}
	// BackupOut is where a backup stands.
	BackupOut struct {
		Path string `json:"path" jsonschema:"the folder that was made: a library as it stands"`
	}
)

// snapshotsOp needs no library that can be opened.
func (m *Manager) snapshotsOp(_ context.Context, in InfoIn) (SnapshotsOut, error) {
	i, err := m.find(in.Name)
	if err != nil {
		return SnapshotsOut{}, err
	}
	return keptIn(i.Path), nil
}

func keptIn(folder string) SnapshotsOut {
	out := SnapshotsOut{Items: []SnapshotView{}}
	for _, name := range []string{databaseFile, userFile} {
		for _, c := range store.Kept(filepath.Join(folder, name)) {
			out.Items = append(out.Items, SnapshotView{c.N, name, c.Made.UTC(), c.Bytes, printable(c.Path)})
		}
	}
	return out
}

func (m *Manager) snapshotOp(ctx context.Context, _ None) (SnapshotsOut, error) {
	l, err := m.Get(ctx, op.Library(ctx))
	if err == nil {
		err = m.Snapshot(ctx, l)
	}
	if err != nil {
		return SnapshotsOut{}, err
	}
	return keptIn(l.Path), nil
}

func (m *Manager) restoreOp(ctx context.Context, in RestoreIn) (View, error) {
	l, err := m.Restore(ctx, in.Name, in.Snapshot, in.Source, in.Force)
	if err != nil {
		return View{}, err
	}
	return m.viewOf(l), nil
}

func (m *Manager) backupOp(ctx context.Context, in BackupIn) (BackupOut, error) {
	l, err := m.Get(ctx, op.Library(ctx))
	if err != nil {
		return BackupOut{}, err
	}
	path, err := m.Backup(ctx, l, in.Folder)
	return BackupOut{printable(path)}, err
}
