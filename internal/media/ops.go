package media

import (
	"context"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// View is how one sidecar stands.
type View struct {
	Content ident.ContentID `json:"content" jsonschema:"id of the content it is derived of"`
	Kind    Kind            `json:"kind" jsonschema:"what it is"`
	Status  Status          `json:"status" jsonschema:"ready, failed, none (there is nothing of that sort) or evicted (made again when asked for)"`
	Reason  string          `json:"reason,omitempty" jsonschema:"why it failed"`
	Bytes   int64           `json:"bytes" jsonschema:"size of its file"`
	Version int             `json:"version" jsonschema:"of what made it"`
	Again   bool            `json:"again,omitempty" jsonschema:"it is to be made again"`
	Made    time.Time       `json:"made,omitzero" jsonschema:"when"`
	Entry   ident.EntryID   `json:"entry,omitzero" jsonschema:"id of an entry that has the content"`
	Name    string          `json:"name,omitempty" jsonschema:"that entry's name, for people"`
	Path    string          `json:"path,omitempty" jsonschema:"that entry's SdPath"`
}

// TypeName is what clients call the type.
func (View) TypeName() string { return "Sidecar" }

// ListIn chooses sidecars.
type ListIn struct {
	Path   string `json:"path,omitempty" cli:"1" jsonschema:"those of the entry at this path"`
	ID     string `json:"id,omitempty" jsonschema:"those of this entry"`
	Kind   Kind   `json:"kind,omitempty" jsonschema:"only of this kind"`
	Status Status `json:"status,omitempty" jsonschema:"only those that stand so; failed shows what could not be looked into, and why"`
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"sidecars a page; default 100" min:"0" max:"1000"`
}

// ListOut is a page of sidecars.
type ListOut struct {
	Items []View `json:"items" jsonschema:"by content"`
	Next  string `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// RebuildIn chooses what is to be made again.
type RebuildIn struct {
	Path   string `json:"path,omitempty" cli:"1" jsonschema:"all of the entry at this path, at once"`
	ID     string `json:"id,omitempty" jsonschema:"the same, by entry id"`
	Kind   Kind   `json:"kind,omitempty" jsonschema:"all of this kind; together with failed only those"`
	Failed bool   `json:"failed,omitempty" jsonschema:"all that failed"`
}

// RebuildOut tells what is made again.
type RebuildOut struct {
	Marked int64  `json:"marked" jsonschema:"sidecars that are made again: by jobs, or when somebody asks for them"`
	Items  []View `json:"items,omitempty" jsonschema:"of one entry: how they stand now"`
}

// CleanIn says whether to do it.
type CleanIn struct {
	Apply bool `json:"apply,omitempty" jsonschema:"take it away; else only tell what would be"`
}

// Total is how many sidecars of a kind stand alike.
type Total struct {
	Kind   Kind   `json:"kind" jsonschema:"what they are"`
	Status Status `json:"status" jsonschema:"how they stand"`
	Count  int64  `json:"count" jsonschema:"how many"`
	Bytes  int64  `json:"bytes" jsonschema:"bytes of their files"`
}

// Totals are the sums over all sidecars.
type Totals struct {
	Items  []Total `json:"items" jsonschema:"by kind and status"`
	Bytes  int64   `json:"bytes" jsonschema:"bytes of all pictures"`
	Budget int64   `json:"budget" jsonschema:"bytes of pictures that are kept at most"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("sidecar.list", "List what was derived of files, or could not be", s.list, op.Example("stardrive sidecar list --status failed")),
		op.NewQuery("sidecar.failed", "List files that could not be looked into, and why", s.failed, op.Example("stardrive quarantine")),
		op.NewQuery("sidecar.blurs", "Tell a few colours of pictures, to be shown while these come", s.blurs, op.Hidden(), op.Example("stardrive op sidecar.blurs '{\"ids\":[\"7\"]}'")),
		op.NewQuery("sidecar.totals", "Show how many sidecars there are, and what they take", s.totals, op.Example("stardrive sidecar totals")),
		op.NewCommand("sidecar.rebuild", "Have sidecars made again", s.rebuild, op.Example("stardrive sidecar rebuild --failed")),
		op.NewCommand("sidecar.clean", "Take away sidecars that nobody needs", func(ctx context.Context, in CleanIn) (Cleaned, error) {
			return s.clean(ctx, 0, in.Apply)
		}, op.Example("stardrive sidecar clean --apply")),
	}
}

func (s *Service) list(ctx context.Context, in ListIn) (out ListOut, err error) {
	out.Items = []View{}
	if in.Limit == 0 {
		in.Limit = 100
	}
	where, args, err := s.chosen(ctx, in)
	if err != nil {
		return out, err
	}
	if in.Cursor != "" {
		var content ident.ContentID
		id, kind, _ := strings.Cut(in.Cursor, ".")
		if err := content.UnmarshalText([]byte(id)); err != nil {
			return out, errs.New(errs.Invalid, "this is no cursor of a list of sidecars").At("cursor")
		}
		where, args = where+" AND (content_id, kind) > (?, ?)", append(args, int64(content), kind)
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		list, err := rowsWhere(r, where+" ORDER BY content_id, kind LIMIT ?", append(args, in.Limit+1)...)
		if err != nil {
			return err
		}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			last := list[in.Limit-1]
			id, _ := last.content.MarshalText()
			out.Next = string(id) + "." + string(last.kind)
		}
		for i := range list {
			out.Items = append(out.Items, list[i].view())
		}
		return s.locate(r, out.Items)
	})
	return out, err
}

func (s *Service) chosen(ctx context.Context, in ListIn) (where string, args []any, err error) {
	where = "true"
	if in.ID != "" || in.Path != "" {
		id, err := s.named(ctx, in.ID, in.Path)
		if err != nil {
			return "", nil, err
		}
		e, err := s.entry(ctx, id)
		if err != nil {
			return "", nil, err
		}
		where, args = where+" AND content_id = ?", append(args, int64(e.Content))
	}
	if in.Kind != "" {
		where, args = where+" AND kind = ?", append(args, string(in.Kind))
	}
	if in.Status == Failed { // as the index of those has it
		where += " AND status = 'failed'"
	} else if in.Status != "" {
		where, args = where+" AND status = ?", append(args, string(in.Status))
	}
	return where, args, nil
}

// named returns the entry that is named by its id or its path.
func (s *Service) named(ctx context.Context, text, path string) (id ident.EntryID, err error) {
	switch {
	case text != "" && path != "":
		return 0, errs.New(errs.Invalid, "say which entry by path or by id, not by both")
	case path != "":
		return s.Entry(ctx, path)
	}
	if err := id.UnmarshalText([]byte(text)); err != nil {
		return 0, errs.New(errs.Invalid, "%w", err).At("id")
	}
	return id, nil
}

func (s *Service) entry(ctx context.Context, id ident.EntryID) (e catalog.Entry, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err = r.Entry(id)
		return err
	})
	return e, err
}

func (r *row) view() View {
	return View{Content: r.content, Kind: r.kind, Status: r.status, Reason: r.reason, Bytes: r.size, Version: r.version, Again: r.again, Made: time.Unix(0, r.made).UTC()}
}

// locate adds an entry to each sidecar: one that is present, if there is one.
func (s *Service) locate(r *catalog.Reader, items []View) error {
	for i := range items {
		v := &items[i]
		if i > 0 && items[i-1].Content == v.Content {
			v.Entry, v.Name, v.Path = items[i-1].Entry, items[i-1].Name, items[i-1].Path
			continue
		}
		e, ok, err := r.CopyOf(v.Content)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		path, err := r.Path(&e)
		if err != nil {
			return err
		}
		volume, err := r.Volume(e.Volume)
		if err != nil {
			return err
		}
		v.Entry, v.Name, v.Path = e.ID, catalog.PlainName(e.Name), s.Volumes.Ground(volume).SdPath(path).String()
	}
	return nil
}

func (s *Service) rebuild(ctx context.Context, in RebuildIn) (out RebuildOut, err error) {
	where, args := "true", []any{}
	switch {
	case (in.ID != "" || in.Path != "") && (in.Failed || in.Kind != ""):
		return out, errs.New(errs.Invalid, "an entry's are made again together: give its path or id alone")
	case in.ID != "" || in.Path != "":
		id, err := s.named(ctx, in.ID, in.Path)
		if err != nil {
			return out, err
		}
		return s.rebuildEntry(ctx, id)
	case in.Kind == "" && !in.Failed:
		return out, errs.New(errs.Invalid, "say which: a path, an id, a kind, or failed")
	case in.Failed:
		where = "status = 'failed'"
	}
	if in.Kind != "" {
		where, args = where+" AND kind = ?", append(args, string(in.Kind))
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		res, err := tx.Store().Exec("UPDATE sidecar SET again = 1 WHERE "+where, args...)
		if err != nil {
			return err
		}
		if out.Marked, err = res.RowsAffected(); err != nil || out.Marked == 0 {
			return err
		}
		return beginAgain(tx)
	})
	if err == nil && out.Marked > 0 {
		_, err = s.queueDue(ctx)
	}
	return out, err
}

// rebuildEntry makes all of an entry's content again that there is, or that jobs
// would make. What cannot be made again stays as it is.
func (s *Service) rebuildEntry(ctx context.Context, id ident.EntryID) (out RebuildOut, err error) {
	ctx, stop := context.WithTimeout(ctx, 6*s.Patience)
	defer stop()
	content, err := s.contentOf(ctx, id)
	if err != nil {
		return out, told(ctx, err)
	}
	c, have, err := s.known(ctx, content)
	if err != nil {
		return out, err
	}
	var want []Kind
	for _, k := range s.wanted(&c) {
		if _, was := have[k]; was || sorts[k].background {
			want = append(want, k)
		}
	}
	if len(want) == 0 {
		return out, errs.New(errs.Unsupported, "nothing is derived of files of this sort")
	}
	err = s.flights.wait(ctx, flightKey{content: content}, func(ctx context.Context) error { return s.makeOne(ctx, content, want, id) })
	if err != nil {
		return out, told(ctx, err)
	}
	out.Marked = int64(len(want))
	text, _ := id.MarshalText()
	list, err := s.list(ctx, ListIn{ID: string(text)})
	out.Items = list.Items
	return out, err
}

func (s *Service) totals(ctx context.Context, _ struct{}) (Totals, error) {
	out := Totals{Items: []Total{}, Budget: s.Budget}
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT kind, status, count(*), sum(size) FROM sidecar GROUP BY kind, status ORDER BY kind, status")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var t Total
			if err := rows.Scan(&t.Kind, &t.Status, &t.Count, &t.Bytes); err != nil {
				return err
			}
			out.Bytes += t.Bytes
			out.Items = append(out.Items, t)
		}
		return rows.Err()
	})
	return out, err
}

// Beside is what is known of an entry's content and what is derived of it.
type Beside struct {
	Facts    *Facts
	Sidecars []Brief
}

// Brief is how a sidecar of an entry stands.
type Brief struct {
	Kind   Kind   `json:"kind" jsonschema:"what it is"`
	Status Status `json:"status" jsonschema:"ready, failed, none or evicted"`
	Reason string `json:"reason,omitempty" jsonschema:"why it failed"`
	Tag    string `json:"tag,omitempty" jsonschema:"of a picture that is ready: put it into its address as v, and browsers keep it"`
}

// TypeName is what clients call the type.
func (Brief) TypeName() string { return "SidecarBrief" }

// About returns what is known of a content.
func (s *Service) About(ctx context.Context, content ident.ContentID) (b Beside, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		c, err := r.Content(content)
		if err != nil {
			return err
		}
		if b.Facts, err = factsOf(r, content); err != nil {
			return err
		}
		have, err := rowsOf(r, content)
		for _, k := range order {
			one, ok := have[k]
			if !ok {
				continue
			}
			brief := Brief{Kind: k, Status: one.status, Reason: one.reason}
			if one.size > 0 {
				brief.Tag = tagOf(&c, &one)
			}
			b.Sidecars = append(b.Sidecars, brief)
		}
		return err
	})
	return b, err
}
