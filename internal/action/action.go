// Package action keeps changes of the user's files as plans: what is to be done
// is looked at and stored first, committed once by the plan's id, journalled
// while it is done, and taken back by a plan made from the journal. It knows
// neither files nor any action: what an item means, and a step of a journal, is
// its action's business.
package action

import (
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// State is where a plan stands.
type State string

// The states of a plan. A partial, failed or cancelled one can be committed
// again, which does what is not done yet.
const (
	Planned    State = "planned"    // nothing is changed; waits for a yes
	Committing State = "committing" // its job is queued, running or paused
	Done       State = "done"       // all of it, but for what was to be skipped
	Partial    State = "partial"    // some of it failed, or was cut short by an error
	Failed     State = "failed"     // nothing was changed
	Cancelled  State = "cancelled"  // stopped on request; what was done stays
	Discarded  State = "discarded"  // given up before it was committed
	Expired    State = "expired"    // too old to be committed
)

// planning is a plan that is being made; nobody sees it.
const planning State = "planning"

// Enum lists the states.
func (State) Enum() []string {
	return []string{string(Planned), string(Committing), string(Done), string(Partial), string(Failed), string(Cancelled), string(Discarded), string(Expired)}
}

// TypeName is what clients call the type.
func (State) TypeName() string { return "PlanState" }

// retryable reports whether a plan in this state may be committed again.
func (s State) retryable() bool { return s == Partial || s == Failed || s == Cancelled }

// Final reports whether nothing happens to a plan in this state by itself.
func (s State) Final() bool { return s != Planned && s != Committing && s != planning }

// Plan is a change of files, stored before anything is done.
type Plan struct {
	ID        ident.PlanID `json:"id" jsonschema:"number"`
	Action    string       `json:"action" jsonschema:"what sort of change: files.copy"`
	Title     string       `json:"title" jsonschema:"what it does, for people"`
	State     State        `json:"state" jsonschema:"where it stands"`
	Summary   Summary      `json:"summary" jsonschema:"what it comes to"`
	Warnings  []string     `json:"warnings" jsonschema:"what to know before saying yes"`
	Confirm   string       `json:"confirm,omitempty" jsonschema:"the phrase to be typed to commit it; absent: none"`
	Items     int64        `json:"items" jsonschema:"items in its list"`
	Undecided int64        `json:"undecided" jsonschema:"items with a conflict that wait for a choice"`
	Done      int64        `json:"done" jsonschema:"things that were changed"`
	Failed    int64        `json:"failed" jsonschema:"things that could not be changed"`
	Skipped   int64        `json:"skipped" jsonschema:"things left alone, as it was chosen"`
	Actor     string       `json:"actor" jsonschema:"who asked for it"`
	Created   time.Time    `json:"created" jsonschema:"when it was made"`
	Expires   time.Time    `json:"expires" jsonschema:"until when it can be committed"`
	Committed time.Time    `json:"committed,omitzero" jsonschema:"when it was committed last"`
	Finished  time.Time    `json:"finished,omitzero" jsonschema:"when that ended"`
	Job       ident.JobID  `json:"job,omitempty" jsonschema:"the job that commits it"`
	UndoOf    ident.PlanID `json:"undo_of,omitempty" jsonschema:"the plan that this one takes back"`
	UndoneBy  ident.PlanID `json:"undone_by,omitempty" jsonschema:"the plan that took this one back"`
	Undoable  bool         `json:"undoable" jsonschema:"it changed something that can be taken back"`
	Error     string       `json:"error,omitempty" jsonschema:"why it ended early"`
	ErrorKind errs.Kind    `json:"error_kind,omitempty" jsonschema:"class of the error"`

	undoes bool // it takes back, and does nothing new
	data   []byte
	steps  bool // the journal holds what was done
	open   bool // it holds what may have been done: nobody has looked yet
}

// TypeName is what clients call the type.
func (Plan) TypeName() string { return "Plan" }

// Summary is what a plan comes to. Sizes are bytes.
type Summary struct {
	Files     int64   `json:"files" jsonschema:"files, symlinks and special files it is about"`
	Folders   int64   `json:"folders" jsonschema:"folders it is about"`
	Bytes     int64   `json:"bytes" jsonschema:"their bytes"`
	Write     int64   `json:"write" jsonschema:"bytes to be written"`
	Saved     int64   `json:"saved" jsonschema:"bytes that need not be written: the volume can share them with what is there, or the same file stands there"`
	Replaced  int64   `json:"replaced" jsonschema:"files that others take the place of; they go to the trash"`
	Trashed   int64   `json:"trashed" jsonschema:"files and folders that go to the trash, with all in them"`
	Destroyed int64   `json:"destroyed" jsonschema:"files and folders that are gone for good, with all in them"`
	Seconds   float64 `json:"seconds" jsonschema:"how long it may take; 0: moments, or unknown"`
	Guess     bool    `json:"guess,omitempty" jsonschema:"seconds is a guess: nobody measured yet how fast files are written there"`
	Room      []Room  `json:"room" jsonschema:"free space of the volumes that change"`
}

// TypeName is what clients call the type.
func (Summary) TypeName() string { return "PlanSummary" }

// Room is the free space of a volume, as far as it can be foretold.
type Room struct {
	Volume string `json:"volume" jsonschema:"the volume's name"`
	Before int64  `json:"before" jsonschema:"free bytes now"`
	After  int64  `json:"after" jsonschema:"free bytes when all is done"`
	Files  int64  `json:"files,omitempty" jsonschema:"how many more files and folders it can hold now; absent: unknown"`
	Needs  int64  `json:"needs,omitempty" jsonschema:"how many files and folders come to it"`
}

// TypeName is what clients call the type.
func (Room) TypeName() string { return "PlanRoom" }

// Item is what a plan does to one thing that was named, or one conflict.
type Item struct {
	N        int64    `json:"n" jsonschema:"its number in the plan, from 1"`
	Verb     string   `json:"verb" jsonschema:"what is done: copy, move, rename, trash ..."`
	From     string   `json:"from,omitempty" jsonschema:"what it is done to: SdPath"`
	To       string   `json:"to,omitempty" jsonschema:"what comes of it: SdPath"`
	Files    int64    `json:"files,omitempty" jsonschema:"files in it"`
	Folders  int64    `json:"folders,omitempty" jsonschema:"folders in it"`
	Bytes    int64    `json:"bytes,omitempty" jsonschema:"bytes in it"`
	Note     string   `json:"note,omitempty" jsonschema:"what else to know of it"`
	Conflict string   `json:"conflict,omitempty" jsonschema:"why a choice is needed"`
	Choices  []string `json:"choices,omitempty" jsonschema:"what can be chosen"`
	Choice   string   `json:"choice,omitempty" jsonschema:"what is chosen"`
}

// TypeName is what clients call the type.
func (Item) TypeName() string { return "PlanItem" }

// Failure is one thing that was not changed.
type Failure struct {
	Item    int64     `json:"item" jsonschema:"number of the item it belongs to"`
	Path    string    `json:"path" jsonschema:"what was not changed: SdPath"`
	Skipped bool      `json:"skipped" jsonschema:"it was to be left alone"`
	Kind    errs.Kind `json:"kind" jsonschema:"class of the error"`
	Message string    `json:"message" jsonschema:"why"`
}

// TypeName is what clients call the type.
func (Failure) TypeName() string { return "PlanFailure" }
