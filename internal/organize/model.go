package organize

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/collate"
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
)

// model is what stands, in memory: what questions are answered from.
type model struct {
	mu        sync.RWMutex
	caching   sync.Mutex         // of rows, beside mu
	objects   map[string]*object // tags and the like, by target
	files     map[string]*file   // what something was added to, by target
	byTag     map[string]map[*file]struct{}
	marked    map[string]map[*file]struct{} // by field, of those that are no set: favourite, rating, note
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
		if k.Field == itemField && isFile(k.Member) {
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

// tree is how tags stand to one another.
type tree struct {
	byName   map[string][]string            // folded names and aliases, with and without name space, to tags
	names    []string                       // their keys, sorted
	parents  map[string][]string            // as they count: without circles
	children map[string][]string            // in the order of their names
	roots    []string                       // likewise
	same     map[string][]string            // synonyms, both ways
	idle     map[string]map[string]struct{} // parents that have no effect, since they would close a circle
}

// shapes reports whether the tree is another when a field of a tag is.
func shapes(field string) bool {
	switch field {
	case colourField, iconField, aboutField, typeField, relatedField:
		return false
	}
	return true
}

// tags returns the tree, which must not be changed. The caller holds mu for writing,
// or the tree was made before.
func (m *model) tags() *tree {
	if m.tree != nil {
		return m.tree
	}
	type named struct {
		*object
		folded string
	}
	var edges []merge.Edge
	var all []named
	same := map[string][]string{}
	for id, o := range m.objects {
		if !strings.HasPrefix(id, tagTarget) || !o.there() {
			continue
		}
		all = append(all, named{o, collate.Fold(o.one[nameField])})
		for parent, f := range o.sets[parentField] {
			if m.objects[parent].there() {
				edges = append(edges, merge.Edge{Child: id, Parent: parent, Fact: f})
			}
		}
		for other := range o.sets[synonymField] {
			if m.objects[other].there() {
				same[id] = append(same[id], other)
				same[other] = append(same[other], id)
			}
		}
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Or(strings.Compare(a.folded, b.folded), strings.Compare(a.id, b.id)) })
	t := &tree{
		byName: make(map[string][]string, len(all)), parents: make(map[string][]string, len(all)), children: make(map[string][]string, len(all)),
		same: same, idle: map[string]map[string]struct{}{},
	}
	for _, e := range merge.Acyclic(edges) {
		t.parents[e.Child] = append(t.parents[e.Child], e.Parent)
	}
	for _, o := range all {
		t.names = append(t.names, o.folded)
		for _, n := range slices.Sorted(maps.Keys(o.sets[aliasField])) {
			t.names = append(t.names, collate.Fold(n))
		}
		space := collate.Fold(o.one[spaceField])
		for _, n := range t.names[len(t.names)-1-len(o.sets[aliasField]):] {
			t.add(n, o.id)
			if space != "" {
				t.add(space+"/"+n, o.id)
				t.names = append(t.names, space+"/"+n)
			}
		}
		m.place(t, o.object)
	}
	slices.Sort(t.names)
	t.names = slices.Compact(t.names)
	m.tree = t
	return t
}

// place puts a tag below its parents, those that count, and above its children.
func (m *model) place(t *tree, o *object) {
	effective := t.parents[o.id]
	for _, p := range effective {
		t.children[p] = append(t.children[p], o.id)
	}
	if len(effective) == 0 {
		t.roots = append(t.roots, o.id)
	}
	for p := range o.sets[parentField] {
		if m.objects[p].there() && !slices.Contains(effective, p) {
			if t.idle[o.id] == nil {
				t.idle[o.id] = map[string]struct{}{}
			}
			t.idle[o.id][p] = struct{}{}
		}
	}
}

func (t *tree) add(name, id string) {
	if !slices.Contains(t.byName[name], id) {
		t.byName[name] = append(t.byName[name], id)
	}
}

// below returns tags with all that is below them, and what means the same.
func (t *tree) below(tags []string) []string {
	seen := map[string]bool{}
	var out []string
	open := slices.Clone(tags)
	for len(open) > 0 {
		id := open[len(open)-1]
		if open = open[:len(open)-1]; seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, id)
		open = append(append(open, t.children[id]...), t.same[id]...)
	}
	return out
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

// application is how a tag came to a file, where the user did not apply it himself:
// the value of the fact.
type application struct {
	Source     string  `json:"source,omitempty"`
	By         string  `json:"by,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
}

func (a application) String() string {
	if a == (application{}) {
		return ""
	}
	b, err := json.Marshal(a)
	if err != nil {
		return "" // strings and a number
	}
	return string(b)
}

func readApplication(value string) (a application) {
	if value != "" {
		_ = json.Unmarshal([]byte(value), &a) // what cannot be read says nothing
	}
	if a.Source == "" {
		a.Source = "user"
	}
	return a
}
