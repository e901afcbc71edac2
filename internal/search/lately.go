package search

import (
	"context"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// maxRecent is how many searches are remembered.
const maxRecent = 200

// Recent is a search that was made lately.
type Recent struct {
	Query string    `json:"query" jsonschema:"what it looked for"`
	Used  time.Time `json:"used" jsonschema:"when it was made last"`
}

// RecentList are searches that were made lately.
type RecentList struct {
	Items []Recent `json:"items" jsonschema:"the newest first"`
}

// RecentIn names a search.
type RecentIn struct {
	Query string `json:"query" cli:"1" jsonschema:"what it looked for"`
}

// ForgetIn says which searches to forget.
type ForgetIn struct {
	Query string `json:"query,omitempty" cli:"1" jsonschema:"the one that looked for this"`
	All   bool   `json:"all,omitempty" jsonschema:"all of them"`
}

func (s *Service) recentOps() []op.Def {
	return []op.Def{
		op.NewQuery("recent.list", "List the searches made lately", s.recentList, op.Example("stardrive recent list")),
		op.NewCommand("recent.add", "Remember a search", s.recentAdd, op.Example("stardrive recent add 'holiday 2024'")),
		op.NewCommand("recent.forget", "Forget searches made lately", s.recentForget, op.Example("stardrive recent forget --all")),
	}
}

func (s *Service) recentSearches(ctx context.Context) (list []Recent, err error) {
	list = []Recent{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT query, used_ns FROM recent_search ORDER BY used_ns DESC, query LIMIT ?", maxRecent)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var one Recent
			var used int64
			if err := rows.Scan(&one.Query, &used); err != nil {
				return err
			}
			one.Used = time.Unix(0, used).UTC()
			list = append(list, one)
		}
		return rows.Err()
	})
	return list, err
}

func (s *Service) recentList(ctx context.Context, _ struct{}) (out RecentList, err error) {
	out.Items, err = s.recentSearches(ctx)
	return out, err
}

func (s *Service) recentAdd(ctx context.Context, in RecentIn) (RecentList, error) {
	query := strings.TrimSpace(in.Query)
	if query == "" || len(query) > maxQuery {
		return RecentList{}, errs.New(errs.Invalid, "a search has 1 to %d bytes", maxQuery).Try("Give the words of the search.")
	}
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("INSERT INTO recent_search (query, used_ns) VALUES (?, ?) ON CONFLICT (query) DO UPDATE SET used_ns = excluded.used_ns", query, s.Now().UnixNano())
		if err == nil {
			_, err = tx.Store().Exec("DELETE FROM recent_search WHERE query NOT IN (SELECT query FROM recent_search ORDER BY used_ns DESC, query LIMIT ?)", maxRecent)
		}
		return err
	})
	if err != nil {
		return RecentList{}, err
	}
	return s.recentList(ctx, struct{}{})
}

func (s *Service) recentForget(ctx context.Context, in ForgetIn) (RecentList, error) {
	if (in.Query == "") != in.All {
		return RecentList{}, errs.New(errs.Invalid, "say which search to forget, or all").Try("Give the search, or --all.")
	}
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("DELETE FROM recent_search WHERE query = ? OR ?", in.Query, in.All)
		return err
	})
	if err != nil {
		return RecentList{}, err
	}
	return s.recentList(ctx, struct{}{})
}
