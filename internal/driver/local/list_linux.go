package local

import (
	"bytes"
	"context"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A record of getdents64: inode (8 bytes), offset (8), length of the record
// (2), type (1), name with a final NUL, padding to 8 bytes.
const (
	recordLen  = 16
	recordType = 18
	recordName = 19
	shortest   = 24

	batchSize = 1024
)

// lister is the memory of one listing. It is pooled: a walk of a million
// entries allocates one string for each batch and nothing for an entry.
type lister struct {
	records [batchSize * shortest]byte // so that no read gives more than a batch
	entries [batchSize]vfs.Entry
	ends    [batchSize]int // of each name in names
	names   []byte
	stx     unix.Statx_t
}

// List reads the folder and examines its children one system call each, in the
// folder itself. A batch is what one read of the folder gave.
func (d *Driver) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	if err := begin(ctx, "list", dir); err != nil {
		return err
	}
	fd, err := d.openFolder(dir, reading)
	if err != nil {
		return oserr.Wrap("list", dir, err)
	}
	defer closeFD(fd)
	return d.list(ctx, fd, dir, emit)
}

// list reads the open folder fd from where it stands; dir is its path.
func (d *Driver) list(ctx context.Context, fd int, dir string, emit func(batch []vfs.Entry) error) error {
	l := d.listers.Get().(*lister)
	used := 0
	defer func() {
		clear(l.entries[:used]) // let go of the names
		d.listers.Put(l)
	}()
	for {
		if err := alive(ctx, "list", dir); err != nil {
			return err
		}
		n, err := retry(func() (int, error) { return unix.Getdents(fd, l.records[:]) })
		if err != nil {
			return oserr.Wrap("list", dir, err)
		}
		if n == 0 {
			return nil
		}
		batch, err := d.batch(fd, l, l.records[:n])
		if err != nil {
			return oserr.Wrap("list", dir, err)
		}
		used = max(used, len(batch))
		if len(batch) == 0 {
			continue
		}
		if err := emit(batch); err != nil {
			return err
		}
	}
}

// openFolder opens the folder at dir to do something in it.
func (d *Driver) openFolder(dir string, flags int) (fd int, err error) {
	err = d.root.use(func(root int) error {
		fd, err = d.folder(root, dir, flags)
		return err
	})
	if err != nil || dir == "" || !d.cross { // without cross, mounts end the walk
		return fd, err
	}
	var stx unix.Statx_t
	if err = statx(fd, nil, unix.AT_STATX_DONT_SYNC, &stx); err == nil && d.isSealed(fd, nil, &stx) {
		err = errMount
	}
	return told(fd, err)
}

var errRecord = errs.New(errs.Internal, "the system returned a malformed folder")

// batch examines the entries of records. All their names become one string,
// which lives as long as any of them.
func (d *Driver) batch(dir int, l *lister, records []byte) ([]vfs.Entry, error) {
	n := 0
	l.names = l.names[:0]
	for len(records) > 0 {
		name, kind, rest, err := cut(records)
		if err != nil || n == batchSize {
			return nil, errRecord
		}
		records = rest
		if string(name) == "." || string(name) == ".." {
			continue
		}
		switch known, err := d.examineListed(dir, &name[0], kind, l, &l.entries[n]); {
		case err != nil:
			return nil, err
		case known:
			l.names = append(l.names, name...)
			l.ends[n] = len(l.names)
			n++
		}
	}
	all, start := string(l.names), 0
	for i, end := range l.ends[:n] {
		l.entries[i].Name = all[start:end]
		start = end
	}
	return l.entries[:n], nil
}

// cut takes the first record off. A NUL follows name in memory.
func cut(records []byte) (name []byte, kind vfs.Kind, rest []byte, err error) {
	if len(records) < shortest {
		return nil, 0, nil, errRecord
	}
	size := int(binary.NativeEndian.Uint16(records[recordLen:]))
	if size < shortest || size > len(records) {
		return nil, 0, nil, errRecord
	}
	name = records[recordName:size]
	end := bytes.IndexByte(name, 0)
	if end <= 0 {
		return nil, 0, nil, errRecord
	}
	return name[:end], kindOf(uint32(records[recordType]) << 12), records[size:], nil // DT_x is S_IFx >> 12
}

// examineListed fills e. A child that has gone is not known; one that cannot be
// examined has only its kind. When the volume has gone, so has the listing.
func (d *Driver) examineListed(dir int, name *byte, kind vfs.Kind, l *lister, e *vfs.Entry) (known bool, err error) {
	// Attributes may be some seconds old on a network file system: a listing of
	// a thousand files must not ask its server a thousand times.
	err = statx(dir, name, unix.AT_STATX_DONT_SYNC, &l.stx)
	switch {
	case err == nil:
		d.fill(e, &l.stx)
		e.Mount = d.isSealed(dir, name, &l.stx)
		return true, nil
	case err == unix.ENOENT:
		return false, nil
	case oserr.Kind(err) == errs.Unavailable:
		return false, err
	}
	*e = vfs.Entry{Kind: kind}
	return true, nil
}
