package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/stardrive/stardrive/internal/errs"
)

// content sends a file's bytes to the owner, to be saved.
func (s *Server) content(w http.ResponseWriter, r *http.Request) error {
	var which FileRef
	if err := which.ID.UnmarshalText([]byte(r.PathValue("entry"))); err != nil {
		return errs.New(errs.Invalid, "%w", err)
	}
	return s.send(w, r, which)
}

// contentAt does the same for a file that need not be indexed.
func (s *Server) contentAt(w http.ResponseWriter, r *http.Request) error {
	which := FileRef{Path: r.URL.Query().Get("path")}
	if which.Path == "" {
		return errs.New(errs.Invalid, "say which file: path is missing").At("path")
	}
	return s.send(w, r, which)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, which FileRef) error {
	lib, err := s.library(r)
	if err != nil {
		return err
	}
	c, err := lib.OpenContent(r.Context(), which)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // opened for reading
	fileHeaders(w.Header())
	w.Header().Set("Content-Type", plainType(c.MIME))
	serveContent(w, r, c, "attachment")
	return nil
}

// preview sends a file's bytes to whoever holds a ticket, to be shown.
func (s *Server) preview(w http.ResponseWriter, r *http.Request) error {
	t, err := openTicket(s.ticketKey, r.PathValue("ticket"), s.o.Now())
	if err != nil {
		return err
	}
	lib, err := s.o.Libraries(r.Context(), string(t.library))
	if err != nil {
		return err
	}
	c, err := lib.OpenContent(r.Context(), FileRef{ID: t.entry})
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // opened for reading
	previewHeaders(w.Header(), s.pages())
	shown, disposition := shownType(plainType(c.MIME), r.Header.Get("Sec-Fetch-Dest"))
	if disposition == "attachment" {
		text, err := textType(c)
		if err != nil {
			return err
		}
		if text != "" {
			shown, disposition = text, "inline"
		}
	}
	w.Header().Set("Content-Type", shown)
	serveContent(w, r, c, disposition)
	return nil
}

func serveContent(w http.ResponseWriter, r *http.Request, c Content, disposition string) {
	w.Header().Set("Content-Disposition", dispositionOf(disposition, c.Name))
	if tag := etagOf(c.ETag); tag != "" {
		w.Header().Set("ETag", tag)
	}
	http.ServeContent(w, r, "", c.Modified, c)
}

// plainType is a well-formed media type, never a guess.
func plainType(t string) string {
	kind, params, err := mime.ParseMediaType(t)
	if err != nil || !strings.Contains(kind, "/") {
		return "application/octet-stream"
	}
	if f := mime.FormatMediaType(kind, params); f != "" {
		return f
	}
	return kind
}

// shownType decides how a browser may show a type. Documents that can hold
// scripts are shown as plain text; a drawing (SVG) only as an image, where its
// scripts never run. What no browser shows is saved, unless it is text (see
// textType).
func shownType(t, dest string) (contentType, disposition string) {
	kind, _, _ := strings.Cut(t, ";")
	major, _, _ := strings.Cut(kind, "/")
	switch {
	case kind == "image/svg+xml" && dest == "image":
		return t, "inline"
	case kind == "image/svg+xml" || kind == "application/xhtml+xml" || kind == "application/xml":
		return "text/plain; charset=utf-8", "inline"
	case major == "text" || kind == "application/json" || kind == "application/javascript":
		return "text/plain; charset=utf-8", "inline"
	case major == "image" || major == "video" || major == "audio" || kind == "application/pdf":
		return t, "inline"
	}
	return t, "attachment"
}

// textType looks at the beginning of a file whose name tells no type that can be
// shown, such as README, and returns the type of plain text if it is text, else "".
// The file is left at its start.
func textType(f io.ReadSeeker) (string, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", errs.New(errs.KindOf(err), "%w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", errs.New(errs.KindOf(err), "%w", err)
	}
	switch found := http.DetectContentType(head[:n]); {
	case strings.HasPrefix(found, "text/plain"):
		return found, nil // with the encoding that a byte order mark tells
	case strings.HasPrefix(found, "text/"):
		return "text/plain; charset=utf-8", nil
	}
	return "", nil
}

// dispositionOf names the file twice: in ASCII for old clients, in full for others.
func dispositionOf(how, name string) string {
	name = safeName(name)
	ascii := strings.Map(func(r rune) rune {
		if r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return how + `; filename="` + ascii + `"; filename*=UTF-8''` + extValue(name)
}

// extValue escapes by RFC 8187, which allows less than a URL does.
func extValue(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A").Replace(url.QueryEscape(s))
}

// safeName turns a name's bytes into a text that can stand in a header or URL.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '_'
		}
		return r
	}, name)
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	return name
}

// etagOf quotes a tag; one that cannot be quoted is left out.
func etagOf(tag string) string {
	bad := func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }
	if tag == "" || strings.ContainsFunc(tag, bad) {
		return ""
	}
	return `"` + tag + `"`
}
