package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/search"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// textsChanged tells that texts can be found that could not be before, or cannot
// be any more.
var textsChanged = event.Topic[None]{Name: "search.texts", Key: func(None) string { return "" }}

// newSearch makes what finds the entries of the library.
func (d *daemon) newSearch(r *runtime, l *library.Library, at places, log *slog.Logger) error {
	changed := func() { event.Publish(r.bus, textsChanged, None{}) }
	r.meaning = d.embedder(changed)
	words, err := fulltext.New(fulltext.Options{
		Path: filepath.Join(l.Path, "text.db"), Folder: filepath.Join(l.Path, "texts"), Vectors: filepath.Join(l.Path, "meaning.vec"), Log: log,
		Library: string(l.ID), Known: r.knownTexts, Lost: r.lostTexts,
		Meaning: r.meaning, Changed: changed, Way: r.catalog.Way,
	})
	if err != nil {
		return err
	}
	r.words, r.texts = words, texts{words}
	r.search = search.New(search.Options{
		Catalog: r.catalog, Bus: r.bus, Path: filepath.Join(l.Path, "names.index"), Library: l.ID, Ground: at.Ground, Folder: r.browse.Folder,
		Resolve: at.Resolve, Entry: at.entry, Texts: words, TextsDue: r.textsDue, Rested: d.thrift.jobEnded, Log: log,
	})
	return nil
}

// entry finds what the catalogue has at a path. Errors: errs.NotFound.
func (p places) entry(ctx context.Context, path string) (id ident.EntryID, err error) {
	at, err := p.Resolve(ctx, path, true)
	if err != nil {
		return 0, err
	}
	err = p.catalog.Read(ctx, func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity(at.Identity)
		if err != nil {
			return err
		}
		e, err := r.Lookup(v.Root, at.Path)
		id = e.ID
		return err
	})
	return id, err
}

// textsDue reports whether files are being read whose texts are not found yet.
func (r *runtime) textsDue(ctx context.Context) bool {
	open, err := r.jobs.List(ctx, job.Filter{Kind: "media.derive", States: []job.State{job.Running, job.Queued}, Limit: 1})
	return err == nil && len(open) > 0
}

// knownTexts calls fn with the contents whose texts the index should have.
func (r *runtime) knownTexts(ctx context.Context, fn func(id int64, hash fulltext.Hash) error) error {
	return r.media.EachText(ctx, func(id ident.ContentID, h catalog.Hash) error { return fn(int64(id), fulltext.Hash(h)) })
}

// lostTexts has texts made again that the index does not have any more.
func (r *runtime) lostTexts(ctx context.Context, contents []int64) error {
	ids := make([]ident.ContentID, len(contents))
	for i, c := range contents {
		ids[i] = ident.ContentID(c)
	}
	return r.media.LostTexts(ctx, ids)
}

// texts fits the index of texts to what derives them.
type texts struct{ *fulltext.Index }

// Put keeps the words of contents.
func (t texts) Put(ctx context.Context, words []media.Words) error {
	docs := make([]fulltext.Document, len(words))
	for i, w := range words {
		docs[i] = fulltext.Document{ID: int64(w.Content), Hash: fulltext.Hash(w.Hash), Title: w.Title, Body: bodyOf(&w), Place: placeOf(&w)}
	}
	return t.Index.Put(ctx, docs)
}

// Drop forgets contents.
func (t texts) Drop(ctx context.Context, contents []ident.ContentID) error {
	ids := make([]int64, len(contents))
	for i, c := range contents {
		ids[i] = int64(c)
	}
	return t.Index.Drop(ctx, ids)
}

// bodyOf is all that a content is found by: its text, and what is known of it in
// words.
func bodyOf(w *media.Words) string {
	var parts []string
	add := func(some ...string) {
		for _, s := range some {
			if s = strings.TrimSpace(s); s != "" {
				parts = append(parts, s)
			}
		}
	}
	if f := w.Facts; f != nil {
		add(f.Caption, strings.Join(f.Keywords, ", "), f.Subject, f.Author, f.Artist, f.Album, f.Genre, f.Camera, f.Lens, f.Family)
		if f.Year != 0 {
			add(strconv.Itoa(f.Year))
		}
		if f.Title != w.Title {
			add(f.Title)
		}
	}
	if w.Text.Title != w.Title {
		add(w.Text.Title)
	}
	known := strings.Join(parts, " · ")
	if strings.TrimSpace(w.Text.Body) == "" || known == "" {
		return known + w.Text.Body
	}
	return w.Text.Body + "\n\n" + known // so that pages keep their numbers
}

// placeOf are words of a copy's name and folders.
func placeOf(w *media.Words) string {
	name := strings.TrimSuffix(w.Name, "."+filekind.Extension(w.Name))
	return strings.Join(append([]string{name}, w.Path...), " ")
}
