package app

import (
	"context"
	"io"
	"log/slog"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/fileops/upload"
	"github.com/stardrive/stardrive/internal/httpapi"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/library"
)

// newUploads makes what takes files from browsers.
func (r *runtime) newUploads(l *library.Library, at places, log *slog.Logger) {
	r.uploads = upload.New(upload.Options{DB: l.DB, Volumes: at, Plans: r.plans, Log: log})
}

// staged tells of a folder of an upload that a walk came by.
func (r *runtime) staged(v ident.VolumeID, path string) {
	_ = r.catalog.Read(context.Background(), func(c *catalog.Reader) error {
		vol, err := c.Volume(v)
		if err == nil {
			r.uploads.Staged(catalog.Spot{Volume: vol.Identity, Path: path})
		}
		return err
	}) // the next walk tells of it again
}

// Receive takes a piece of an upload.
func (r *runtime) Receive(ctx context.Context, p httpapi.Piece, body io.Reader) (got int64, err error) {
	return r.uploads.Receive(ctx, p.Upload, p.File, p.Offset, p.Sum, body)
}

// OpenZip returns an archive that was prepared.
func (r *runtime) OpenZip(_ context.Context, id string) (httpapi.Zip, error) {
	name, write, err := r.files.Download(id)
	return httpapi.Zip{Name: name, Write: write}, err
}
