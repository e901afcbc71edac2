package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/stardrive/stardrive/internal/errs"
)

// content sends a file's bytes to the owner, to be saved.
func (s *Server) content(w http.ResponseWriter, r *http.Request) error {
	which := FileRef{Member: r.URL.Query().Get("member")}
	if err := which.ID.UnmarshalText([]byte(r.PathValue("entry"))); err != nil {
		return errs.New(errs.Invalid, "%w", err)
	}
	return s.send(w, r, which)
}

// contentAt does the same for a file that need not be indexed.
func (s *Server) contentAt(w http.ResponseWriter, r *http.Request) error {
	which := FileRef{Path: r.URL.Query().Get("path"), Member: r.URL.Query().Get("member")}
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
	kind, err := typeOf(c)
	if err != nil {
		return err
	}
	fileHeaders(w.Header())
	w.Header().Set("Content-Type", kind)
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
	c, err := lib.OpenContent(r.Context(), t.file)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // opened for reading
	kind, err := typeOf(c)
	if err != nil {
		return err
	}
	previewHeaders(w.Header(), s.pages())
	shown, disposition := shownType(kind, r.Header.Get("Sec-Fetch-Dest"))
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
