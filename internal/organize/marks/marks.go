// Package marks reads and writes what users add to a file in the forms in which other
// programs keep it: extended attributes of freedesktop.org and KDE, Finder tags of
// macOS, and XMP sidecars of photo programs. It is pure: bytes in, bytes out. It does
// not know the library, volumes or files, and what it does not understand of a form it
// leaves as it is.
package marks

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
)

// Marks are what a file bears.
type Marks struct {
	Tags    []Tag
	Stars   int    // 1 to 5; 0: none
	Comment string // "": none
}

// Tag is a tag by its way from the top of a tree, its own name last.
type Tag []string

// Name is the tag's own name.
func (t Tag) Name() string { return t[len(t)-1] }

// Bounds of what is read of one file.
const (
	maxTags    = 1000
	maxName    = 200
	maxComment = 256 << 10
)

// Merge is what a file is to bear: ours, and what theirs holds that ours says nothing
// of. exact: ours alone.
func Merge(ours, theirs Marks, exact bool) Marks {
	if exact {
		return ours
	}
	out := Marks{Tags: slices.Clone(ours.Tags), Stars: ours.Stars, Comment: ours.Comment}
	for _, t := range theirs.Tags {
		if !out.has(t.Name()) {
			out.Tags = append(out.Tags, t)
		}
	}
	if out.Stars == 0 {
		out.Stars = theirs.Stars
	}
	if out.Comment == "" {
		out.Comment = theirs.Comment
	}
	return out
}

func (m *Marks) has(name string) bool {
	return slices.ContainsFunc(m.Tags, func(t Tag) bool { return collate.Fold(t.Name()) == collate.Fold(name) })
}

// add takes a tag in that was read; what is none is passed over.
func (m *Marks) add(way ...string) {
	var t Tag
	for _, name := range way {
		name = strings.TrimSpace(name)
		if len(name) > maxName || strings.ContainsRune(name, '\uFFFD') { // not text, or not that of a tag
			return
		}
		if name != "" {
			t = append(t, name)
		}
	}
	if len(t) > 0 && len(m.Tags) < maxTags && !m.has(t.Name()) {
		m.Tags = append(m.Tags, t)
	}
}

func (m *Marks) comment(text string) {
	if text = strings.ToValidUTF8(text, "\uFFFD"); len(text) <= maxComment {
		m.Comment = text
	}
}

// names are the tags' own names, in their order.
func (m *Marks) names() (out []string) {
	for _, t := range m.Tags {
		out = append(out, t.Name())
	}
	return out
}

// Same reports whether two files bear the same; the order of tags, and what stands above
// them, does not count.
func (m *Marks) Same(o Marks) bool {
	if m.Stars != o.Stars || m.Comment != o.Comment || len(m.Tags) != len(o.Tags) {
		return false
	}
	for _, name := range m.names() {
		if !slices.Contains(o.names(), name) {
			return false
		}
	}
	return true
}
