package media

import (
	"context"
	"encoding/json"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// BlursIn names files.
type BlursIn struct {
	IDs []ident.EntryID `json:"ids" jsonschema:"files, by entry id; at most 500"`
}

const maxBlurs = 500

// Blurs are the colours of pictures.
type Blurs struct {
	Items []Blur `json:"items" jsonschema:"those that have one, in no order"`
}

// Blur is what a picture looks like before it is there.
type Blur struct {
	ID       ident.EntryID `json:"id" jsonschema:"the entry's id"`
	Blurhash string        `json:"blurhash" jsonschema:"some colours of it in a few letters"`
}

// blurs tells the colours of many pictures at once, for lists that show them while
// the pictures come. Nothing is made for it.
func (s *Service) blurs(ctx context.Context, in BlursIn) (out Blurs, err error) {
	out.Items = []Blur{}
	if len(in.IDs) > maxBlurs {
		return out, errs.New(errs.Invalid, "no more than %d files are told of at once", maxBlurs)
	}
	ids := make([]int64, len(in.IDs))
	for i, id := range in.IDs {
		ids[i] = int64(id)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return out, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query(`SELECT entry.id, json_extract(facts.facts, '$.blurhash') FROM json_each(?) AS asked
			JOIN entry ON entry.id = asked.value JOIN facts ON facts.content_id = entry.content_id WHERE json_extract(facts.facts, '$.blurhash') <> ''`, string(list))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id int64
			var b Blur
			if err := rows.Scan(&id, &b.Blurhash); err != nil {
				return err
			}
			b.ID = ident.EntryID(id)
			out.Items = append(out.Items, b)
		}
		return rows.Err()
	})
	return out, err
}
