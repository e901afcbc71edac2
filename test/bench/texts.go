package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/search/fulltext"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/test/daemon"
)

// language makes texts whose words are as frequent as those of people: the n-th of
// them one part in n of the first.
type language struct {
	words []string
	pick  *rand.Zipf
	rng   *rand.Rand
}

func newLanguage() *language {
	rng := rand.New(rand.NewPCG(5, 5))
	l := &language{rng: rng, pick: rand.NewZipf(rng, 1.07, 3, 59_999)}
	seen := map[string]bool{}
	for len(l.words) < 60_000 {
		var b strings.Builder
		for range 1 + rng.IntN(2) + min(2, len(l.words)/300) {
			b.WriteByte("bdfgklmnprstvz"[rng.IntN(14)])
			b.WriteByte("aeiou"[rng.IntN(5)])
		}
		if w := b.String(); !seen[w] {
			seen[w] = true
			l.words = append(l.words, w)
		}
	}
	return l
}

func (l *language) text(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(l.words[l.pick.Uint64()])
		b.WriteByte(' ')
	}
	return b.String()
}

// texts gives a text to each of up to 100,000 files, as if a daemon had read them,
// and measures searches in them.
func (r *run) texts(ctx context.Context) error {
	if err := r.d.Stop(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(r.data, "libraries", "*", "library.db"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d libraries (%w)", len(found), err)
	}
	l, began := newLanguage(), time.Now()
	n, err := r.writeTexts(ctx, filepath.Dir(found[0]), l)
	if err != nil {
		return err
	}
	r.logf("%d texts written and understood in %.1f s", n, time.Since(began).Seconds())
	for _, name := range []string{"text.db", "meaning.vec"} {
		if fi, err := os.Stat(filepath.Join(filepath.Dir(found[0]), name)); err == nil {
			r.logf("%s: %.0f MB", name, float64(fi.Size())/1e6)
		}
	}
	if r.d, err = daemon.Start(ctx, r.Bin, r.data); err != nil {
		return err
	}
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) { // until the files are checked and open
		var out struct {
			Partial bool `json:"partial"`
		}
		err := r.d.Call(ctx, "search.query", map[string]any{"query": l.words[0], "groups": []string{"texts"}}, &out)
		if err != nil || !out.Partial {
			if err != nil {
				return err
			}
			return r.textQueries(ctx, l, n)
		}
		if time.Now().After(until) {
			return fmt.Errorf("answers are partial for two minutes")
		}
	}
}

// writeTexts makes contents and texts of the first files of the library.
func (r *run) writeTexts(ctx context.Context, dir string, l *language) (n int, err error) {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	c, err := catalog.Open(ctx, db, event.NewBus())
	if err != nil {
		return 0, err
	}
	x, err := fulltext.New(fulltext.Options{Path: filepath.Join(dir, "text.db"), Vectors: filepath.Join(dir, "meaning.vec"), Meaning: embed.Static()})
	if err != nil {
		return 0, err
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = x.Serve(serving) }()
	defer func() {
		stop()
		<-ended
		x.Close()
	}()
	var files []ident.EntryID
	_, err = c.Scan(ctx, func(e *catalog.Brief) error {
		if e.Kind == vfs.File && e.State == catalog.Present && len(files) < min(100_000, r.Entries/2) {
			files = append(files, e.ID)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	const batch = 500
	for rest := files; len(rest) > 0 && err == nil; {
		some := rest[:min(batch, len(rest))]
		rest = rest[len(some):]
		err = r.writeSome(ctx, c, x, some, l)
	}
	for err == nil && x.Meanings(ctx) != 0 {
		time.Sleep(100 * time.Millisecond)
		err = ctx.Err()
	}
	return len(files), err
}

func (r *run) writeSome(ctx context.Context, c *catalog.Catalog, x *fulltext.Index, some []ident.EntryID, l *language) error {
	var docs []fulltext.Document
	err := c.Write(ctx, func(tx *catalog.Tx) error {
		docs = docs[:0]
		es, err := tx.EntriesByID(some)
		for i := range es {
			e := &es[i]
			h := catalog.Hash{31: 1}
			binary.BigEndian.PutUint64(h[:], uint64(e.ID))
			id, err := tx.PutContent(catalog.Content{Hash: h, Size: e.Size, Kind: "text", MIME: "text/plain"})
			if err != nil {
				return err
			}
			seen := vfs.Entry{Name: e.Name, Kind: e.Kind, Size: e.Size, Modified: e.Modified, Changed: e.Changed, Inode: e.Inode, Mode: e.Mode, Links: e.Links}
			has, err := tx.Identify(e.ID, seen, id, 1)
			if err == nil && has != id {
				err = fmt.Errorf("entry %d is another one now", e.ID)
			}
			if err != nil {
				return err
			}
			docs = append(docs, fulltext.Document{ID: int64(id), Title: l.text(4), Body: l.text(50 + l.rng.IntN(500)), Place: e.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.Put(ctx, docs)
}

// textQueries measures searches in texts through the HTTP API, class by class.
func (r *run) textQueries(ctx context.Context, l *language, docs int) error {
	rare := func() string { return l.words[1000+l.rng.IntN(30_000)] }
	common := func() string { return l.words[l.rng.IntN(50)] }
	usual := func() string { return l.words[l.pick.Uint64()] }
	classes := []struct {
		name string
		next func() string
	}{
		{"a word as people use them", func() string { return usual() + " " }},
		{"rare word", func() string { return rare() + " " }},
		{"one of the fifty commonest", func() string { return common() + " " }},
		{"two words", func() string { return usual() + " " + rare() + " " }},
		{"two common words side by side", func() string { return `"` + common() + " " + common() + `"` }},
		{"word that may go on", rare},
		{"word, of one extension", func() string { return usual() + " ext:jpg " }},
	}
	for _, g := range []struct {
		what         string
		groups       []string
		budget, goal float64
	}{{"text query", []string{"texts"}, 50, 15}, {"with names and meaning", []string{"names", "texts", "similar"}, 80, 25}} {
		for _, c := range classes {
			var times []time.Duration
			hits := 0
			for i := range r.Queries + 3 {
				in := map[string]any{"query": c.next(), "groups": g.groups, "limit": 20}
				var out struct {
					Texts   []struct{} `json:"texts"`
					Partial bool       `json:"partial"`
				}
				began := time.Now()
				if err := r.d.Call(ctx, "search.query", in, &out); err != nil {
					return err
				}
				if out.Partial {
					return fmt.Errorf("the answer to %v is partial", in)
				}
				if i >= 3 { // the first ones read the file
					times = append(times, time.Since(began))
				}
				hits += len(out.Texts)
			}
			p := percentiles(times)
			r.report.add(Row{Work: fmt.Sprintf("%s over %d texts, p95: %s", g.what, docs, c.name), Value: ms(p[1]), Unit: "ms", Budget: g.budget, Goal: g.goal,
				Note: fmt.Sprintf("p50 %.1f, p99 %.1f ms; mean %d of the 20 shown", ms(p[0]), ms(p[2]), hits/(r.Queries+3))})
		}
	}
	return nil
}
