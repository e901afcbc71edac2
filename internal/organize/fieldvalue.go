package organize

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// addresses are the schemes of addresses that may be kept: none of them runs
// anything when it is followed.
var addresses = []string{"http", "https", "ftp", "mailto", "file", "sd"}

const (
	yes = "true"
	no  = "false"
)

// readValue reads a value as it is typed, and returns it as it is kept.
// Errors: errs.Invalid.
func (s *Service) readValue(o *object, typed string) (string, error) {
	text := strings.TrimSpace(typed)
	if text == "" || len(text) > maxValue || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return "", errs.New(errs.Invalid, "a value is text of 1 to %d bytes", maxValue).Try("To take it away: stardrive field clear")
	}
	switch fieldType(o) {
	case NumberField:
		if n, ok := numberOf(text); ok {
			return strconv.FormatFloat(n, 'g', -1, 64), nil
		}
		return "", wrongValue(o, typed, "12 or -3.5")
	case DateField:
		if at, ok := dateOf(text); ok {
			return at, nil
		}
		return "", wrongValue(o, typed, "2024-03-01 or 2024-03-01T12:00:00Z")
	case BoolField:
		if v, ok := boolOf(text); ok {
			return v, nil
		}
		return "", wrongValue(o, typed, "yes or no")
	case ChoiceField:
		for _, c := range o.choices() {
			if collate.Fold(c) == collate.Fold(text) {
				return c, nil
			}
		}
		return "", wrongValue(o, typed, strings.Join(o.choices(), ", "))
	case URLField:
		if u, err := url.Parse(text); err == nil && slices.Contains(addresses, u.Scheme) && (u.Host != "" || u.Opaque != "" || u.Path != "") {
			return u.String(), nil
		}
		return "", wrongValue(o, typed, "https://example.org/page")
	case TextField:
	}
	return text, nil
}

func wrongValue(o *object, typed, such string) error {
	return errs.New(errs.Invalid, "%q is no value of the field %q, which is of the type %s", typed, nameOf(o), fieldType(o)).Try("Write it such as " + such + ".")
}

func numberOf(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

func boolOf(text string) (string, bool) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return yes, true
	case "false", "no", "off", "0":
		return no, true
	}
	return "", false
}

// dateOf reads a day, or a moment, which is kept in UTC.
func dateOf(text string) (string, bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Format(time.DateOnly), true
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC().Format(time.RFC3339), true
	}
	return "", false
}

// momentOf is when a date that is kept begins, in nanoseconds since 1970.
func momentOf(kept string, zone *time.Location) (int64, bool) {
	t, err := time.ParseInLocation(time.DateOnly, kept, zone)
	if err != nil {
		t, err = time.Parse(time.RFC3339, kept)
	}
	return t.UnixNano(), err == nil && t.Year() > 1677 && t.Year() < 2262
}

// findValue finds what has a value of a custom field that fits.
func (s *Service) findValue(key, value string) (find finder, problem string) {
	var o *object
	var fits func(kept string) bool
	s.model.look(func(*tree) {
		var err error
		if o, err = s.model.field(key); err != nil {
			problem = "no custom field is named " + key
			return
		}
		fits, problem = s.fits(o, strings.TrimSpace(value))
	})
	if problem != "" {
		return nil, problem
	}
	return func(_ context.Context, content, entry func(int64)) error {
		s.model.look(func(*tree) {
			for f, kept := range s.model.values[o.id] {
				if fits(kept) {
					f.found(content, entry)
				}
			}
		})
		return nil
	}, ""
}

// fits reads what of a search stands behind the colon.
func (s *Service) fits(o *object, value string) (fits func(kept string) bool, problem string) {
	if value == "*" {
		return func(string) bool { return true }, ""
	}
	switch fieldType(o) {
	case NumberField:
		from, to, ok := numberRange(value)
		if !ok {
			return nil, "this is no number; such as 4, >=4.5, <3, 2..4"
		}
		return func(kept string) bool {
			n, ok := numberOf(kept)
			return ok && from.below(n) && to.above(n)
		}, ""
	case DateField:
		from, to, ok := s.When(value, s.Now())
		if !ok {
			return nil, "this is no time; such as 2024, 2024-03, <30d, today, 2023..2024-06"
		}
		zone := s.Now().Location()
		return func(kept string) bool {
			at, ok := momentOf(kept, zone)
			return ok && from <= at && at < to
		}, ""
	case BoolField:
		want, ok := boolOf(value)
		if !ok {
			return nil, "this is neither yes nor no"
		}
		return func(kept string) bool { return kept == want }, ""
	case ChoiceField:
		wanted := strings.Split(collate.Fold(value), ",")
		return func(kept string) bool { return slices.Contains(wanted, collate.Fold(kept)) }, ""
	case TextField, URLField:
	}
	if whole, exact := strings.CutPrefix(value, "="); exact {
		whole = collate.Fold(whole)
		return func(kept string) bool { return collate.Fold(kept) == whole }, ""
	}
	folded := collate.Fold(value)
	return func(kept string) bool { return strings.Contains(collate.Fold(kept), folded) }, ""
}

// bound is one end of a range.
type bound struct {
	at   float64
	open bool // the number itself is outside
}

func (b bound) below(n float64) bool { return b.at < n || b.at == n && !b.open }
func (b bound) above(n float64) bool { return b.at > n || b.at == n && !b.open }

// numberRange reads a number or a range of numbers: "5", ">5", "<=2", "5..9".
func numberRange(text string) (from, to bound, ok bool) {
	if a, b, ranged := strings.Cut(text, ".."); ranged {
		least, ok1 := numberOf(a)
		most, ok2 := numberOf(b)
		return bound{at: least}, bound{at: most}, ok1 && ok2
	}
	at := strings.TrimLeft(text, "<>=")
	n, ok := numberOf(at)
	least, most := bound{at: math.Inf(-1)}, bound{at: math.Inf(1)}
	switch text[:len(text)-len(at)] {
	case "", "=":
		return bound{at: n}, bound{at: n}, ok
	case ">":
		return bound{n, true}, most, ok
	case ">=":
		return bound{at: n}, most, ok
	case "<":
		return least, bound{n, true}, ok
	case "<=":
		return least, bound{at: n}, ok
	}
	return least, most, false
}
