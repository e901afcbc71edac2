package content

import (
	"context"
	"encoding/hex"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// CopiesIn names a content by a file that holds it, or by its hash.
type CopiesIn struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"a file that holds it"`
	ID   string `json:"id,omitempty" jsonschema:"the same, by entry id"`
	Hash string `json:"hash,omitempty" jsonschema:"BLAKE3 of all bytes, in hexadecimal digits"`
}

// copiesOf tells where a content is: which files are known to hold it, on which volumes,
// and when each was read last. What is not proven any more is none of them.
func (s *Service) copiesOf(ctx context.Context, in CopiesIn) (out Spread, err error) {
	id, err := s.contentNamed(ctx, in)
	if err != nil {
		return out, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		d, err := s.domainsOf(r)
		if err != nil {
			return err
		}
		b, err := s.beholder(r)
		if err != nil {
			return err
		}
		g, err := groupOf(r, id)
		if err != nil {
			return err
		}
		g.content = id // where no file is proven to hold it
		out, err = b.spread(&g, &d, nil)
		return err
	})
	if out.Copies == nil {
		out.Copies = []Copy{}
	}
	return out, err
}

func (s *Service) contentNamed(ctx context.Context, in CopiesIn) (id ident.ContentID, err error) {
	if in.Hash != "" {
		if in.Path != "" || in.ID != "" {
			return 0, errs.New(errs.Invalid, "say which content by a file or by its hash, not by both")
		}
		var hash catalog.Hash
		b, err := hex.DecodeString(in.Hash)
		if err != nil || len(b) != len(hash) {
			return 0, errs.New(errs.Invalid, "a hash is %d hexadecimal digits", 2*len(hash)).At("hash")
		}
		copy(hash[:], b)
		err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			c, err := r.ContentByHash(hash)
			id = c.ID
			return err
		})
		return id, err
	}
	e, _, err := s.find(ctx, in.Path, in.ID)
	if err == nil && e.Content == 0 {
		err = errs.New(errs.NotFound, "it is not known what it holds").At(in.Path).Try("Have it read with: stardrive content identify FILE")
	}
	return e.Content, err
}
