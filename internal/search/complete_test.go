package search

import (
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestComplete(t *testing.T) {
	l := newTexts(t)
	e := l.file(l.vol.Root, "a.jpg", "", 0)
	l.add(l.vol.Root, "b.jpg", vfs.File)
	l.add(l.vol.Root, "c.jsx", vfs.File)
	l.write(func(tx *catalog.Tx) error {
		if err := tx.PutDevice(catalog.Device{ID: "d", Name: "Jamie's Laptop", Slug: "jamie"}); err != nil {
			return err
		}
		_, err := tx.Store().Exec("INSERT INTO facts (content_id, camera, facts) VALUES (?, 'canon eos r5', '{}')", int64(e.Content))
		return err
	})
	l.settle()
	if _, err := l.recentAdd(t.Context(), RecentIn{Query: "kind:image holiday"}); err != nil {
		t.Fatal(err)
	}
	three := 3
	for _, c := range []struct {
		in    CompleteIn
		first []string
		at    int
	}{
		{CompleteIn{Query: "ki"}, []string{"kind:image holiday", "kind:"}, 0},
		{CompleteIn{Query: "é (-kind:ima"}, []string{"kind:image", "kind:diskimage"}, 4},
		{CompleteIn{Query: "x ext:j"}, []string{"ext:jpg", "ext:jsx"}, 2},
		{CompleteIn{Query: "is:"}, []string{"is:hidden", "is:empty", "is:offline", "is:duplicate"}, 0},
		{CompleteIn{Query: "is:xyz", At: &three}, []string{"is:hidden", "is:empty", "is:offline", "is:duplicate"}, 0},
		{CompleteIn{Query: `modified:"last m`}, []string{`modified:"last month"`}, 0},
		{CompleteIn{Query: "device:lap"}, []string{`device:"Jamie's Laptop"`}, 0},
		{CompleteIn{Query: "volume:d"}, []string{"volume:Disk"}, 0},
		{CompleteIn{Query: "camera:eos"}, []string{`camera:"canon eos r5"`}, 0},
		{CompleteIn{Query: "taken:" + time.Unix(0, noon.UnixNano()).Format("2006")}, []string{"taken:" + noon.Format("2006")}, 0},
		{CompleteIn{Query: "zzz"}, nil, 0},
		{CompleteIn{Query: "pages:", Limit: 1}, []string{"pages:1"}, 0},
	} {
		out, err := l.complete(t.Context(), c.in)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, i := range out.Items {
			if got = append(got, i.Text); i.Kind != "recent" && i.At != c.at {
				t.Errorf("%q: %q stands at %d, want %d", c.in.Query, i.Text, i.At, c.at)
			}
		}
		if len(got) < len(c.first) || !slices.Equal(got[:len(c.first)], c.first) || c.first == nil && len(got) > 0 {
			t.Errorf("%q goes on with %q, want %q", c.in.Query, got, c.first)
		}
	}
	out, err := l.complete(t.Context(), CompleteIn{Limit: 200})
	if err != nil || len(out.Items) != len(fieldHelp) {
		t.Errorf("%d fields (%v)", len(out.Items), err)
	}
	for name := range fields {
		known := slices.ContainsFunc(fieldHelp, func(f struct{ name, help string }) bool { return f.name == name })
		if !known {
			t.Errorf("nobody is told of %s:", name)
		}
	}
}

func TestRecent(t *testing.T) {
	s := newShelf(t)
	now := noon
	s.Now = func() time.Time { now = now.Add(time.Second); return now }
	for _, q := range []string{"one", " two ", "three", "one"} {
		if _, err := s.recentAdd(t.Context(), RecentIn{q}); err != nil {
			t.Fatal(err)
		}
	}
	list := func() (all []string) {
		out, err := s.recentList(t.Context(), struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Items {
			all = append(all, r.Query)
		}
		return all
	}
	if got := list(); !slices.Equal(got, []string{"one", "three", "two"}) {
		t.Errorf("%q", got)
	}
	if out, err := s.recentForget(t.Context(), ForgetIn{Query: "three"}); err != nil || len(out.Items) != 2 {
		t.Errorf("%+v (%v)", out, err)
	}
	s.write(func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO recent_search (query, used_ns) SELECT 'number ' || i, ? FROM n",
			maxRecent+5, now.UnixNano())
		return err
	})
	if _, err := s.recentAdd(t.Context(), RecentIn{"newest"}); err != nil {
		t.Fatal(err)
	}
	if got := list(); len(got) != maxRecent || slices.Contains(got, "one") {
		t.Errorf("%d are remembered", len(got))
	}
	if out, err := s.recentForget(t.Context(), ForgetIn{All: true}); err != nil || len(out.Items) != 0 {
		t.Errorf("%+v (%v)", out, err)
	}
	for _, in := range []ForgetIn{{}, {Query: "x", All: true}} {
		if _, err := s.recentForget(t.Context(), in); !errs.Is(err, errs.Invalid) {
			t.Error(err)
		}
	}
	if _, err := s.recentAdd(t.Context(), RecentIn{" "}); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
}
