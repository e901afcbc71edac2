package organize

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

var colourRE = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// checkName makes sure that a text can be a name: what people see, and nothing that
// hides or that a query could not hold.
func checkName(what, name string, limit int) (string, error) {
	name = strings.TrimSpace(name)
	hidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	switch {
	case name == "" || len(name) > limit:
		return "", errs.New(errs.Invalid, "%s has 1 to %d bytes", what, limit).Try("Choose another name.")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, hidden):
		return "", errs.New(errs.Invalid, "%s holds signs that cannot be seen", what).Try("Choose another name.")
	case strings.ContainsAny(name, `/",`):
		return "", errs.New(errs.Invalid, "%s may not hold a slash, a comma or a quote", what).Try("Choose another name.")
	}
	return name, nil
}

// look checks what a tag looks like.
func checkLook(colour, icon, about string) error {
	switch {
	case colour != "" && !colourRE.MatchString(colour):
		return errs.New(errs.Invalid, "%q is no colour", colour).Try("Write it such as #3b82f6.")
	case len(icon) > maxName || !utf8.ValidString(icon):
		return errs.New(errs.Invalid, "an icon has up to %d bytes", maxName)
	case len(about) > maxAbout || !utf8.ValidString(about):
		return errs.New(errs.Invalid, "a description has up to %d bytes", maxAbout)
	}
	return nil
}

// plan makes the changes to one target.
type plan struct {
	target  string
	changes []merge.Change
}

func (c *plan) set(field, value string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field}, Value: value, Drop: value == ""})
}

func (c *plan) add(field, member string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field, Member: member}})
}

func (c *plan) drop(field, member string) {
	c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: field, Member: member}, Drop: true})
}

// dropAll takes all away that is known of a tag or the like.
func (c *plan) dropAll(o *object) {
	for _, field := range slices.Sorted(maps.Keys(o.one)) {
		c.drop(field, "")
	}
	for _, field := range slices.Sorted(maps.Keys(o.sets)) {
		for _, member := range slices.Sorted(maps.Keys(o.sets[field])) {
			c.drop(field, member)
		}
	}
}

// planTag has fn plan changes of tags with the tree before it. undo takes them back.
func (s *Service) planTag(ctx context.Context, title string, fn func(t *tree) ([]merge.Change, error)) (undo string, err error) {
	id, err := s.change(ctx, title, func(*page) (changes []merge.Change, err error) {
		s.model.look(func(t *tree) { changes, err = fn(t) })
		return changes, err
	})
	return undoText(id), err
}

// undoText is what takes a change back, as answers have it; "": nothing was changed.
func undoText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
