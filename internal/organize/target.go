package organize

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Selection names files and folders: by path, by id, or by a query that finds them.
type Selection struct {
	Paths []string `json:"paths,omitempty" cli:"rest" jsonschema:"files and folders"`
	IDs   []string `json:"ids,omitempty" jsonschema:"the same, by entry id"`
	Query string   `json:"query,omitempty" jsonschema:"all that this search finds; see docs/search.md"`
}

// One names one file or folder.
type One struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"the file or folder"`
	ID   string `json:"id,omitempty" jsonschema:"the same, by entry id"`
}

func (o One) selection() Selection {
	s := Selection{}
	if o.Path != "" {
		s.Paths = []string{o.Path}
	}
	if o.ID != "" {
		s.IDs = []string{o.ID}
	}
	return s
}

// maxSelection is how many files one command changes at most.
const maxSelection = 1_000_000

// thing is an entry that was selected, with what finds it again.
type thing struct {
	catalog.Entry
	volume string // identity
	path   string
	hash   catalog.Hash // where the content is known
}

// contentTargetOf is the target of a content.
func contentTargetOf(h catalog.Hash) string { return contentTarget + hex.EncodeToString(h[:]) }

// hashOf reads the hash of a content's target.
func hashOf(target string) (h catalog.Hash, ok bool) {
	text, ok := strings.CutPrefix(target, contentTarget)
	if !ok {
		return h, false
	}
	n, err := hex.Decode(h[:], []byte(text))
	return h, err == nil && n == len(h) && len(text) == 2*len(h)
}

func newID() string { return strings.ToLower(rand.Text()[:13]) }

// bears reports whether a content can stand for the entry: one without a byte is
// that of too many files.
func (t *thing) bears() bool { return t.Kind == vfs.File && t.Size > 0 }

// choose finds what a selection names. Errors: errs.Invalid, errs.NotFound.
func (s *Service) choose(ctx context.Context, in Selection) ([]thing, error) {
	ways := 0
	for _, given := range []bool{len(in.Paths) > 0, len(in.IDs) > 0, in.Query != ""} {
		if given {
			ways++
		}
	}
	if ways == 0 {
		return nil, errs.New(errs.Invalid, "say which files: by path, by id or by a query")
	}
	var ids []ident.EntryID
	for _, text := range in.IDs {
		var id ident.EntryID
		if err := id.UnmarshalText([]byte(text)); err != nil {
			return nil, errs.New(errs.Invalid, "%w", err)
		}
		ids = append(ids, id)
	}
	if in.Query != "" {
		over := false
		err := s.Match(ctx, in.Query, func(id ident.EntryID) bool {
			over = len(ids) >= maxSelection
			ids = append(ids, id)
			return !over
		})
		if err != nil {
			return nil, err
		}
		if over {
			return nil, errs.New(errs.Invalid, "the query finds more than %d files", maxSelection).Try("Narrow it down.")
		}
	}
	places := make([]catalog.Place, len(in.Paths))
	for i, p := range in.Paths {
		var err error
		if places[i], err = s.Resolve(ctx, p, false); err != nil {
			return nil, err
		}
	}
	var out []thing
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		for i, at := range places {
			v, err := r.VolumeByIdentity(at.Identity)
			var e catalog.Entry
			if err == nil {
				e, err = r.Lookup(v.Root, at.Path)
			}
			if errs.Is(err, errs.NotFound) {
				return errs.New(errs.NotFound, "the library does not know it").At(in.Paths[i]).Try("Index its folder with: stardrive location add")
			}
			if err != nil {
				return err
			}
			ids = append(ids, e.ID)
		}
		var err error
		out, err = things(r, ids)
		if err == nil && len(in.IDs) > 0 && len(out) < len(ids) && in.Query == "" {
			err = missingOf(ids, out)
		}
		return err
	})
	return out, err
}

func missingOf(ids []ident.EntryID, out []thing) error {
	there := map[ident.EntryID]bool{}
	for i := range out {
		there[out[i].ID] = true
	}
	for _, id := range ids {
		if !there[id] {
			text, _ := id.MarshalText()
			return errs.New(errs.NotFound, "no such entry in the library").At("entry " + string(text))
		}
	}
	return nil
}

// things reads entries with what finds them again, each once.
func things(r *catalog.Reader, ids []ident.EntryID) ([]thing, error) {
	once := make(map[ident.EntryID]bool, len(ids))
	distinct := make([]ident.EntryID, 0, len(ids))
	for _, id := range ids {
		if !once[id] {
			once[id] = true
			distinct = append(distinct, id)
		}
	}
	es, err := r.EntriesByID(distinct)
	if err != nil {
		return nil, err
	}
	vols, err := r.Volumes()
	if err != nil {
		return nil, err
	}
	identity := map[ident.VolumeID]string{}
	for _, v := range vols {
		identity[v.ID] = v.Identity
	}
	hashes, err := hashesOf(r, es)
	if err != nil {
		return nil, err
	}
	out := make([]thing, len(es))
	for i := range es {
		t := thing{Entry: es[i], volume: identity[es[i].Volume], hash: hashes[es[i].Content]}
		if t.path, err = r.Path(&es[i]); err != nil {
			return nil, err
		}
		if t.Parent == 0 {
			t.Name = ""
		}
		out[i] = t
	}
	return out, nil
}

// hashesOf returns the hashes of the contents of entries.
func hashesOf(r *catalog.Reader, es []catalog.Entry) (map[ident.ContentID]catalog.Hash, error) {
	var ids []int64
	for i := range es {
		if es[i].Content != 0 {
			ids = append(ids, int64(es[i].Content))
		}
	}
	out := make(map[ident.ContentID]catalog.Hash, len(ids))
	err := inChunks(ids, func(list string) error {
		return each(r.Store(), "SELECT id, hash FROM content WHERE id IN (SELECT value FROM json_each(?))", []any{list}, func(rows *sql.Rows) error {
			var id int64
			var hash sql.RawBytes
			err := rows.Scan(&id, &hash)
			var h catalog.Hash
			copy(h[:], hash)
			out[ident.ContentID(id)] = h
			return err
		})
	})
	return out, err
}

// targetsOf tells of each thing as which target it is changed, and which changes
// note where it stands. here: of this place alone, and not of all copies.
func (p *page) targetsOf(m *model, all []thing, here bool) ([]string, error) {
	out := make([]string, len(all))
	insert := p.tx.InsertMany(`INSERT INTO place (target, entry, volume, inode, born_ns, path, kind, size, mtime_ns, turns) VALUES`, 10, 50,
		`ON CONFLICT (target, entry) DO UPDATE SET turns = min(turns, excluded.turns)`)
	noted := map[string]bool{}
	for i := range all {
		t := &all[i]
		turns := !here && t.bears()
		switch known := m.entryTarget(t.ID); {
		case turns && t.Content != 0:
			out[i] = contentTargetOf(t.hash)
		case known != "":
			out[i] = known
		default:
			out[i] = entryTarget + newID()
		}
		if noted[out[i]] { // another copy of the same content
			continue
		}
		noted[out[i]] = true
		if m.placedAt(out[i], t.ID, turns && t.Content == 0) {
			continue
		}
		no, err := p.target(out[i])
		if err != nil {
			return nil, err
		}
		if err := t.note(insert, no, turns); err != nil {
			return nil, err
		}
		p.placed = append(p.placed, placed{target: out[i], link: link{entry: t.ID, turns: turns && t.Content == 0, folder: t.Kind == vfs.Folder}, content: t.Content})
	}
	return out, insert.Flush()
}

// placedAt reports whether a target is known to stand at an entry already, and what is
// added to that is no less meant for the place alone.
func (m *model) placedAt(target string, id ident.EntryID, turns bool) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	f := m.files[target]
	return f != nil && slices.ContainsFunc(m.byEntry[id], func(o *file) bool { return o == f }) &&
		slices.ContainsFunc(f.links, func(l link) bool { return l.entry == id && (turns || !l.turns) })
}

// placed is where a target stands, for the model.
type placed struct {
	target  string
	link    link
	content ident.ContentID // of the entry
}

type adder interface{ Add(values ...any) error }

func (t *thing) note(insert adder, target int64, turns bool) error {
	return insert.Add(target, int64(t.ID), t.volume, int64(t.Inode), t.Created, []byte(t.path), int64(t.Kind), t.Size, t.Modified, flag(turns && t.Content == 0)) //nolint:gosec // bits of a number
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// entryTarget returns the target of an entry alone, or "".
func (m *model) entryTarget(id ident.EntryID) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, f := range m.byEntry[id] {
		if strings.HasPrefix(f.target, entryTarget) {
			return f.target
		}
	}
	return ""
}

// targetsNow are the targets under which something may be known of a thing, without
// making any.
func (m *model) targetsNow(t *thing) (out []string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, f := range m.of(t.ID, t.Content) {
		out = append(out, f.target)
	}
	return out
}

// inChunks calls fn with lists of the numbers, as JSON.
func inChunks(ids []int64, fn func(list string) error) error {
	const chunk = 5000
	for len(ids) > 0 {
		n := min(chunk, len(ids))
		b := []byte{'['}
		for i, id := range ids[:n] {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendInt(b, id)
		}
		if err := fn(string(append(b, ']'))); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// inverse is what takes changes back that are about to be made.
func (p *page) inverse(changes []merge.Change) ([]merge.Change, error) {
	if err := p.load(changes); err != nil {
		return nil, err
	}
	out := make([]merge.Change, len(changes))
	for i, c := range changes {
		was, err := p.standing(c.Key)
		if err != nil {
			return nil, err
		}
		f, ok := merge.Winner(was)
		if ok && c.Field == noteField {
			f.Value = notesOf(was)
		}
		out[i] = merge.Change{Key: c.Key, Value: f.Value, Drop: !ok}
	}
	return out, nil
}
