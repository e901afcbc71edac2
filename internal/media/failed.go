package media

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// FailedIn asks for files that could not be looked into.
type FailedIn struct {
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"files a page; default 100" min:"0" max:"1000"`
}

// FailedOut is a page of files that could not be looked into.
type FailedOut struct {
	Items []Quarantined `json:"items" jsonschema:"one for each content"`
	Next  string        `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// Quarantined is a file of which something could not be made.
type Quarantined struct {
	catalog.View
	Content ident.ContentID `json:"content" jsonschema:"id of what it holds; other files may hold the same"`
	Failed  []Failure       `json:"failed" jsonschema:"what could not be made, and why; what failed for one reason stands together"`
}

// TypeName is what clients call the type.
func (Quarantined) TypeName() string { return "QuarantinedFile" }

// Failure is what failed for one reason.
type Failure struct {
	Kinds  []Kind `json:"kinds" jsonschema:"what could not be made"`
	Reason string `json:"reason" jsonschema:"why"`
}

// TypeName is what clients call the type.
func (Failure) TypeName() string { return "SidecarFailure" }

// failed lists the files of which something could not be made, one for each content.
// Contents that no file has any more are left out: their sidecars go in time.
func (s *Service) failed(ctx context.Context, in FailedIn) (out FailedOut, err error) {
	out.Items = []Quarantined{}
	limit := in.Limit
	if limit == 0 {
		limit = 100
	}
	var after ident.ContentID
	if in.Cursor != "" {
		if err := after.UnmarshalText([]byte(in.Cursor)); err != nil {
			return out, errs.New(errs.Invalid, "this is no cursor of this list").At("cursor")
		}
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ids, err := failedContents(r, after, limit+1)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if i == limit {
				text, _ := ids[i-1].MarshalText()
				out.Next = string(text)
				break
			}
			q, err := s.quarantined(r, id)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, q)
		}
		return nil
	})
	return out, err
}

// failedContents returns contents that a file has and of which something failed.
func failedContents(r *catalog.Reader, after ident.ContentID, limit int) (ids []ident.ContentID, err error) {
	rows, err := r.Store().Query(`SELECT DISTINCT content_id FROM sidecar WHERE status = 'failed' AND content_id > ?
		AND EXISTS (SELECT 1 FROM entry WHERE entry.content_id = sidecar.content_id AND state = 1) ORDER BY content_id LIMIT ?`, int64(after), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id ident.ContentID
		if err := rows.Scan((*int64)(&id)); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (s *Service) quarantined(r *catalog.Reader, id ident.ContentID) (q Quarantined, err error) {
	e, _, err := r.CopyOf(id)
	if err != nil {
		return q, err
	}
	path, err := r.Path(&e)
	if err != nil {
		return q, err
	}
	v, err := r.Volume(e.Volume)
	if err != nil {
		return q, err
	}
	have, err := rowsOf(r, id)
	q = Quarantined{View: s.Catalog.NewView(&e, path, s.Volumes.Ground(v)), Content: id, Failed: []Failure{}}
	for _, k := range order {
		one, ok := have[k]
		if !ok || one.status != Failed {
			continue
		}
		i := slices.IndexFunc(q.Failed, func(f Failure) bool { return f.Reason == one.reason })
		if i < 0 {
			i = len(q.Failed)
			q.Failed = append(q.Failed, Failure{Reason: one.reason})
		}
		q.Failed[i].Kinds = append(q.Failed[i].Kinds, k)
	}
	return q, err
}
