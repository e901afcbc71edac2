// Package trash keeps deleted things where every program of the desktop finds
// them: in the trash of freedesktop.org, that of the user's home and that of each
// volume. It also destroys for good. It knows volumes and errors, no catalogue
// and no journal: the caller notes what is about to happen before.
//
// https://specifications.freedesktop.org/trash-spec/latest/
package trash

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Volume is where a trash is.
type Volume struct {
	Driver vfs.Driver
	// Mount is the absolute path of the driver's root, as other programs name it.
	Mount string
	// Home is the user's trash folder ($XDG_DATA_HOME/Trash) if it is on this very
	// volume, as a path of the driver; "" else.
	Home string
	// UID is the user's number, -1 where users have none: then the trash is a folder
	// that only this program knows.
	UID int
}

// Bin is the trash of one volume for one user: all its folders taken together. It
// keeps no descriptor open and is safe for concurrent use. The file
// directorysizes, which only saves programs from measuring, is left to those that
// keep it: they know by its times which of its lines are old.
type Bin struct {
	v       Volume
	writing *vfs.Writing

	mu       sync.Mutex
	proposed map[Slot]bool // not reserved yet
	each     sync.Once
	syncEach bool // SyncAll does not work here
}

// Of returns the bin of a volume; nothing is made until something is put into it.
// errs.Unsupported where the volume cannot have one.
func Of(_ context.Context, v Volume) (*Bin, error) {
	w := v.Driver.Features().Writing
	if w == nil {
		return nil, errs.New(errs.Unsupported, "this volume cannot be changed, so it has no trash")
	}
	if !vfs.Valid(v.Home) {
		return nil, errs.New(errs.Invalid, "the trash of the home is not a path of the volume").At(v.Home)
	}
	return &Bin{v: v, writing: w, proposed: map[Slot]bool{}}, nil
}

// Slot is a place in the trash: it stays the same while the thing is there.
type Slot struct {
	Folder string `json:"folder"` // the trash folder, a path of the driver: ".Trash-1000"
	Name   string `json:"name"`   // the name in its files/, raw bytes
}

// Item is something in the trash, put there by whatever program.
type Item struct {
	Slot
	// Was is where it stood, a path of the driver; "" where that is not told or is
	// not on this volume: then it can only be restored to a place that the user names.
	Was     string
	Deleted time.Time // zero: not told
	Is      vfs.Entry // what stands in files/; its size is its own, not of what is in it
	Orphan  Orphan
}

// Orphan tells which half of an item is missing.
type Orphan string

// The states of an item.
const (
	Whole    Orphan = ""
	DataOnly Orphan = "data" // nothing tells where it came from
	InfoOnly Orphan = "info" // the thing itself is gone, or is just being destroyed
)

// The parts of a trash folder.
const (
	filesDir = "files"
	infoDir  = "info"
	expunged = "expunged" // what is just being destroyed; other programs sweep it too
	infoExt  = ".trashinfo"
)

// folders are those that may hold this user's trash, the best first.
func (b *Bin) folders() []string {
	var all []string
	if b.v.Home != "" {
		all = append(all, b.v.Home)
	}
	if b.v.UID < 0 {
		return append(all, ".stardrive-trash")
	}
	uid := strconv.Itoa(b.v.UID)
	return append(all, adminDir+"/"+uid, ".Trash-"+uid)
}

// adminDir is made by an administrator, for all users: sticky, no symlink.
const adminDir = ".Trash"

// Where tells in which trash folder a thing of this volume would be put, and
// whether that folder is there already. It changes nothing: it is for previews.
// errs.Unsupported, with the reason, where there can be no trash: then deleting
// is destroying.
func (b *Bin) Where(ctx context.Context) (folder string, there bool, err error) {
	for _, folder = range b.folders() {
		there, err = b.usable(ctx, folder)
		if err == nil {
			return folder, there, nil
		}
		if !errs.Is(err, errs.Unsupported) {
			return "", false, err
		}
	}
	return "", false, err
}

const sticky = 0o1000

// usable checks what the specification demands: no symlinks, the sticky bit on a
// folder for all, and nobody else's folder. errs.Unsupported: this one is not.
func (b *Bin) usable(ctx context.Context, folder string) (there bool, err error) {
	refused := func(why string) (bool, error) {
		return false, errs.New(errs.Unsupported, "%q is not used as trash: %s", folder, why)
	}
	parent, _ := vfs.Split(folder)
	if parent == adminDir && folder != b.v.Home {
		is, err := b.v.Driver.Stat(ctx, adminDir)
		switch {
		case errs.Is(err, errs.NotFound):
			return refused("there is no " + adminDir)
		case err != nil:
			return false, err
		case is.Kind != vfs.Folder:
			return refused(adminDir + " is a " + is.Kind.String())
		case is.Mode&sticky == 0:
			return refused(adminDir + " has no sticky bit")
		}
	}
	is, err := b.v.Driver.Stat(ctx, folder)
	switch {
	case errs.Is(err, errs.NotFound):
		return false, nil
	case errs.Is(err, errs.Denied):
		return refused(err.Error())
	case err != nil:
		return false, err
	case is.Kind != vfs.Folder:
		return refused("it is a " + is.Kind.String())
	case is.Mount:
		return refused("another file system is mounted there")
	}
	if b.v.UID >= 0 && b.writing.Keeps&vfs.PartOwner != 0 {
		m, err := b.metaOf(ctx, folder)
		if err != nil {
			return false, err
		}
		if int64(m.UID) != int64(b.v.UID) {
			return refused("it belongs to somebody else")
		}
	}
	return true, nil
}

func (b *Bin) metaOf(ctx context.Context, path string) (vfs.Meta, error) {
	parent, name := vfs.Split(path)
	dir, err := b.writing.Dir(ctx, parent)
	if err != nil {
		return vfs.Meta{}, err
	}
	defer dir.Close()
	return dir.Meta(ctx, name)
}

// ready makes the trash folder into which things are put now, and returns it.
func (b *Bin) ready(ctx context.Context) (string, error) {
	var last error
	for _, folder := range b.folders() {
		there, err := b.usable(ctx, folder)
		if err == nil && !there {
			err = b.found(ctx, folder)
			if errs.Is(err, errs.Denied) {
				err = errs.New(errs.Unsupported, "no trash can be made here: %w", err)
			}
			if err == nil { // somebody else may have been there first
				_, err = b.usable(ctx, folder)
			}
		}
		if err == nil {
			err = b.parts(ctx, folder)
		}
		if err == nil {
			return folder, nil
		}
		if !errs.Is(err, errs.Unsupported) {
			return "", err
		}
		last = err
	}
	return "", last
}

// found makes a trash folder that nobody else can look into.
func (b *Bin) found(ctx context.Context, folder string) error {
	parent, name := vfs.Split(folder)
	dir, made, err := Parents(ctx, b.v.Driver, parent)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Mkdir(ctx, name, 0o700); err != nil && !errs.Is(err, errs.Conflict) {
		return err
	}
	if err := dir.Sync(ctx); err != nil {
		return err
	}
	for _, path := range made {
		if err := syncDir(ctx, b.writing, path); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(ctx context.Context, w *vfs.Writing, path string) error {
	parent, _ := vfs.Split(path)
	dir, err := w.Dir(ctx, parent)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync(ctx)
}

// parts makes what belongs into a trash folder.
func (b *Bin) parts(ctx context.Context, folder string) error {
	dir, err := b.writing.Dir(ctx, folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	made := false
	for _, name := range []string{filesDir, infoDir, expunged} {
		is, err := dir.Stat(ctx, name)
		if errs.Is(err, errs.NotFound) {
			if err = dir.Mkdir(ctx, name, 0o700); err == nil || errs.Is(err, errs.Conflict) {
				made = true
				is, err = dir.Stat(ctx, name)
			}
		}
		if err != nil {
			return err
		}
		if is.Kind != vfs.Folder {
			return errs.New(errs.Unsupported, "%q in the trash is a %s", name, is.Kind)
		}
	}
	if made {
		return dir.Sync(ctx)
	}
	return nil
}

// open opens a part of the trash folder that a slot names.
func (b *Bin) open(ctx context.Context, s Slot, part string) (vfs.Dir, error) {
	if err := b.check(s); err != nil {
		return nil, err
	}
	return b.writing.Dir(ctx, vfs.Join(s.Folder, part))
}

// check refuses slots that are not of this bin: they come from outside.
func (b *Bin) check(s Slot) error {
	for _, f := range b.folders() {
		if f == s.Folder && vfs.ValidName(s.Name) {
			return nil
		}
	}
	return errs.New(errs.Invalid, "there is no such place in the trash of this volume").At(vfs.Join(s.Folder, s.Name))
}

// longest is how long a name in the trash may be, so that its info has room.
func (b *Bin) longest() int {
	n := b.writing.MaxName
	if n <= 0 || n > 255 {
		n = 255
	}
	return n - len(infoExt)
}

// same is copier.Same; a folder is the same whatever is in it.
func same(a, b vfs.Entry, ctime bool) bool { return copier.Same(a, b, ctime) }
