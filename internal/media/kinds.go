package media

import (
	"fmt"
	"strings"
)

// sort says how a kind of sidecar is made and kept.
type sort struct {
	version    int  // of the way it is made: what an older one made is made again
	background bool // made by jobs; the others when somebody asks first
	side       int  // of a picture: pixels of its longer side; 0: it is no picture
}

// sorts are all kinds of sidecars.
var sorts = map[Kind]sort{
	FactsOf:   {version: 1, background: true},
	TextOf:    {version: 1, background: true},
	Thumb256:  {version: 1, background: true, side: 256},
	Thumb512:  {version: 1, side: 512},
	Thumb1024: {version: 1, side: 1024},
	Strip:     {version: 1, side: 256},
}

// order in which kinds are listed and asked for.
var order = []Kind{FactsOf, TextOf, Thumb256, Thumb512, Thumb1024, Strip}

// Enum lists the kinds.
func (Kind) Enum() []string {
	out := make([]string, len(order))
	for i, k := range order {
		out[i] = string(k)
	}
	return out
}

// TypeName is what clients call the type.
func (Kind) TypeName() string { return "SidecarKind" }

// rule says what is derived of contents.
type rule struct {
	kinds []string // in the words of package filekind
	types []string // beginnings of media types, where the kind does not tell
	want  []Kind
}

var (
	seen  = []Kind{FactsOf, TextOf, Thumb256, Thumb512, Thumb1024}
	moves = append(seen[:len(seen):len(seen)], Strip)
	words = []Kind{FactsOf, TextOf}
)

// rules are gone through from the top; the first that fits holds. What fits none
// has nothing derived.
var rules = []rule{
	{[]string{"image"}, []string{"image/"}, seen},
	{[]string{"video"}, []string{"video/"}, moves},
	{[]string{"audio"}, []string{"audio/"}, seen}, // the cover
	{[]string{"document", "book"}, []string{"application/pdf", "application/epub", "application/msword", "application/rtf",
		"application/vnd.openxmlformats-", "application/vnd.oasis.", "application/vnd.ms-"}, seen},
	{[]string{"font"}, []string{"font/", "application/font", "application/vnd.ms-opentype"}, []Kind{FactsOf, Thumb256, Thumb512, Thumb1024}},
	{[]string{"text", "code", "config", "mail", "subtitle"}, []string{"text/", "message/", "application/json", "application/xml",
		"application/javascript", "application/mbox", "application/x-subrip", "application/toml", "application/yaml", "application/x-sh"}, words},
	{[]string{"archive", "package"}, []string{"application/zip", "application/x-tar", "application/gzip", "application/x-7z",
		"application/x-bzip", "application/x-xz", "application/zstd", "application/vnd.rar", "application/java-archive"}, words},
}

// wanted returns what can be derived of a content, in order.
func wanted(kind, mime string) []Kind {
	for _, r := range rules {
		for _, k := range r.kinds {
			if k == kind {
				return r.want
			}
		}
	}
	for _, r := range rules {
		for _, t := range r.types {
			if strings.HasPrefix(mime, t) {
				return r.want
			}
		}
	}
	return nil
}

// generation tells one set of versions of what jobs make from another.
func generation() string {
	var b strings.Builder
	for _, k := range order {
		if s := sorts[k]; s.background {
			fmt.Fprintf(&b, "%s.%d ", k, s.version)
		}
	}
	return b.String()
}
