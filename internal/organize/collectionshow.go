package organize

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

func (s *Service) collectionShow(ctx context.Context, in ShowCollectionIn) (out ShownCollection, err error) {
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	if in.Limit == 0 {
		in.Limit = 100
	}
	out.Items = []catalog.View{}
	var files []*file
	s.model.look(func(*tree) {
		var o *object
		if o, err = s.model.collection(in.Collection); err != nil {
			return
		}
		out.Collection = showCollection(o)
		items := o.items()
		out.Total = len(items)
		for _, i := range items[min(in.Offset, len(items)):min(in.Offset+in.Limit, len(items))] {
			if f := s.model.files[i.target]; f != nil {
				c := *f
				c.links = slices.Clone(f.links)
				files = append(files, &c)
			} else {
				out.Away++
			}
		}
	})
	if err != nil {
		return out, err
	}
	var ids []ident.EntryID
	if out.Query != "" {
		err := s.Match(ctx, out.Query, func(id ident.EntryID) bool {
			if out.Total++; out.Total > in.Offset && len(ids) < in.Limit {
				ids = append(ids, id)
			}
			return true
		})
		if err != nil {
			return out, err
		}
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, f := range files {
			id, err := standsAt(r, f)
			if err != nil {
				return err
			}
			if id == 0 {
				out.Away++
			} else {
				ids = append(ids, id)
			}
		}
		out.Items, err = s.views(r, ids)
		return err
	})
	return out, err
}

// standsAt is an entry by which a file can be shown: one that is present, if any is;
// 0: it stands nowhere.
func standsAt(r *catalog.Reader, f *file) (id ident.EntryID, err error) {
	var ids []ident.EntryID
	for _, l := range f.links {
		ids = append(ids, l.entry)
	}
	es, err := r.EntriesByID(ids)
	if err != nil {
		return 0, err
	}
	for i := range es {
		if es[i].State.There() {
			return es[i].ID, nil
		}
	}
	if f.content != 0 {
		err = r.Copies(f.content, func(e *catalog.Entry) error {
			if id == 0 && e.State.There() {
				id = e.ID
			}
			return nil
		})
	}
	return id, err
}

// views shows entries in the order of ids.
func (s *Service) views(r *catalog.Reader, ids []ident.EntryID) ([]catalog.View, error) {
	out := make([]catalog.View, 0, len(ids))
	es, err := r.EntriesByID(ids)
	if err != nil {
		return out, err
	}
	vols, err := r.Volumes()
	if err != nil {
		return out, err
	}
	grounds := map[ident.VolumeID]catalog.Ground{}
	for _, v := range vols {
		grounds[v.ID] = s.Ground(v)
	}
	for i := range es {
		path, err := r.Path(&es[i])
		if err != nil {
			return out, err
		}
		out = append(out, s.Catalog.NewView(&es[i], path, grounds[es[i].Volume]))
	}
	return out, nil
}

// findCollected finds what stands in a collection; one that a search fills finds
// nothing here.
func (s *Service) findCollected(name string) (find finder, problem string) {
	s.model.look(func(*tree) {
		o, err := s.model.collection(name)
		switch {
		case err != nil:
			problem = "no collection is named " + name
		case o.one[queryField] != "":
			problem = "a search fills this collection: write that search instead, " + o.one[queryField]
		}
	})
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(*tree) {
			if o, err := s.model.collection(name); err == nil {
				for target := range o.sets[itemField] {
					if f := s.model.files[target]; f != nil {
						f.found(content, entry)
					}
				}
			}
		})
		return nil
	}, problem
}
