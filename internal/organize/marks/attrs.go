package marks

import (
	"bytes"
	"strconv"
	"strings"

	"howett.net/plist"

	"github.com/stardrive/stardrive/internal/errs"
)

// The attributes of freedesktop.org and KDE.
const (
	xdgTags    = "user.xdg.tags"     // names with commas between them; a slash makes a tree, for KDE
	xdgComment = "user.xdg.comment"  // text
	kdeRating  = "user.baloo.rating" // 0 to 10: two a star
)

// finderTags holds a binary property list of names, each with the number of a colour
// behind a line break.
const finderTags = "com.apple.metadata:_kMDItemUserTags"

// Attrs are extended attributes by full name.
type Attrs map[string][]byte

// FromXDG reads what attributes say.
func FromXDG(a Attrs) (m Marks) {
	for name := range strings.SplitSeq(strings.ToValidUTF8(string(a[xdgTags]), "\uFFFD"), ",") {
		m.add(strings.Split(name, "/")...)
	}
	if n, err := strconv.Atoi(string(a[kdeRating])); err == nil && n > 0 && n <= 10 {
		m.Stars = (n + 1) / 2
	}
	m.comment(string(a[xdgComment]))
	return m
}

// ToXDG returns the attributes that say m; nil: that attribute is not to be there. A
// rating or comment in was that says so already stays as it is: KDE has half stars.
func ToXDG(m Marks, was Attrs) Attrs {
	said := FromXDG(was)
	a := Attrs{xdgTags: nil, xdgComment: nil, kdeRating: nil}
	if all := m.listed(strings.FieldsFunc(string(was[xdgTags]), func(r rune) bool { return r == ',' }), ownName, strings.Clone); len(all) > 0 {
		a[xdgTags] = []byte(strings.Join(all, ","))
	}
	switch {
	case m.Stars == said.Stars:
		a[kdeRating] = was[kdeRating]
	case m.Stars > 0:
		a[kdeRating] = strconv.AppendInt(nil, int64(2*m.Stars), 10)
	}
	switch {
	case m.Comment == said.Comment:
		a[xdgComment] = was[xdgComment]
	case m.Comment != "":
		a[xdgComment] = []byte(m.Comment)
	}
	return a
}

// ownName is what a tag is called itself, of a text with what stands above it.
func ownName(text string) string { return strings.TrimSpace(text[strings.LastIndexByte(text, '/')+1:]) }

// Finder reads and writes Finder tags, which have no rating and no comment. Where is
// the attribute's name on a system: macOS takes it as it is, others want "user." before
// it, as file servers write it there.
type Finder struct{ Where string }

// FinderOn is Finder for a system, such as runtime.GOOS.
func FinderOn(system string) Finder {
	if system == "darwin" {
		return Finder{finderTags}
	}
	return Finder{"user." + finderTags}
}

// From reads what the attribute says. Errors: errs.Invalid, where it is none of Finder's.
func (f Finder) From(a Attrs) (m Marks, err error) {
	lines, err := f.lines(a)
	for _, l := range lines {
		name, _, _ := strings.Cut(l, "\n")
		m.add(name)
	}
	return m, err
}

func (f Finder) lines(a Attrs) (lines []string, err error) {
	b := a[f.Where]
	if len(b) == 0 {
		return nil, nil
	}
	if len(b) > maxComment || !bytes.HasPrefix(b, []byte("bplist00")) {
		return nil, errs.New(errs.Invalid, "its Finder tags cannot be read")
	}
	if _, err := plist.Unmarshal(b, &lines); err != nil {
		return nil, errs.New(errs.Invalid, "its Finder tags cannot be read: %w", err)
	}
	return lines, nil
}

// To returns the attribute that says the tags of m; those that it had so far keep their
// colours.
func (f Finder) To(m Marks, was Attrs) (Attrs, error) {
	if len(m.Tags) == 0 && !m.Keep {
		return Attrs{f.Where: nil}, nil
	}
	had, err := f.lines(was)
	if err != nil {
		return nil, err
	}
	name := func(line string) string {
		name, _, _ := strings.Cut(line, "\n")
		return strings.TrimSpace(name)
	}
	lines := m.listed(had, name, func(name string) string { return name + "\n0" })
	if len(lines) == 0 {
		return Attrs{f.Where: nil}, nil
	}
	b, err := plist.Marshal(lines, plist.BinaryFormat)
	if err != nil {
		return nil, errs.New(errs.Internal, "Finder tags cannot be written: %w", err)
	}
	return Attrs{f.Where: b}, nil
}
