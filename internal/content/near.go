package content

import (
	"cmp"
	"context"
	"encoding/hex"
	"math/bits"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// NearIn tells how alike pictures must look.
type NearIn struct {
	MaxDistance *int   `json:"max_distance,omitempty" jsonschema:"how many of 64 bits of their looks may differ; default 6" min:"0" max:"6"`
	Query       string `json:"query,omitempty" jsonschema:"only groups with a picture that this query finds, in the language of search"`
	After       int    `json:"after,omitempty" jsonschema:"leave out so many groups: next of the page before" min:"0"`
	Limit       int    `json:"limit,omitempty" jsonschema:"groups a page; default 100" min:"0" max:"1000"`
}

// Near is a page of groups of pictures that look alike, those first that hold most.
type Near struct {
	Items []NearGroup `json:"items" jsonschema:"the groups of this page"`
	Next  int         `json:"next" jsonschema:"after of the next page; 0 at the end"`
}

// NearGroup is pictures that look like the first of them. They are no duplicates:
// their bytes differ.
type NearGroup struct {
	Pictures []NearPicture `json:"pictures" jsonschema:"the largest picture, and those that look like it"`
}

// NearPicture is one of them.
type NearPicture struct {
	Content  ident.ContentID `json:"content" jsonschema:"the content's id"`
	Hash     string          `json:"hash" jsonschema:"BLAKE3 of all bytes"`
	Size     int64           `json:"size" jsonschema:"bytes of one file"`
	Width    int64           `json:"width" jsonschema:"pixels"`
	Height   int64           `json:"height" jsonschema:"pixels"`
	Distance int             `json:"distance" jsonschema:"how many of 64 bits of its looks are others than those of the first"`
	Copies   []Copy          `json:"copies" jsonschema:"the files with these bytes, at most a hundred"`
	More     int             `json:"more,omitempty" jsonschema:"how many further copies there are"`
}

// looks is what a picture looks like.
type looks struct {
	content ident.ContentID
	bits    uint64
	pixels  int64
}

const maxDistance = 6

// alike groups pictures: each joins the first of those before it, the largest
// first, that it is at most so far from. It returns the groups with more than one.
//
// Of two that differ in at most six bits, one of seven parts of these is the same
// in both: only pictures that share a part are compared.
func alike(ctx context.Context, all []looks, most int) (groups [][]looks, err error) {
	slices.SortFunc(all, func(a, b looks) int {
		return cmp.Or(cmp.Compare(b.pixels, a.pixels), cmp.Compare(a.content, b.content))
	})
	var parts [maxDistance + 1][1 << 10][]int32 // by a part: the groups whose first has it
	of := func(b uint64, i int) uint64 {
		from, to := i*64/len(parts), (i+1)*64/len(parts)
		return b >> from & (1<<(to-from) - 1)
	}
	for i, l := range all {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if n := bits.OnesCount64(l.bits); n < 4 || n > 60 {
			continue // a blank one: nothing tells it from any other
		}
		best, far := int32(-1), most+1
		for i := range parts {
			for _, g := range parts[i][of(l.bits, i)] {
				if d := bits.OnesCount64(l.bits ^ groups[g][0].bits); d < far || d == far && g < best {
					best, far = g, d
				}
			}
		}
		if best >= 0 {
			groups[best] = append(groups[best], l)
			continue
		}
		for i := range parts {
			part := of(l.bits, i)
			parts[i][part] = append(parts[i][part], int32(len(groups)))
		}
		groups = append(groups, []looks{l})
	}
	return slices.DeleteFunc(groups, func(g []looks) bool { return len(g) < 2 }), nil
}

// near lists groups of pictures that look alike.
func (s *Service) near(ctx context.Context, in NearIn) (out Near, err error) {
	c, err := s.choose(ctx, DuplicatesIn{Query: in.Query})
	if err != nil {
		return out, err
	}
	most := maxDistance
	if in.MaxDistance != nil {
		most = *in.MaxDistance
	}
	var all []looks
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT content_id, perceptual, coalesce(width * height, 0) FROM facts WHERE perceptual IS NOT NULL")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l looks
			var b int64
			if err := rows.Scan((*int64)(&l.content), &b, &l.pixels); err != nil {
				return err
			}
			l.bits = uint64(b)
			all = append(all, l)
		}
		return rows.Err()
	})
	if err != nil {
		return out, err
	}
	groups, err := alike(ctx, all, most)
	if err != nil {
		return out, err
	}
	slices.SortStableFunc(groups, func(a, b []looks) int { return cmp.Compare(len(b), len(a)) })
	out.Items = []NearGroup{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		b, err := s.beholder(r)
		if err != nil {
			return err
		}
		for i := in.After; i < len(groups); i++ {
			if len(out.Items) == cmp.Or(in.Limit, pageDuplicates) {
				out.Next = i
				return nil
			}
			g, ok, err := b.near(groups[i], c)
			if err != nil {
				return err
			}
			if ok {
				out.Items = append(out.Items, g)
			}
		}
		return nil
	})
	return out, err
}

// near shows a group; ok is false if fewer than two of its pictures have files, or
// the query finds none of them.
func (b *beholder) near(ls []looks, c *choice) (out NearGroup, ok bool, err error) {
	found := false
	var first uint64
	for _, l := range ls {
		g, err := groupOf(b.r, l.content)
		if err != nil {
			return out, false, err
		}
		if len(g.copies) == 0 {
			continue
		}
		found = found || c.found(&g)
		content, err := b.r.Content(l.content)
		if err != nil {
			return out, false, err
		}
		if len(out.Pictures) == 0 {
			first = l.bits
		}
		p := NearPicture{Content: l.content, Hash: hex.EncodeToString(content.Hash[:]), Size: g.size, Distance: bits.OnesCount64(l.bits ^ first)}
		if err := b.r.Store().QueryRow("SELECT coalesce(width, 0), coalesce(height, 0) FROM facts WHERE content_id = ?", int64(l.content)).Scan(&p.Width, &p.Height); err != nil {
			return out, false, err
		}
		if p.Copies, p.More, err = b.copies(&g, c); err != nil {
			return out, false, err
		}
		out.Pictures = append(out.Pictures, p)
	}
	return out, found && len(out.Pictures) > 1, nil
}
