package search

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// maxSavedName is how long the name of a saved search may be, in bytes.
const maxSavedName = 200

// Saved is a search that the user keeps.
type Saved struct {
	ID         string    `json:"id" jsonschema:"its id, which never changes and no other search ever gets"`
	Name       string    `json:"name" jsonschema:"what it is called"`
	Query      string    `json:"query" jsonschema:"what it looks for"`
	In         string    `json:"in,omitempty" jsonschema:"only below this folder"`
	Exact      bool      `json:"exact,omitempty" jsonschema:"with case and accents as they are typed"`
	Sort       Sort      `json:"sort,omitempty" jsonschema:"order of the hits; default relevance"`
	Descending bool      `json:"descending,omitempty" jsonschema:"the other way round, but for relevance"`
	Created    time.Time `json:"created" jsonschema:"when it was saved"`
	Hints      []Hint    `json:"hints,omitempty" jsonschema:"when it is saved: what of the query was not understood as it may have been meant"`
}

// SavedList are all saved searches.
type SavedList struct {
	Items []Saved `json:"items" jsonschema:"by name"`
}

// SaveIn is a search to keep.
type SaveIn struct {
	Name       string `json:"name" cli:"1" jsonschema:"what to call it"`
	Query      string `json:"query" cli:"2" jsonschema:"what to look for; see docs/search.md"`
	In         string `json:"in,omitempty" jsonschema:"only below this folder"`
	Exact      bool   `json:"exact,omitempty" jsonschema:"with case and accents as they are typed"`
	Sort       Sort   `json:"sort,omitempty" jsonschema:"order of the hits; default relevance"`
	Descending bool   `json:"descending,omitempty" jsonschema:"the other way round, but for relevance"`
}

// SavedIn names a saved search.
type SavedIn struct {
	Name string `json:"name" cli:"1" jsonschema:"what the saved search is called"`
}

// RunIn runs a saved search.
type RunIn struct {
	Name   string       `json:"name" cli:"1" jsonschema:"what the saved search is called"`
	Facets []FacetField `json:"facets,omitempty" jsonschema:"count all hits by these"`
	Limit  int          `json:"limit,omitempty" jsonschema:"how many hits to return; default 50" min:"0" max:"1000"`
	Offset int          `json:"offset,omitempty" jsonschema:"how many of the first hits to leave out" min:"0" max:"100000"`
}

// RenameIn names a saved search anew.
type RenameIn struct {
	Name string `json:"name" cli:"1" jsonschema:"what the saved search is called"`
	To   string `json:"to" cli:"2" jsonschema:"what to call it from now on"`
}

func (s *Service) savedOps() []op.Def {
	return []op.Def{
		op.NewQuery("saved.list", "List saved searches", s.savedList, op.Example("stardrive saved list")),
		op.NewQuery("saved.run", "Run a saved search", s.savedRun, op.Example("stardrive saved run 'large videos'")),
		op.NewCommand("saved.create", "Save a search under a name", s.savedCreate,
			op.Example("stardrive saved create 'large videos' 'kind:video size:>1gb' --sort size --descending")),
		op.NewCommand("saved.rename", "Rename a saved search", s.savedRename, op.Example("stardrive saved rename 'large videos' films")),
		op.NewCommand("saved.remove", "Forget a saved search; what it finds stays", s.savedRemove, op.Example("stardrive saved remove films")),
	}
}

func (s *Service) savedList(ctx context.Context, _ struct{}) (list SavedList, err error) {
	list.Items, err = s.Saved(ctx)
	return list, err
}

// Saved are all saved searches, by name.
func (s *Service) Saved(ctx context.Context) ([]Saved, error) {
	list := []Saved{}
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT id, name, query, created_ns FROM saved_search ORDER BY name")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			one, err := savedFrom(rows.Scan)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return rows.Err()
	})
	return list, err
}

func savedFrom(scan func(...any) error) (v Saved, err error) {
	var query, name string
	var id, created int64
	if err := scan(&id, &name, &query, &created); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(query), &v); err != nil {
		return v, errs.New(errs.Internal, "the saved search %q cannot be read: %v", name, err).Try("Remove it and save it again.")
	}
	v.ID = strconv.FormatInt(id, 36) + "." + strconv.FormatInt(created, 36) // ids begin anew in a new catalogue
	v.Name, v.Created = name, time.Unix(0, created).UTC()
	return v, nil
}

// savedNamed returns a saved search. Errors: errs.NotFound.
func savedNamed(r *catalog.Reader, name string) (Saved, error) {
	v, err := savedFrom(r.Store().QueryRow("SELECT id, name, query, created_ns FROM saved_search WHERE name = ?", name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return v, errs.New(errs.NotFound, "no saved search is named %q", name).Try("See those there are by 'stardrive saved list'.")
	}
	return v, err
}

// freeName makes sure that a search can be saved under a name.
func freeName(r *catalog.Reader, name string) error {
	if strings.TrimSpace(name) == "" || len(name) > maxSavedName {
		return errs.New(errs.Invalid, "the name of a saved search has 1 to %d bytes", maxSavedName).Try("Choose another name.")
	}
	var taken bool
	if err := r.Store().QueryRow("SELECT EXISTS (SELECT 1 FROM saved_search WHERE name = ?)", name).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return errs.New(errs.Conflict, "another saved search is named %q", name).Try("Choose another name, or remove that one first.")
	}
	return nil
}

func (s *Service) savedCreate(ctx context.Context, in SaveIn) (out Saved, err error) {
	if len(in.Query) > maxQuery {
		return out, errs.New(errs.Invalid, "the query has more than %d bytes", maxQuery).Try("Shorten it.")
	}
	if in.In != "" {
		if _, err := s.Folder(ctx, in.In); err != nil {
			return out, err
		}
	}
	a, err := s.look(ctx, in.Exact)
	if err != nil {
		return out, err
	}
	a.disks = s.Resolve != nil && in.In == ""
	_, hints, _ := parse(in.Query, a.around, 0, false)
	kept, err := json.Marshal(QueryIn{Query: in.Query, In: in.In, Exact: in.Exact, Sort: in.Sort, Descending: in.Descending})
	if err != nil {
		return out, err
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := freeName(&tx.Reader, in.Name); err != nil {
			return err
		}
		_, err := tx.Store().Exec("INSERT INTO saved_search (name, query, created_ns) VALUES (?, ?, ?)", in.Name, string(kept), s.Now().UnixNano())
		if err != nil {
			return err
		}
		out, err = savedNamed(&tx.Reader, in.Name)
		return err
	})
	out.Hints = hints
	return out, err
}

func (s *Service) savedRun(ctx context.Context, in RunIn) (Hits, error) {
	var v Saved
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		v, err = savedNamed(r, in.Name)
		return err
	})
	if err != nil {
		return Hits{}, err
	}
	return s.query(ctx, QueryIn{
		Query: v.Query, In: v.In, Exact: v.Exact, Sort: v.Sort, Descending: v.Descending, Facets: in.Facets, Limit: in.Limit, Offset: in.Offset,
	})
}

func (s *Service) savedRename(ctx context.Context, in RenameIn) (out Saved, err error) {
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if out, err = savedNamed(&tx.Reader, in.Name); err != nil || in.To == in.Name {
			return err
		}
		if err := freeName(&tx.Reader, in.To); err != nil {
			return err
		}
		out.Name = in.To
		_, err := tx.Store().Exec("UPDATE saved_search SET name = ? WHERE name = ?", in.To, in.Name)
		return err
	})
	return out, err
}

func (s *Service) savedRemove(ctx context.Context, in SavedIn) (out Saved, err error) {
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if out, err = savedNamed(&tx.Reader, in.Name); err != nil {
			return err
		}
		_, err := tx.Store().Exec("DELETE FROM saved_search WHERE name = ?", in.Name)
		return err
	})
	return out, err
}
