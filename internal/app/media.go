package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/browse"
	"github.com/stardrive/stardrive/internal/content"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/httpapi"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize"
)

// sidecarsMade is told when something was derived of a file: a picture that was
// not there a moment ago may be.
var sidecarsMade = event.Topic[media.News]{Name: "sidecar.made", Key: func(n media.News) string { return fmt.Sprint(n.Content, n.Kinds) }}

// newMedia makes what looks into the files of the library. Where it gives texts
// to is set when that is there.
func (d *daemon) newMedia(r *runtime, l *library.Library, at steady, log *slog.Logger) {
	r.media = media.New(media.Options{
		Catalog: r.catalog, Volumes: at, Bus: r.bus, Decoder: d.decoder.Decoder, Folder: filepath.Join(l.Path, "sidecars"),
		Entry: func(ctx context.Context, path string) (id ident.EntryID, err error) {
			info, err := r.browse.Info(ctx, browse.Which{Path: path})
			if err == nil && info.ID == "" {
				err = errs.New(errs.Unsupported, "this file is not indexed").At(path).Try("Index its folder with: stardrive location add FOLDER")
			}
			if err == nil {
				err = id.UnmarshalText([]byte(info.ID))
			}
			return id, err
		},
		News:   func(n media.News) { event.Publish(r.bus, sidecarsMade, n) },
		Budget: d.settings.SidecarBudget, OCR: d.settings.OCR, Log: log,
		Identify: func(ctx context.Context, entry ident.EntryID) (ident.ContentID, error) {
			c, err := r.content.Know(ctx, entry)
			return c.ID, err
		},
		Soon: r.content.Soon, Waits: r.index.Waits,
	})
}

// EntryInfo is an entry with what is above it, and what is in it.
type EntryInfo struct {
	browse.Info
	Content  *content.About `json:"content,omitempty" jsonschema:"what its bytes are, if they were read"`
	Facts    *media.Facts   `json:"facts,omitempty" jsonschema:"what is known of what is in it"`
	Sidecars []media.Brief  `json:"sidecars,omitempty" jsonschema:"what was derived of it"`
	// Added is what organize.of shows.
	Added *organize.About `json:"added,omitempty" jsonschema:"what was added to it: tags, a rating, a note, values of custom fields"`
}

// infoOps shows entries with what the domains know of them.
func (r *runtime) infoOps() []op.Def {
	return []op.Def{
		op.NewQuery("entry.info", "Show one entry", func(ctx context.Context, in browse.Which) (out EntryInfo, err error) {
			if out.Info, err = r.browse.Info(ctx, in); err != nil || out.ID == "" {
				return out, err
			}
			var id ident.EntryID
			if err := id.UnmarshalText([]byte(out.ID)); err != nil {
				return out, err
			}
			added, err := r.organize.About(ctx, out.ID)
			if err != nil {
				return out, err
			}
			out.Added = added
			about, ok, err := r.content.About(ctx, id)
			if err != nil || !ok {
				return out, err
			}
			beside, err := r.media.About(ctx, about.ID)
			out.Content, out.Facts, out.Sidecars = &about, beside.Facts, beside.Sidecars
			return out, err
		}, op.Example("stardrive info ~/Photos/beach.jpg")),
	}
}

// OpenSidecar opens a picture of a file.
func (r *runtime) OpenSidecar(ctx context.Context, id ident.EntryID, kind string) (httpapi.Content, error) {
	s, err := r.media.Get(ctx, id, media.Kind(kind))
	if err != nil {
		return httpapi.Content{}, err
	}
	return httpapi.Content{ReadSeekCloser: s.File, MIME: s.MIME, Modified: s.Made, ETag: s.Tag}, nil
}
