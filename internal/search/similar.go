package search

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// SimilarIn asks for files that are about the same as one.
type SimilarIn struct {
	Path  string        `json:"path,omitempty" cli:"1" jsonschema:"the file's SdPath or path"`
	ID    ident.EntryID `json:"id,omitempty" jsonschema:"its entry id, in place of a path"`
	Query string        `json:"query,omitempty" jsonschema:"filters, such as kind:document in:~/Papers"`
	Limit int           `json:"limit,omitempty" jsonschema:"how many to return; default 50" min:"0" max:"1000"`
}

// SimilarOut are files that are about the same as one.
type SimilarOut struct {
	Items   []TextHit `json:"items" jsonschema:"the nearest first"`
	Hints   []Hint    `json:"hints,omitempty" jsonschema:"what of the query was not understood as it may have been meant"`
	Partial bool      `json:"partial,omitempty" jsonschema:"an index is being made, or time was up: more may fit"`
}

// Similar returns the entries whose contents are about the same as that of one, the
// nearest first. Errors: errs.NotFound, errs.Unsupported.
func (s *Service) Similar(ctx context.Context, id ident.EntryID, limit int) (ids []ident.EntryID, err error) {
	out, err := s.similar(ctx, SimilarIn{ID: id, Limit: limit})
	for i := range out.Items {
		var near ident.EntryID
		if near.UnmarshalText([]byte(out.Items[i].ID)) == nil {
			ids = append(ids, near)
		}
	}
	return ids, err
}

func (s *Service) similar(ctx context.Context, in SimilarIn) (out SimilarOut, err error) {
	if s.Texts == nil {
		return out, errs.New(errs.Unsupported, "nothing is known here of what files are about")
	}
	if (in.Path == "") == (in.ID == 0) {
		return out, errs.New(errs.Invalid, "say which file: by path or by id")
	}
	if in.ID == 0 {
		if in.ID, err = s.Entry(ctx, in.Path); err != nil {
			return out, err
		}
	}
	self, err := s.contentOf(ctx, in.ID)
	if err != nil {
		return out, err
	}
	a, err := s.look(ctx, false)
	if err != nil {
		return out, err
	}
	q, hints, _ := parse(in.Query, a.around, 0, false)
	if in.Limit == 0 {
		in.Limit = 50
	}
	hits := Hits{}
	x := &textual{Service: s, sight: &a, q: q, limit: in.Limit, out: &hits, seen: map[int64]bool{self.ID: true}}
	if x.vector, err = s.Texts.VectorOf(ctx, self); err != nil {
		return out, err
	}
	if err = x.byMeaning(ctx); err != nil {
		return out, err
	}
	out = SimilarOut{Items: hits.Similar, Hints: hints, Partial: hits.Partial || x.vector == nil && s.Texts.Meanings(ctx) > 0}
	if out.Items == nil {
		out.Items = []TextHit{}
	}
	return out, nil
}

// contentOf is what an entry's bytes are; 0: it is not known. Errors: errs.NotFound.
func (s *Service) contentOf(ctx context.Context, id ident.EntryID) (of fulltext.Ref, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err := r.Entry(id)
		if err != nil || e.Content == 0 {
			return err
		}
		c, err := r.Content(e.Content)
		of = fulltext.Ref{ID: int64(c.ID), Hash: fulltext.Hash(c.Hash)}
		return err
	})
	return of, err
}

// refs names contents as the catalogue knows them; what it does not know is left out.
func (s *Service) refs(ctx context.Context, found []scored) (out []fulltext.Ref, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, one := range found {
			c, err := r.Content(ident.ContentID(one.id))
			if errs.Is(err, errs.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, fulltext.Ref{ID: one.id, Hash: fulltext.Hash(c.Hash)})
		}
		return nil
	})
	return out, err
}

// aboutFile tells why nothing is known of what the file at a path is about.
func (s *Service) aboutFile(ctx context.Context, path string) error {
	if s.Texts == nil {
		return nil
	}
	id, err := s.Entry(ctx, path)
	if err != nil {
		return err
	}
	if of, err := s.contentOf(ctx, id); err != nil || of.ID == 0 {
		return errs.New(errs.NotFound, "it was not read yet, or nothing below its location is").At(path)
	}
	return nil
}

// meaning is that of words, or of the file at a path, and then also which content
// that is; nil: it has none that is known.
func (s *Service) meaning(ctx context.Context, like string) (v []float32, self ident.ContentID, err error) {
	if !isPath(like) {
		v, err = s.Texts.Vector(ctx, sayable(like))
		return v, 0, err
	}
	id, err := s.Entry(ctx, like)
	if err != nil {
		return nil, 0, err
	}
	of, err := s.contentOf(ctx, id)
	if err != nil || of.ID == 0 {
		return nil, 0, err
	}
	v, err = s.Texts.VectorOf(ctx, of)
	return v, ident.ContentID(of.ID), err
}
