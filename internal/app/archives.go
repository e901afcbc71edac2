package app

import (
	"context"

	"github.com/stardrive/stardrive/internal/browse/packed"
	"github.com/stardrive/stardrive/internal/extract/members"
	"github.com/stardrive/stardrive/internal/httpapi"
)

// newPacked makes what looks into the archives of the library.
func (r *runtime) newPacked(d *daemon) {
	var reader members.Reader
	if d.decoder.Decoder != nil { // there is none where nothing is looked into
		reader = d.decoder.Archives()
	}
	r.packed = packed.New(packed.Options{
		Reader: reader, Kinds: r.catalog.Kinds,
		Open: func(ctx context.Context, id, path string) (packed.File, error) {
			f, err := r.browse.Open(ctx, id, path)
			if err != nil {
				return packed.File{}, err
			}
			return packed.File{ReaderAt: f, Closer: f, Name: f.Name, Path: f.Entry.Path, Size: f.Seen.Size, Tag: f.ETag()}, nil
		},
	})
}

// openMember opens a file that stands in an archive.
func (r *runtime) openMember(ctx context.Context, id string, which httpapi.FileRef) (httpapi.Content, error) {
	m, err := r.packed.Open(ctx, id, which.Path, which.Member)
	if err != nil {
		return httpapi.Content{}, err
	}
	return httpapi.Content{ReadSeekCloser: m, Name: m.Name, MIME: m.MIME, Modified: m.Modified, ETag: m.Tag}, nil
}
