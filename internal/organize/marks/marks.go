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
	// Keep has all stay that is written where these marks are to be, and that names other
	// tags: also what no tag can be, and tags of the same name below others.
	Keep bool
	more bool // what was read names more than Tags tell
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
	out := Marks{Tags: slices.Clone(ours.Tags), Stars: ours.Stars, Comment: ours.Comment, Keep: true}
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
			m.more = true
			return
		}
		if name != "" {
			t = append(t, name)
		}
	}
	switch {
	case len(t) == 0:
	case len(m.Tags) >= maxTags || m.has(t.Name()):
		m.more = true
	default:
		m.Tags = append(m.Tags, t)
	}
}

// listed are the texts that name tags where others did so far: those stay that mean the
// same, and of the others all that are to be kept.
func (m *Marks) listed(had []string, name func(text string) string, text func(name string) string) (out []string) {
	left := slices.Clone(had)
	for _, t := range m.Tags {
		at := slices.IndexFunc(left, func(l string) bool { return collate.Fold(name(l)) == collate.Fold(t.Name()) })
		if at < 0 {
			out = append(out, text(t.Name()))
			continue
		}
		out = append(out, left[at])
		left = slices.Delete(left, at, at+1)
	}
	for _, l := range left {
		if m.Keep && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
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

// Same reports whether a file that bears o is to be left as it is when it is to bear m; the
// order of tags, and what stands above them, does not count.
func (m *Marks) Same(o Marks) bool {
	if o.more && !m.Keep || m.Stars != o.Stars || m.Comment != o.Comment || len(m.Tags) != len(o.Tags) {
		return false
	}
	for _, name := range m.names() {
		if !slices.Contains(o.names(), name) {
			return false
		}
	}
	return true
}
