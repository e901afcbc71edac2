package organize

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// How targets begin, by what they are.
const (
	contentTarget = "c:"
	entryTarget   = "e:"
	tagTarget     = "t:"
)

// Fields of targets. They are stored, and so never change.
const (
	isField        = "is" // there while the tag, collection ... is there
	nameField      = "name"
	spaceField     = "namespace"
	colourField    = "colour"
	iconField      = "icon"
	aboutField     = "about"
	typeField      = "type"
	aliasField     = "alias"     // a set of names
	parentField    = "parent"    // a set of tags
	synonymField   = "synonym"   // likewise
	relatedField   = "related"   // likewise
	tagField       = "tag"       // of a file: a set of tags
	favouriteField = "favourite" // of a file
	ratingField    = "rating"    // likewise
	noteField      = "note"      // likewise
	valueField     = "field"     // likewise: a set of custom fields, with their values
	refusedField   = "not"       // likewise: a set of tags and collections that no rule may give it
)

// model is what stands, in memory: what questions are answered from.
type model struct {
	mu        sync.RWMutex
	caching   sync.Mutex         // of rows, beside mu
	objects   map[string]*object // tags and the like, by target
	files     map[string]*file   // what something was added to, by target
	byTag     map[string]map[*file]struct{}
	marked    map[string]map[*file]struct{} // by field, of those that are no set: favourite, rating, note
	values    map[string]map[*file]string   // of custom fields
	given     map[string]map[*file]struct{} // by rule, what has its tag from it
	refused   map[string]map[*file]struct{} // by tag or collection, what no rule may put there
	byContent map[ident.ContentID]*file
	byEntry   map[ident.EntryID][]*file
	lost      int              // places that stand nowhere in the catalogue now
	tree      *tree            // of tags; nil: to be made anew
	version   uint64           // goes up with every change
	rows      map[string]*rows // by tag, what it finds in the catalogue, of tags that were asked for
}

// object is a tag or the like: its facts as they are shown.
type object struct {
	id   string
	one  map[string]string
	sets map[string]map[string]merge.Fact
}

func (o *object) there() bool { return o != nil && o.one[isField] != "" }

// file is what something was added to: a content, or an entry.
type file struct {
	target  string
	tags    []string // their targets, in order
	content ident.ContentID
	links   []link
	stars   int8
	by      map[string]application // by tag, how it came there where it was not by the user
}

// link is an entry by which a file is known.
type link struct {
	entry  ident.EntryID
	turns  bool // what was added to the entry is meant for its content
	open   bool // the entry's content is not known: the entry counts itself
	folder bool
}

func newModel() *model {
	return &model{
		objects: map[string]*object{}, files: map[string]*file{}, byTag: map[string]map[*file]struct{}{}, marked: map[string]map[*file]struct{}{},
		values: map[string]map[*file]string{}, given: map[string]map[*file]struct{}{}, refused: map[string]map[*file]struct{}{},
		byContent: map[ident.ContentID]*file{}, byEntry: map[ident.EntryID][]*file{},
	}
}

func isFile(target string) bool {
	return strings.HasPrefix(target, contentTarget) || strings.HasPrefix(target, entryTarget)
}

// load reads all that stands.
func (m *model) load(ctx context.Context, b *book) error {
	ids := make(map[int64]string, len(b.targets))
	for id, no := range b.targets {
		ids[no] = id
	}
	return b.db.Read(ctx, func(tx *store.Tx) error {
		var k merge.Key
		var facts []merge.Fact
		flush := func() {
			if len(facts) > 0 {
				sortFacts(facts)
				m.set(k, facts)
				facts = facts[:0]
			}
		}
		err := each(tx, "SELECT target, field, member, actor, n, stamp, value FROM fact ORDER BY target, field, member", nil, func(rows *sql.Rows) error {
			var target int64
			var next merge.Key
			f, err := b.scanFact(rows, &target, &next.Field, &next.Member)
			if next.Target = ids[target]; next != k {
				flush()
				k = next
			}
			facts = append(facts, f)
			return err
		})
		flush()
		if err != nil {
			return err
		}
		return each(tx, "SELECT target, entry, turns FROM place", nil, func(rows *sql.Rows) error {
			var target, entry int64
			var turns bool
			err := rows.Scan(&target, &entry, &turns)
			if id := ids[target]; isFile(id) { // known by its entry when that is verified
				f := m.file(id)
				f.links = append(f.links, link{entry: ident.EntryID(entry), turns: turns})
			}
			return err
		})
	})
}

// take has the model show what stands now under keys that changed.
func (m *model) take(touched map[merge.Key][]merge.Fact) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version++
	for k, facts := range touched {
		m.set(k, facts)
	}
}

func (m *model) set(k merge.Key, facts []merge.Fact) {
	f, ok := merge.Winner(facts)
	if isFile(k.Target) {
		m.setFile(k, f, ok)
		return
	}
	o := m.objects[k.Target]
	if o == nil {
		if !ok {
			return
		}
		o = &object{id: k.Target, one: map[string]string{}, sets: map[string]map[string]merge.Fact{}}
		m.objects[k.Target] = o
	}
	if strings.HasPrefix(k.Target, tagTarget) && shapes(k.Field) {
		m.tree = nil
	}
	switch {
	case k.Member == "" && ok:
		o.one[k.Field] = f.Value
	case k.Member == "":
		delete(o.one, k.Field)
	case ok:
		if o.sets[k.Field] == nil {
			o.sets[k.Field] = map[string]merge.Fact{}
		}
		o.sets[k.Field][k.Member] = f
		if (k.Field == itemField || k.Field == refField) && isFile(k.Member) {
			m.file(k.Member)
		}
	default:
		delete(o.sets[k.Field], k.Member)
	}
}

func (m *model) setFile(k merge.Key, fact merge.Fact, ok bool) {
	f := m.file(k.Target)
	switch k.Field {
	case tagField:
		m.setGiver(f, k.Member, fact.Value, ok)
		at, has := slices.BinarySearch(f.tags, k.Member)
		if ok == has {
			return
		}
		m.forgetBy(k.Member, f, !ok)
		if ok {
			f.tags = slices.Insert(f.tags, at, k.Member)
			mark(m.byTag, k.Member, f)
			return
		}
		f.tags = slices.Delete(f.tags, at, at+1)
		delete(m.byTag[k.Member], f)
	case refusedField:
		if ok {
			mark(m.refused, k.Member, f)
		} else {
			delete(m.refused[k.Member], f)
		}
	case valueField:
		if ok && m.values[k.Member] == nil {
			m.values[k.Member] = map[*file]string{}
		}
		if ok {
			m.values[k.Member][f] = fact.Value
		} else {
			delete(m.values[k.Member], f)
		}
	case favouriteField, ratingField, noteField:
		if k.Field == ratingField {
			f.stars = 0
			if ok && len(fact.Value) == 1 {
				f.stars = int8(fact.Value[0] - '0')
			}
		}
		if ok {
			mark(m.marked, k.Field, f)
		} else {
			delete(m.marked[k.Field], f)
		}
	}
}

// setGiver notes how a tag came to a file.
func (m *model) setGiver(f *file, tag, value string, ok bool) {
	if was := f.by[tag]; was.Source == ruleSource {
		delete(m.given[was.By], f)
	}
	delete(f.by, tag)
	if !ok || value == "" {
		return
	}
	if f.by == nil {
		f.by = map[string]application{}
	}
	a := readApplication(value)
	if f.by[tag] = a; a.Source == ruleSource {
		mark(m.given, a.By, f)
	}
}

func mark(sets map[string]map[*file]struct{}, key string, f *file) {
	if sets[key] == nil {
		sets[key] = map[*file]struct{}{}
	}
	sets[key][f] = struct{}{}
}

// file returns the file of a target, which it makes if there is none.
func (m *model) file(target string) *file {
	f := m.files[target]
	if f == nil {
		f = &file{target: target}
		m.files[target] = f
	}
	return f
}

// setLink notes that an entry is known as (a copy of) f, or otherwise than before.
func (m *model) setLink(f *file, l link) {
	m.forget(f)
	i := slices.IndexFunc(f.links, func(o link) bool { return o.entry == l.entry })
	if i >= 0 {
		f.links[i] = l
	} else {
		f.links = append(f.links, l)
	}
	if !slices.Contains(m.byEntry[l.entry], f) {
		m.byEntry[l.entry] = append(m.byEntry[l.entry], f)
	}
}

func (m *model) dropLink(f *file, entry ident.EntryID) {
	m.forget(f)
	f.links = slices.DeleteFunc(f.links, func(o link) bool { return o.entry == entry })
	left := slices.DeleteFunc(m.byEntry[entry], func(o *file) bool { return o == f })
	if m.byEntry[entry] = left; len(left) == 0 {
		delete(m.byEntry, entry)
	}
}

// setContent notes which row of the catalogue a content is now; 0: none.
func (m *model) setContent(f *file, id ident.ContentID) {
	m.forget(f)
	if f.content != 0 && m.byContent[f.content] == f {
		delete(m.byContent, f.content)
	}
	if f.content = id; id != 0 {
		m.byContent[id] = f
	}
}

// of returns the files that an entry with a content is.
func (m *model) of(entry ident.EntryID, content ident.ContentID) (out []*file) {
	for _, f := range m.byEntry[entry] {
		if strings.HasPrefix(f.target, entryTarget) || content == 0 {
			out = append(out, f)
		}
	}
	if f := m.byContent[content]; f != nil && content != 0 && !slices.Contains(out, f) {
		out = append(out, f)
	}
	return out
}

// found calls content and entry with all by which f is found in the catalogue.
func (f *file) found(content, entry func(int64)) {
	if f.content != 0 {
		content(int64(f.content))
	}
	for _, l := range f.links {
		if l.open || strings.HasPrefix(f.target, entryTarget) {
			entry(int64(l.entry))
		}
	}
}

// look calls fn with the model, which must not be changed, and its tree.
func (m *model) look(fn func(t *tree)) {
	m.mu.RLock()
	if t := m.tree; t != nil {
		defer m.mu.RUnlock()
		fn(t)
		return
	}
	m.mu.RUnlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m.tags())
}
