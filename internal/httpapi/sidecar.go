package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// retryAfter is when to ask again for a picture that is being made.
const retryAfter = 2 * time.Second

// sidecar sends a picture of a file, to be shown by our own pages. It was made by
// us, of bytes of strangers; nothing but these two types is ever sent.
func (s *Server) sidecar(w http.ResponseWriter, r *http.Request) error {
	var id ident.EntryID
	if err := id.UnmarshalText([]byte(r.PathValue("entry"))); err != nil {
		return errs.New(errs.Invalid, "%w", err)
	}
	lib, err := s.library(r)
	if err != nil {
		return err
	}
	c, err := lib.OpenSidecar(r.Context(), id, r.PathValue("kind"))
	if err != nil {
		return later(err)
	}
	defer c.Close() //nolint:errcheck // opened for reading
	if c.MIME != "image/jpeg" && c.MIME != "image/png" {
		return errs.New(errs.Internal, "a picture is of the type %q", c.MIME)
	}
	h := w.Header()
	fileHeaders(h)
	h.Set("Content-Type", c.MIME)
	if tag := etagOf(c.ETag); tag != "" {
		h.Set("ETag", tag)
		if r.URL.Query().Get("v") == c.ETag { // the address has other bytes never
			h.Set("Cache-Control", "private, max-age=31536000, immutable")
		}
	}
	http.ServeContent(w, r, "", c.Modified, c)
	return nil
}

// later tells clients when to ask again for what cannot be had now.
func later(err error) error {
	if !errs.Is(err, errs.Unavailable) {
		return err
	}
	var e *errs.Error
	if !errors.As(err, &e) {
		e = errs.New(errs.Unavailable, "%w", err)
	}
	return &refusal{status: http.StatusServiceUnavailable, retry: retryAfter, err: e}
}
