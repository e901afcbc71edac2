package fileops

import (
	"hash/fnv"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// verb is what a step does. They are stored.
type verb string

// The primitive changes, and what takes each back.
const (
	vMkdir   verb = "mkdir"   // To: rmdir
	vWrite   verb = "write"   // To, from From or empty: trash; Over comes back from its Slot
	vSymlink verb = "symlink" // To: trash
	vRename  verb = "rename"  // From to To on one volume: rename
	vTrash   verb = "trash"   // From into Slot: restore
	vRestore verb = "restore" // Slot to To: trash
	vRemove  verb = "remove"  // From, whose copy stands at To: write
	vRmdir   verb = "rmdir"   // From, whose copy stands at To or nowhere: mkdir
	vMeta    verb = "meta"    // at To, Old to New: meta
	vExtract verb = "extract" // the archive From to the folder To: trash
	vDestroy verb = "destroy" // From, or what is in Slot: nothing
)

// step is one primitive change, as it is journalled.
type step struct {
	Verb     verb           `json:"v"`
	Item     int64          `json:"i"`
	From     catalog.Spot   `json:"from,omitzero"`
	To       catalog.Spot   `json:"to,omitzero"`
	Temp     string         `json:"temp,omitzero"`     // our private name in To's folder, or in From's to remove
	Seen     *vfs.Entry     `json:"seen,omitzero"`     // what stood at From, as the plan or the run saw it
	Over     *vfs.Entry     `json:"over,omitzero"`     // what stood at To and gave way; it is in Slot
	Begun    *begun         `json:"begun,omitzero"`    // what stands under Temp of a large file that is half written
	Made     *vfs.Entry     `json:"made,omitzero"`     // what was made under Temp, before it was placed
	Is       *vfs.Entry     `json:"is,omitzero"`       // what stands at To since
	Slot     *trash.Slot    `json:"slot,omitzero"`     // in the trash of From's volume, or of To's
	Hash     *catalog.Hash  `json:"hash,omitzero"`     // of the bytes
	Old      *vfs.Meta      `json:"old,omitzero"`      // before meta and rmdir
	New      *vfs.Meta      `json:"new,omitzero"`      // after meta; of what mkdir makes, in the end
	Parts    vfs.Parts      `json:"parts,omitzero"`    // of Old and New
	Also     []catalog.Spot `json:"also,omitempty"`    // of meta: other names of the file, which changes under all of them
	Link     *catalog.Spot  `json:"link,omitzero"`     // the file of which To becomes another name
	LinkIs   *vfs.Entry     `json:"link_is,omitzero"`  // our copy at Link; bytes are copied if it is another by now; nil: Seen
	Like     *catalog.Spot  `json:"like,omitzero"`     // the file that holds the same bytes, and stays
	Pack     *packing       `json:"pack,omitzero"`     // To is an archive of these
	Symlinks bool           `json:"symlinks,omitzero"` // of an archive: they are made, too
	Only     []string       `json:"only,omitempty"`    // of an archive: nothing else comes out
	Target   string         `json:"target,omitzero"`   // of a symlink
	Was      *catalog.Spot  `json:"was,omitzero"`      // of mkdir: where the folder stands that To is to be again
	Needs    []catalog.Spot `json:"needs,omitempty"`   // of trash: what the plan brings back elsewhere first; else this stays
	For      *vfs.Entry     `json:"for,omitzero"`      // what To is to be again, made anew
	Before   int64          `json:"before,omitzero"`   // of destroy and trash: what changed later stays (ns since 1970)
	Moving   bool           `json:"moving,omitzero"`   // a write that a remove follows
	Yields   bool           `json:"yields,omitzero"`   // of trash: it gives way to the next step, and comes back if that fails
	Files    int64          `json:"files,omitzero"`    // in it, where it is a folder that is changed as a whole
	Bytes    int64          `json:"bytes,omitzero"`
	Things   int64          `json:"things,omitzero"`  // how many of the plan's it is; 0: one
	Without  *without       `json:"without,omitzero"` // what of an archive was not unpacked

	lost     vfs.Parts // what the copy could not keep, though no plan told of that
	err      error     // why it was not done
	reserved bool      // its slot in the trash is
	shared   bool      // it shares its bytes with what was there: none were written
	held     int64     // the batch that held it half done
}

// key tells a step from all others of its plan.
func (st *step) key() uint64 {
	h := fnv.New64a()
	slot := ""
	if st.Slot != nil && st.Verb != vTrash && st.Verb != vWrite {
		slot = st.Slot.Folder + "\x00" + st.Slot.Name
	}
	for _, s := range []string{string(st.Verb), st.From.Volume, st.From.Path, st.To.Volume, st.To.Path, slot} {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// things is how many things of the plan are done with when the step is: what moves to
// another volume is when its copy is made.
func (st *step) things() int64 {
	switch {
	case st.Verb == vRemove, st.Verb == vRmdir && st.To.Volume != "", st.Yields:
		return 0
	}
	return max(st.Things, 1)
}

// back reports whether the step copies back what was moved to another volume.
func (st *step) back() bool { return st.Verb == vWrite && st.For != nil }

func spotKey(at catalog.Spot) uint64 { return (&step{From: at}).key() }

// place is where the step shows itself.
func (st *step) place() catalog.Spot {
	if st.From.Volume != "" {
		return st.From
	}
	return st.To
}

// task is what an item of a plan does, as run needs to know it.
type task struct {
	Step step `json:"s"` // of folders, the first of many
	Do   mode `json:"do,omitzero"`
	// Into is the inode of the folder that To is in; 0: it has none, or is new.
	Into uint64 `json:"into,omitzero"`
	// Free is a free name in that folder, for keep-both.
	Free string `json:"free,omitzero"`
	// Part: this is a conflict inside an item, and not done by itself.
	Part    bool        `json:"part,omitzero"`
	Keep    copier.Keep `json:"keep,omitzero"`
	Verify  bool        `json:"verify,omitzero"`
	NoClone bool        `json:"no_clone,omitzero"`
	Limit   int64       `json:"limit,omitzero"` // bytes a second; 0: none of its own
	// Ring are the other things whose names go round with this one's: it takes a
	// private name only while all of them are as the preview saw them.
	Ring []link `json:"ring,omitempty"`
}

// link is one thing of a ring.
type link struct {
	At   catalog.Spot `json:"at"`
	Seen *vfs.Entry   `json:"seen"`
}

// mode is what is done to a thing that may be a folder with much in it.
type mode string

const (
	once       mode = ""       // one step
	copyTree   mode = "copy"   // mkdir and write
	moveAcross mode = "move"   // mkdir, write, remove and rmdir
	moveWithin mode = "merge"  // rename, and rmdir of folders that were merged
	takeBack   mode = "untree" // trash what an earlier plan made, as far as it is still that
)

// spot is catalog.Spot, shorter.
func spot(v *volume, path string) catalog.Spot { return catalog.Spot{Volume: v.id, Path: path} }

func ptr[T any](v T) *T { return &v }

// temp is a private name, where the thing itself needs one.
func temp() string { return vfs.PrivateName() }
