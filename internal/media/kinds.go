package media

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/filekind"
)

// sort says how a kind of sidecar is made and kept.
type sort struct {
	version    int  // of the way it is made: what an older one made is made again
	background bool // made by jobs; the others when somebody asks first
	side       int  // of a picture: pixels of its longer side; 0: it is no picture
}

// sorts are all kinds of sidecars.
var sorts = map[Kind]sort{
	FactsOf:   {version: 2, background: true},
	TextOf:    {version: 2, background: true},
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

var (
	seen  = []Kind{FactsOf, TextOf, Thumb256, Thumb512, Thumb1024}
	moves = append(seen[:len(seen):len(seen)], Strip)
	words = []Kind{FactsOf, TextOf}
)

// wants is what can be derived of contents of a kind. Of kinds that do not stand
// here, nothing is: of keys, so that nobody finds them by their words. See also secret.
var wants = map[filekind.Kind][]Kind{
	filekind.Image:    seen,
	filekind.Video:    moves,
	filekind.Audio:    seen, // the cover
	filekind.Document: seen,
	filekind.Book:     seen,
	filekind.Font:     {FactsOf, Thumb256, Thumb512, Thumb1024},
	filekind.Text:     words,
	filekind.Subtitle: words,
	filekind.Code:     words,
	filekind.Config:   words,
	filekind.Link:     words,
	filekind.Mail:     words,
	filekind.Archive:  words,
	filekind.Package:  words,
}

// wanted returns what can be derived of a content whose kind has this name, in order.
func wanted(kind string) []Kind {
	k, _ := filekind.Parse(kind)
	return wants[k]
}

// wantedKinds are the names of the kinds of which something can be derived.
func wantedKinds() []string {
	var names []string
	for k := range wants {
		names = append(names, k.String())
	}
	slices.Sort(names)
	return names
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
