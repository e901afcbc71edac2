package organize

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// The lines of an export; docs/formats.md explains them.
type (
	headLine struct {
		Stardrive string `json:"stardrive"`
		Version   int    `json:"version"`
	}
	factLine struct {
		Target string `json:"target"`
		Field  string `json:"field"`
		Member string `json:"member,omitempty"`
		Value  string `json:"value,omitempty"`
	}
	placeLine struct {
		Place    string `json:"place"` // the target that stands there
		Volume   string `json:"volume"`
		Path     string `json:"path,omitempty"`
		Raw      string `json:"raw,omitempty"` // base64, in place of a path that is no UTF-8
		Kind     uint8  `json:"kind"`
		Size     int64  `json:"size"`
		Modified int64  `json:"modified_ns"`
		Inode    uint64 `json:"inode,omitempty"`
		Born     int64  `json:"born_ns,omitempty"`
		Turns    bool   `json:"turns,omitempty"`
	}
)

const (
	exportName    = "what users added"
	exportVersion = 1
	maxLine       = 1 << 20
	maxLines      = 20_000_000
	// nowhere is the first number of entries that stand nowhere, for places that were
	// imported: below those of places whose entries went.
	nowhere = -1 << 48
)

// PortIn names the file of an export.
type PortIn struct {
	File string `json:"file" cli:"1" jsonschema:"the file on this machine"`
}

// Ported tells what an export holds.
type Ported struct {
	Facts   int `json:"facts" jsonschema:"single things: a name, a tag on a file, a note"`
	Places  int `json:"places" jsonschema:"places where files stand that something was added to"`
	Changed int `json:"changed" jsonschema:"of an import: how many were otherwise before"`
}

func (s *Service) portOps() []op.Def {
	return []op.Def{
		op.NewCommand("organize.export", "Write all that users added into a file, as lines of JSON", s.exportTo, op.Example("stardrive organize export ~/added.jsonl")),
		op.NewCommand("organize.import", "Take over what an export holds; what it does not hold stays", s.importFrom, op.Example("stardrive organize import ~/added.jsonl")),
	}
}

func (s *Service) exportTo(ctx context.Context, in PortIn) (out Ported, err error) {
	err = newFile(in.File, func(to io.Writer) error {
		out, err = s.export(ctx, to)
		return err
	})
	return out, err
}

// newFile writes a file that was not there: all of it, or none. Errors: errs.Invalid,
// errs.Conflict.
func newFile(path string, write func(to io.Writer) error) error {
	if !filepath.IsAbs(path) {
		return errs.New(errs.Invalid, "the path of the file must be absolute").At(path)
	}
	err := durable.Stream(path, filepath.Join(filepath.Dir(path), vfs.PrivateName()), false, write)
	if errors.Is(err, fs.ErrExist) {
		err = errs.New(errs.Conflict, "there is a file already").At(path).Try("Choose another name.")
	}
	if e := (*errs.Error)(nil); err != nil && !errors.As(err, &e) {
		err = errs.New(errs.KindOf(err), "%w", err).At(path)
	}
	return err
}

// export writes all that stands, in an order that is the same for the same.
func (s *Service) export(ctx context.Context, to io.Writer) (out Ported, err error) {
	w := bufio.NewWriterSize(to, 1<<16)
	line := func(v any) error {
		b, err := json.Marshal(v)
		if err == nil {
			_, err = w.Write(append(b, '\n'))
		}
		return err
	}
	if err := line(headLine{exportName, exportVersion}); err != nil {
		return out, err
	}
	s.pen.Lock() // the names of actors are its holder's
	defer s.pen.Unlock()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		var k merge.Key
		var facts []merge.Fact
		flush := func() error {
			if len(facts) == 0 {
				return nil
			}
			sortFacts(facts)
			f, _ := merge.Winner(facts)
			if k.Field == noteField {
				f.Value = notesOf(facts)
			}
			facts = facts[:0]
			out.Facts++
			return line(factLine{k.Target, k.Field, k.Member, f.Value})
		}
		err := each(tx, `SELECT target.id, field, member, actor, n, stamp, value FROM fact JOIN target ON target.no = fact.target
			ORDER BY target.id, field, member`, nil, func(rows *sql.Rows) error {
			var next merge.Key
			f, err := s.book.scanFact(rows, &next.Target, &next.Field, &next.Member)
			if err == nil && next != k {
				err = flush()
				k = next
			}
			facts = append(facts, f)
			return err
		})
		if err == nil {
			err = flush()
		}
		if err != nil {
			return err
		}
		return each(tx, `SELECT target.id, volume, path, kind, size, mtime_ns, inode, born_ns, turns FROM place JOIN target ON target.no = place.target
			WHERE EXISTS (SELECT 1 FROM fact WHERE fact.target = place.target) OR EXISTS (SELECT 1 FROM fact WHERE field IN ('item', 'ref') AND member = target.id)
			ORDER BY target.id, volume, path, inode`, nil, func(rows *sql.Rows) error {
			var p placeLine
			var path sql.RawBytes
			var inode int64
			if err := rows.Scan(&p.Place, &p.Volume, &path, &p.Kind, &p.Size, &p.Modified, &inode, &p.Born, &p.Turns); err != nil {
				return err
			}
			if p.Inode = uint64(inode); utf8.Valid(path) { //nolint:gosec // bits of a number
				p.Path = string(path)
			} else {
				p.Raw = base64.StdEncoding.EncodeToString(path)
			}
			out.Places++
			return line(p)
		})
	})
	if err == nil {
		err = w.Flush()
	}
	return out, err
}

func (s *Service) importFrom(ctx context.Context, in PortIn) (out Ported, err error) {
	if info, err := os.Stat(in.File); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait
		return out, errs.New(errs.Invalid, "this is no file").At(in.File)
	}
	f, err := os.Open(in.File)
	if err != nil {
		return out, errs.New(errs.KindOf(err), "%w", err).At(in.File)
	}
	defer func() { _ = f.Close() }() // it was only read
	out, err = s.take(ctx, f)
	if e := (*errs.Error)(nil); errors.As(err, &e) && e.Path == "" {
		err = e.At(in.File)
	}
	return out, err
}

var targetRE = regexp.MustCompile(`^(c:[0-9a-f]{64}|[abd-z]:[0-9a-z]{1,40})$`)

// parcel is what an export holds.
type parcel struct {
	facts  []merge.Change
	places []placeLine
}

// unpack reads an export. Errors: errs.Invalid, with the line.
func unpack(from io.Reader) (p parcel, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for lines.Scan() {
		if n++; n > maxLines {
			return p, errs.New(errs.Invalid, "the file has more than %d lines", maxLines)
		}
		b := lines.Bytes()
		switch {
		case n == 1:
			var h headLine
			if err := json.Unmarshal(b, &h); err != nil || h.Stardrive != exportName {
				return p, errs.New(errs.Invalid, "this is no export of what users added").Try("Make one with: stardrive organize export FILE")
			}
			if h.Version > exportVersion {
				return p, errs.New(errs.Conflict, "it was made by a newer version").Try("Upgrade Stardrive.")
			}
			continue
		case bytes.HasPrefix(b, []byte(`{"place":`)):
			var l placeLine
			if err = json.Unmarshal(b, &l, json.RejectUnknownMembers(true)); err == nil {
				err = l.check()
			}
			p.places = append(p.places, l)
		default:
			var l factLine
			if err = json.Unmarshal(b, &l, json.RejectUnknownMembers(true)); err == nil {
				err = l.check()
			}
			p.facts = append(p.facts, merge.Change{Key: merge.Key{Target: l.Target, Field: l.Field, Member: l.Member}, Value: l.Value})
		}
		if err != nil {
			return p, errs.New(errs.Invalid, "line %d cannot be read: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return p, errs.New(errs.Invalid, "line %d cannot be read: %w", n+1, err)
	}
	if n == 0 {
		return p, errs.New(errs.Invalid, "the file is empty")
	}
	return p, p.crowded()
}

// crowded refuses an export with more of something than a library holds.
func (p *parcel) crowded() error {
	tags, aliases := 0, map[string]int{}
	for i := range p.facts {
		switch c := &p.facts[i]; {
		case c.Field == aliasField:
			if aliases[c.Target]++; aliases[c.Target] > maxAliases {
				return errs.New(errs.Invalid, "%s has more than %d aliases", c.Target, maxAliases)
			}
		case c.Field == isField && strings.HasPrefix(c.Target, tagTarget):
			if tags++; tags > maxTags {
				return errs.New(errs.Invalid, "the file has more than %d tags", maxTags)
			}
		}
	}
	return nil
}

func (l *placeLine) check() error {
	raw, err := base64.StdEncoding.DecodeString(l.Raw)
	switch {
	case err != nil:
		return err
	case !targetRE.MatchString(l.Place) || !isFile(l.Place):
		return errs.New(errs.Invalid, "%q is no file", l.Place)
	case l.Volume == "" || len(l.Volume) > maxAbout || len(l.Path)+len(raw) > 1<<16 || l.Path != "" && l.Raw != "":
		return errs.New(errs.Invalid, "the place is none")
	}
	return nil
}

func (l *placeLine) path() []byte {
	if l.Raw == "" {
		return []byte(l.Path)
	}
	raw, _ := base64.StdEncoding.DecodeString(l.Raw) // it was checked
	return raw
}

var fieldRE = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// check makes sure that a line says what an operation could have.
func (l *factLine) check() (err error) {
	switch {
	case !targetRE.MatchString(l.Target):
		err = errs.New(errs.Invalid, "%q is nothing that something can be added to", l.Target)
	case !fieldRE.MatchString(l.Field) || len(l.Member) > maxName || len(l.Value) > maxNote:
		err = errs.New(errs.Invalid, "the field %q is none, or holds too much", l.Field)
	case isFile(l.Target) && l.Field == ratingField && (len(l.Value) != 1 || !strings.Contains("12345", l.Value)):
		err = errs.New(errs.Invalid, "%q is no rating", l.Value)
	case isFile(l.Target):
	case l.Field == nameField || l.Field == spaceField:
		_, err = checkName("a name", l.Value, maxName)
	case l.Field == aliasField:
		_, err = checkName("an alias", l.Member, maxName)
	}
	return err
}

// take takes over what an export holds: all of it, or nothing on an error.
func (s *Service) take(ctx context.Context, from io.Reader) (out Ported, err error) {
	p, err := unpack(from)
	if err != nil {
		return out, err
	}
	out = Ported{Facts: len(p.facts), Places: len(p.places)}
	_, err = s.change(ctx, "Import", func(pg *page) ([]merge.Change, error) {
		changes := make([]merge.Change, 0, len(p.facts))
		for _, c := range lastOfEach(p.facts) {
			was, err := pg.standing(c.Key)
			if err != nil {
				return nil, err
			}
			f, ok := merge.Winner(was)
			if ok && c.Field == noteField {
				f.Value = notesOf(was)
			}
			if !ok || f.Value != c.Value {
				changes = append(changes, c)
			}
		}
		out.Changed = len(changes)
		return changes, pg.settlePlaces(p.places)
	})
	if err == nil {
		err = s.verify(ctx)
	}
	return out, err
}

// settlePlaces notes the places of an export that are not known, as such of which it
// must be found out what stands there.
func (p *page) settlePlaces(places []placeLine) error {
	fresh := p.tx.InsertMany("INSERT INTO place (target, entry, volume, inode, born_ns, path, kind, size, mtime_ns, turns) VALUES", 10, 50, "")
	for i := range places {
		l := &places[i]
		_, known := p.targets[l.Place]
		no, err := p.target(l.Place)
		if err == nil && !known { // of most nothing is known yet
			err = fresh.Add(no, nowhere-int64(i), l.Volume, int64(l.Inode), l.Born, l.path(), int64(l.Kind), l.Size, l.Modified, flag(l.Turns)) //nolint:gosec // bits of a number
		} else if err == nil {
			err = fresh.Flush()
		}
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		_, err = p.tx.Exec(`INSERT INTO place (target, entry, volume, inode, born_ns, path, kind, size, mtime_ns, turns)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE NOT EXISTS (SELECT 1 FROM place WHERE target = ?1 AND volume = ?3 AND (path = ?6 OR inode = ?4 AND born_ns = ?5 AND inode <> 0))`,
			no, nowhere-int64(i), l.Volume, int64(l.Inode), l.Born, l.path(), int64(l.Kind), l.Size, l.Modified, flag(l.Turns)) //nolint:gosec // bits of a number
		if err != nil {
			return err
		}
	}
	return fresh.Flush()
}
