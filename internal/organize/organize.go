// Package organize keeps what users add themselves: tags with their meaning,
// favourites, ratings, notes and collections. It is the one thing that exists nowhere else, so it
// stands in a database of its own beside the catalogue, user.db, as a log of
// operations and what package merge makes of them, and is tied to files so that it
// follows them: by what their bytes are, by what they are on their volume, and by
// where they stand. It reads the catalogue and follows its feed, and writes no file
// of the user.
package organize

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// Change tells what sort of thing is otherwise than before.
type Change struct {
	What string `json:"what"` // tags, files (what is on them), collections, fields, rules or spaces
}

// Changed is the news that what users added is otherwise than before.
var Changed = event.Topic[Change]{Name: "organize.changed", Key: func(c Change) string { return c.What }}

// Options are what a Service is made of.
type Options struct {
	// Path is where user.db stands, or shall stand; its snapshots stand beside it.
	Path    string
	Device  ident.DeviceID
	Catalog *catalog.Catalog
	Bus     *event.Bus
	// Ground tells where a volume stands now, for what answers show.
	Ground func(catalog.Volume) catalog.Ground
	// Resolve tells where a path stands.
	Resolve func(ctx context.Context, path string, follow bool) (catalog.Place, error)
	// Match calls fn with all entries that a query fits.
	Match func(ctx context.Context, query string, fn func(ident.EntryID) bool) error
	// When reads a time of a query: from the first moment until before the other.
	When func(text string, now time.Time) (from, to int64, ok bool)
	// MatchAll is Match for entries that are private, too.
	MatchAll func(ctx context.Context, query string, fn func(ident.EntryID) bool) error
	// Asks tells which fields of what users added a query asks for, with their values.
	// Errors: errs.Invalid.
	Asks func(ctx context.Context, query string) ([][2]string, error)
	// Reads reports whether a query asks for what stands in files, and not for names alone;
	// nil: none does. Errors: errs.Invalid.
	Reads func(ctx context.Context, query string) (bool, error)
	// Unmade tells of which contents it is not known what such a query would find.
	Unmade func(ctx context.Context, contents []ident.ContentID) (map[ident.ContentID]bool, error)
	// Saved returns the saved searches, by name.
	Saved func(ctx context.Context) ([]Saved, error)
	// Similar returns the entries whose contents are about the same as that of one, the
	// nearest first; nil: nobody knows.
	Similar func(ctx context.Context, id ident.EntryID, limit int) ([]ident.EntryID, error)
	Log     *slog.Logger
	Now     func() time.Time
	Rest    time.Duration // how long the feed is left to itself before it is followed; default 500 ms
}

// Saved is a saved search.
type Saved struct{ ID, Name, Query string }

// Service is what users added to one library. Its methods are safe for concurrent
// use.
type Service struct {
	Options
	db       *store.DB
	pen      sync.Mutex // held by who writes, from what it plans on until the model shows it
	checking sync.Mutex // held by who verifies
	copying  sync.Mutex // held by who makes a snapshot
	book     *book
	model    *model
	jobs     Jobs // nil: there are none
	ruling   ruling
	restored string // the snapshot that took the place of a damaged database; "": none did

	trusted  bool          // the catalogue is the one that the places were noted of
	before   int64         // how far that reached when this process began
	verified chan struct{} // closed when all that is known was held against the catalogue once
	once     sync.Once
}

// Open opens user.db, or makes it. One that is damaged is put aside, and the newest
// snapshot that is whole takes its place: Restored tells of that. The caller must
// Close.
func Open(ctx context.Context, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rest == 0 {
		o.Rest = 500 * time.Millisecond
	}
	s := &Service{Options: o, model: newModel(), verified: make(chan struct{}), before: o.Catalog.Reached()}
	var err error
	if s.db, s.restored, err = openOrRestore(ctx, o.Path, o.Log); err != nil {
		return nil, err
	}
	if s.book, err = openBook(ctx, s.db, string(o.Device), o.Now); err == nil && s.restored != "" {
		// What was written since the snapshot was made may be known elsewhere.
		err = s.db.WriteDurable(ctx, func(tx *store.Tx) error { return s.book.become(tx, string(o.Device)) })
	}
	if err == nil {
		s.book.reached = o.Catalog.Reached
		err = s.model.load(ctx, s.book)
	}
	if err != nil {
		_ = s.db.Close() // err says more
		return nil, errs.In("organize.open", err)
	}
	return s, nil
}

// Close closes the database. Serve must have ended.
func (s *Service) Close() error { return s.db.Close() }

// Restored tells, as a problem with a remedy, that a snapshot took the place of a
// damaged database when it was opened; nil: it did not.
func (s *Service) Restored() error {
	if s.restored == "" {
		return nil
	}
	return errs.New(errs.Internal, "what you added to your files was damaged on the disk, and was taken from the snapshot %s", s.restored).
		Try("What you added since then is missing. The damaged file stands beside it as user.db.damaged.")
}

// change plans and writes changes of this device. What plan returns is done when
// change returns; title tells people what it was, and "" means that it cannot be
// undone by itself.
func (s *Service) change(ctx context.Context, title string, plan func(p *page) ([]merge.Change, error)) (id int64, err error) {
	s.pen.Lock()
	defer s.pen.Unlock()
	return s.changeLocked(ctx, title, plan)
}

func (s *Service) changeLocked(ctx context.Context, title string, plan func(p *page) ([]merge.Change, error)) (id int64, err error) {
	return s.changeThen(ctx, title, plan, func() {})
}

// changeThen calls then when what was planned is on the disk, before it is shown.
func (s *Service) changeThen(ctx context.Context, title string, plan func(p *page) ([]merge.Change, error), then func()) (id int64, err error) {
	touched, err := s.book.write(ctx, func(p *page) error {
		changes, err := plan(p)
		if err != nil || len(changes) == 0 {
			return err
		}
		changes = lastOfEach(changes)
		var inverse []merge.Change
		if title != "" {
			if inverse, err = p.inverse(changes); err != nil {
				return err
			}
		}
		if err := p.change(changes); err != nil || title == "" {
			return err
		}
		id, err = p.remember(title, changes, inverse)
		return err
	})
	if err != nil {
		return 0, err
	}
	then()
	s.show(touched)
	return id, nil
}

// lastOfEach leaves the last change of each key.
func lastOfEach(changes []merge.Change) []merge.Change {
	last := make(map[merge.Key]int, len(changes))
	for i := range changes {
		last[changes[i].Key] = i
	}
	if len(last) == len(changes) {
		return changes
	}
	out := changes[:0:0]
	for i := range changes {
		if last[changes[i].Key] == i {
			out = append(out, changes[i])
		}
	}
	return out
}

func (s *Service) show(touched map[merge.Key][]merge.Fact) {
	if len(touched) == 0 {
		return
	}
	s.model.take(touched)
	for _, what := range sortsOf(touched) {
		event.Publish(s.Bus, Changed, Change{what})
	}
}

// sortsOf tells of what sorts things are that changed.
func sortsOf(touched map[merge.Key][]merge.Fact) []string {
	names := map[string]string{
		contentTarget: "files", entryTarget: "files", tagTarget: "tags", collectionTarget: "collections", fieldTarget: "fields", ruleTarget: "rules",
		spaceTarget: "spaces", groupTarget: "spaces", itemTarget: "spaces",
	}
	once := map[string]bool{}
	for k := range touched {
		prefix, _, _ := strings.Cut(k.Target, ":")
		if what := names[prefix+":"]; what != "" {
			once[what] = true
		}
		if k.Field == tagField && isFile(k.Target) {
			once["tags"] = true // how many files have them
		}
	}
	return slices.Sorted(maps.Keys(once))
}

// Receive takes in operations that others wrote, in any order and however often. It
// is how devices will hear of one another.
func (s *Service) Receive(ctx context.Context, ops []*merge.Op) error {
	s.pen.Lock()
	defer s.pen.Unlock()
	var future bool
	touched, err := s.book.write(ctx, func(p *page) (err error) {
		future, err = p.receive(ops)
		return err
	})
	if err != nil {
		return err
	}
	if future {
		s.Log.Warn("Somebody wrote with a clock that is ahead of this machine's; look which of the two is wrong")
	}
	s.show(touched)
	return nil
}

// Since returns the operations of the log that somebody does not know who knows
// these.
func (s *Service) Since(ctx context.Context, known merge.Vector) (ops []*merge.Op, err error) {
	s.pen.Lock()
	defer s.pen.Unlock()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		p := &page{book: s.book, tx: tx}
		all, err := p.read("WHERE state = 0")
		for _, o := range all {
			if !known.Has(o.Dot) {
				ops = append(ops, o)
			}
		}
		return err
	})
	return ops, err
}

// Compact takes operations out of the log of which nothing stands any more, as far as
// all have them who are to hear of them; it returns how many. Nobody else can tell
// when that is so, so nothing is taken out unasked: who knows no operation of this
// library yet needs the whole log.
func (s *Service) Compact(ctx context.Context, acknowledged merge.Vector) (gone int64, err error) {
	s.pen.Lock()
	defer s.pen.Unlock()
	_, err = s.book.write(ctx, func(p *page) error {
		gone, err = p.compact(acknowledged)
		return err
	})
	return gone, err
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	var all []op.Def
	for _, table := range [][]op.Def{s.tagOps(), s.applyOps(), s.markOps(), s.markListOps(), s.aboutOps(), s.marksOps(), s.collectionOps(), s.fieldOps(), s.ruleOps(), s.spaceOps(), s.deedOps(), s.portOps(), s.csvOps()} {
		all = append(all, table...)
	}
	return all
}
