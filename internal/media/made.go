package media

import (
	"context"
	"encoding/json"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// Unmade tells of which contents it is not known what a search by facts or texts would
// find: they are not in the catalogue, were not read yet, are to be read again, or could
// not be.
func (s *Service) Unmade(ctx context.Context, contents []ident.ContentID) (map[ident.ContentID]bool, error) {
	out := make(map[ident.ContentID]bool, len(contents))
	for _, c := range contents {
		out[c] = true
	}
	list, err := json.Marshal(contents)
	if err != nil {
		return nil, err
	}
	kinds := map[ident.ContentID]string{}
	made := map[ident.ContentID]map[Kind]bool{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query(`SELECT content.id, content.kind, coalesce(sidecar.kind, ''), coalesce(status, ''), coalesce(version, 0), coalesce(again, 0)
			FROM content LEFT JOIN sidecar ON content_id = content.id WHERE content.id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))`, string(list))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // it was only read
		for rows.Next() {
			var id ident.ContentID
			var kind, of, status string
			var version int
			var again bool
			if err := rows.Scan((*int64)(&id), &kind, &of, &status, &version, &again); err != nil {
				return err
			}
			if kinds[id] = kind; made[id] == nil {
				made[id] = map[Kind]bool{}
			}
			made[id][Kind(of)] = !again && status != string(Failed) && version >= sorts[Kind(of)].version
		}
		return rows.Err()
	})
	for id, kind := range kinds {
		open := false
		for _, k := range wanted(kind) {
			open = open || (k == FactsOf || k == TextOf) && !made[id][k]
		}
		if !open {
			delete(out, id)
		}
	}
	return out, err
}
