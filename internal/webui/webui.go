// Package webui carries the build of the web interface (web/) inside the binary
// and serves its files. It knows nothing of the API the interface talks to, nor
// of the headers that guard a page: the face that mounts it sets those.
package webui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// The build is copied to dist by `make web`. Without it the package still
// compiles and serves a page that tells how to build it.
//
//go:embed all:dist
var built embed.FS

//go:embed placeholder.html
var placeholder []byte

// Handler serves the interface. A path that is no file gets the index, because
// the interface keeps its own places (such as /browse) in the address. It
// answers GET and HEAD only and is safe for concurrent use.
func Handler() http.Handler {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path: cannot happen
	}
	return newHandler(dist)
}

// Built reports whether the interface is inside this binary, or only the
// placeholder.
func Built() bool {
	_, err := fs.Stat(built, "dist/index.html")
	return err == nil
}

type handler struct {
	files http.Handler
	dist  fs.FS
	index []byte
	etag  string
}

func newHandler(dist fs.FS) *handler {
	index, err := fs.ReadFile(dist, "index.html")
	if err != nil {
		index = placeholder
	}
	sum := sha256.Sum256(index)
	return &handler{
		files: http.FileServerFS(dist),
		dist:  dist,
		index: index,
		etag:  `"` + hex.EncodeToString(sum[:8]) + `"`,
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "pages can only be read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	switch {
	case h.isFile(name):
		h.file(w, r, name)
	case strings.HasPrefix(name, "assets/"):
		// A page of an older build asks for its old parts: an index in their place would only confuse it.
		http.NotFound(w, r)
	default:
		h.page(w, r)
	}
}

// isFile reports whether name is a file of the build, other than the index and
// the build's own dot files.
func (h *handler) isFile(name string) bool {
	if name == "" || name == "index.html" || strings.HasPrefix(path.Base(name), ".") {
		return false
	}
	info, err := fs.Stat(h.dist, name)
	return err == nil && info.Mode().IsRegular()
}

func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) {
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // the name holds a hash of the content
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	if t := mimeTypes[path.Ext(name)]; t != "" {
		w.Header().Set("Content-Type", t)
	}
	h.files.ServeHTTP(w, r)
}

// mimeTypes answer alike on every machine: Windows takes its table from the
// registry, where other programs leave wrong types that nosniff turns fatal.
var mimeTypes = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
	".json":  "application/json",
}

func (h *handler) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Etag", h.etag)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.Header.Get("If-None-Match") == h.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(h.index)
	}
}
