package library

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// Backup writes a copy of an open library into a new folder in folder, and returns its
// path: the databases, each as one moment had it, and read whole. It is a library as it
// stands, without what can be made again, and with no work under way. It is there
// complete or not at all. Errors: errs.Invalid (no absolute path, or among the libraries);
// errs.Unavailable (too little room).
func (m *Manager) Backup(ctx context.Context, l *Library, folder string) (string, error) {
	path, err := m.backup(ctx, l, folder)
	return path, errs.In("library.backup", err)
}

func (m *Manager) backup(ctx context.Context, l *Library, folder string) (string, error) {
	if !filepath.IsAbs(folder) {
		return "", errs.New(errs.Invalid, "not an absolute path").At(folder).Try("Give the absolute path of a folder on the daemon's machine.")
	}
	for at := filepath.Clean(folder); ; at = filepath.Dir(at) {
		if sameFolder(at, m.dir) {
			return "", errs.New(errs.Invalid, "among the libraries a backup would be taken for one").At(folder).Try("Choose a folder elsewhere, best on another disk.")
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	temp := filepath.Join(folder, making+rand.Text())
	if err := makeFolder(temp); err != nil {
		return "", errs.New(errs.KindOf(err), "%w", err).At(folder).Try("Make the folder first, and make it writable.")
	}
	path := filepath.Join(folder, l.Name+m.o.Now().UTC().Format("-20060102T150405Z")+Suffix)
	err := m.fillBackup(ctx, l, temp)
	if err == nil {
		err = move(temp, path)
	}
	if err != nil {
		_ = os.RemoveAll(temp) // err says more
		return "", err
	}
	return path, nil
}

func (m *Manager) fillBackup(ctx context.Context, l *Library, temp string) error {
	l.copying.Lock()
	defer l.copying.Unlock()
	if err := l.DB.Backup(ctx, filepath.Join(temp, databaseFile)); err != nil {
		return err
	}
	db, err := m.database(ctx, temp)
	if err != nil {
		return err
	}
	if m.o.Restored != nil {
		err = m.o.Restored(ctx, db)
	}
	if e := db.Close(); err == nil {
		err = e
	}
	if err == nil && m.o.Backup != nil {
		err = m.o.Backup(ctx, l, temp)
	}
	if err == nil {
		err = save(temp, stored{ID: l.ID, Name: l.Name, Created: l.Created, Format: format})
	}
	if err == nil {
		err = durable.SyncFolder(temp)
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(temp)
	}
	return nil
}
