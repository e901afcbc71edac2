// Package trash keeps deleted things where every program of the desktop finds
// them: in the trash of freedesktop.org, that of the user's home and that of each
// volume. It also destroys for good. It knows volumes and errors, no catalogue
// and no journal: the caller notes what is about to happen before.
//
// https://specifications.freedesktop.org/trash-spec/latest/
package trash

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

var errNotYet = errs.New(errs.Unsupported, "not built yet")

// Volume is where a trash is.
type Volume struct {
	Driver vfs.Driver
	// Mount is the absolute path of the driver's root, as other programs name it.
	Mount string
	// Home is the user's trash folder ($XDG_DATA_HOME/Trash) if it is on this very
	// volume, as a path of the driver; "" else.
	Home string
	// UID is the user's number, -1 where users have none.
	UID int
}

// Bin is the trash of one volume for one user: all its folders taken together. It
// keeps no descriptor open and is safe for concurrent use.
type Bin struct{ v Volume }

// Of returns the bin of a volume; nothing is made until something is put into it.
// errs.Unsupported where the volume cannot have one.
func Of(ctx context.Context, v Volume) (*Bin, error) { return nil, errNotYet }

// Slot is a place in the trash: ID is what stays the same while it is there.
type Slot struct {
	Folder string `json:"folder"` // the trash folder, a path of the driver: ".Trash-1000"
	Name   string `json:"name"`   // the name in its files/
}

// Item is something in the trash, put there by whatever program.
type Item struct {
	Slot
	// Was is where it stood, a path of the driver; "" where that is not told or is
	// not on this volume: then it can only be restored to a place that the user names.
	Was     string
	Deleted time.Time // zero: not told
	Is      vfs.Entry // what stands in files/; its size is its own, not of what is in it
	// Orphan is "data" where nothing tells where it came from, "info" where the
	// thing itself is gone, "" for a whole item.
	Orphan string
}

// Where tells in which trash folder a thing of this volume would be put, and
// whether that folder is there already. It changes nothing: it is for previews.
// errs.Unsupported, with the reason, where there can be no trash: then deleting
// is destroying.
func (b *Bin) Where(ctx context.Context) (folder string, there bool, err error) {
	return "", false, errNotYet
}

// Propose names a slot that is free for a thing of that name. Nothing is made, so
// that the slot can be noted before; no slot is proposed twice by one Bin.
func (b *Bin) Propose(ctx context.Context, name string) (Slot, error) { return Slot{}, errNotYet }

// Reserve writes into a proposed slot where the thing stood (was, a path of the
// driver) and when it went. errs.Conflict: another program took the slot
// meanwhile; propose anew. The caller calls Sync once for many, before Put.
func (b *Bin) Reserve(ctx context.Context, s Slot, was string, when time.Time) error {
	return errNotYet
}

// Put moves the entry name of the folder from into its reserved slot, as a whole
// and in one step. If it is not expect (kind, size, times, inode) it stays, or
// goes back, and the answer is errs.Conflict; errs.Unsupported where it cannot be
// moved in one step (another file system).
func (b *Bin) Put(ctx context.Context, from vfs.Dir, name string, expect vfs.Entry, s Slot) (vfs.Entry, error) {
	return vfs.Entry{}, errNotYet
}

// Cancel gives up a reserved slot into which nothing was put. After a crash it
// tells what became of the slot: with full the thing is in it, and it stays.
func (b *Bin) Cancel(ctx context.Context, s Slot) (full bool, err error) { return false, errNotYet }

// Sync returns when the names in the trash would survive a power cut.
func (b *Bin) Sync(ctx context.Context) error { return errNotYet }

// List emits all items of the trash in batches and in no order, those of other
// programs and what is left of broken ones as well. The batch belongs to List
// again when emit returns.
func (b *Bin) List(ctx context.Context, emit func([]Item) error) error { return errNotYet }

// Stat returns one item.
func (b *Bin) Stat(ctx context.Context, s Slot) (Item, error) { return Item{}, errNotYet }

// Restore moves an item into the folder to, as name, and forgets it. A name that
// is taken is errs.Conflict, and the item stays; so does one that is not expect.
// The folder is synced before the trash forgets. It may be repeated after a
// crash: an item that stands under its name already is only forgotten.
func (b *Bin) Restore(ctx context.Context, s Slot, expect vfs.Entry, to vfs.Dir, name string) (vfs.Entry, error) {
	return vfs.Entry{}, errNotYet
}

// Destroy removes an item for good, as the function Destroy does. Until all of it
// is gone the trash lists it. It may be repeated after a crash, with the same temp.
func (b *Bin) Destroy(ctx context.Context, s Slot, temp string, expect vfs.Entry, o Options) (Removed, error) {
	return Removed{}, errNotYet
}

// Options are those of destroying.
type Options struct {
	// NotAfter leaves standing what changed later (ns since 1970, by the volume's
	// clock): it was not in the preview. 0: whatever is there goes.
	NotAfter int64
	// Progress tells what is gone so far; it is called for each batch.
	Progress func(Removed)
	// Gone is told of each thing that is gone, by its path below the destroyed one
	// ("" itself), children before their folder. nil: nobody asks.
	Gone func(path string, was vfs.Entry)
}

// Removed is what is gone, and what is not.
type Removed struct {
	Files, Folders, Bytes int64 // Files: everything that is no folder
	Failed                int64
	Failures              []Failure // the first hundred
}

// Failure is one thing that could not be removed.
type Failure struct {
	Path string // below the destroyed one; "" itself
	Err  error
}

// Destroy removes the entry name of the folder dir and everything in it, for good.
// It is first renamed to temp in the folder into of the same volume (dir itself
// will do), so that nobody can come between by its name, and looked at: if it is
// not expect it goes back, errs.Conflict. It works by handles with a bounded number of
// descriptors at any depth, follows no symlink and never leaves the file system:
// what is mounted in it stays. What cannot be removed stays too, gets its name
// back, and is told in Removed; then the error is that of the first failure. When
// ctx ends, what is left keeps the name temp: call it again to go on, also after
// a crash. What is gone already is no error.
func Destroy(ctx context.Context, dir vfs.Dir, name string, into vfs.Dir, temp string, expect vfs.Entry, o Options) (Removed, error) {
	return Removed{}, errNotYet
}

// Parents opens the folder at path and makes the folders of it that are missing.
// made are those, outermost first; the caller syncs their parents.
func Parents(ctx context.Context, d vfs.Driver, path string) (dir vfs.Dir, made []string, err error) {
	return nil, nil, errNotYet
}
