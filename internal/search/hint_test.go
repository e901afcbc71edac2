package search

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// TestHintsOfWhatIsMeant: what other programs take, and what is written otherwise
// here, is read as it stands, with a hint of what to write; what is right has none.
func TestHintsOfWhatIsMeant(t *testing.T) {
	a := noonAround
	a.known = map[string]*among{}
	a.home = "/me"
	a.folder = func(path string) (ident.EntryID, error) {
		if path == "/home" || path == "/me/Photos" {
			return 2, nil
		}
		return 0, errs.New(errs.NotFound, "no such folder").At(path)
	}
	a.file = func(path string) error {
		if path == "/home/report.txt" {
			return nil
		}
		return errs.New(errs.NotFound, "no such file").At(path)
	}
	for _, c := range []struct {
		query, read string
		hinted      string // the piece of the query
		text        string // in its hint
	}{
		{"size:>10 mb", `(and pick "mb")`, "mb", "size:>10mb"},
		{"é size:1..2 GiB x", `(and "e" pick "gib" "x")`, "GiB", "size:1..2gib"},
		{"size:>5 bytes", `(and pick "bytes")`, "bytes", "size:>5b"},
		{"duration:>5 min", `(and among "min")`, "min", "duration:>5min"},
		{"size: >10mb", `(and "size:" ">10mb")`, "size", "size:>10mb"},
		{"a (Kind: image", `(and "a" "(kind:" "image")`, "Kind", "kind:image"},
		{"Kind:image", "class", "Kind", "kind:"},
		{"-KIND:image x", `(and (not class) "x")`, "KIND", "kind:"},
		{"Re:invoice", `"re:invoice"`, "Re", "small letters"},
		{"beach or lake", `(and "beach" "or" "lake")`, "or", "OR in capitals"},
		{"(beach Or lake)", `(and "(beach" "or" "lake)")`, "Or", "OR in capitals"},
		{"OR beach", `(and "or" "beach")`, "OR", "between"},
		{"beach OR", `(and "beach" "or")`, "OR", "between"},
		{"beach AND lake", `(and "beach" "and" "lake")`, "AND", "leave it out"},
		{"beach && lake", `(and "beach" "&&" "lake")`, "&&", "leave it out"},
		{"beach NOT lake", `(and "beach" "not" "lake")`, "NOT", "-word"},
		{"beach || lake", `(and "beach" "||" "lake")`, "||", "write OR"},
		{"type:image", `"type:image"`, "type", "kind:image"},
		{"before:2024 x", `(and "before:2024" "x")`, "before", "modified:<"},
		{"in:~/Photos x", `(and below "x")`, "", ""},
		{"in:~/photos x", `(and search.nothing "x")`, "in:~/photos", "/me/photos"},
		{"in:~ x", `(and search.nothing "x")`, "in:~", "no such folder"},
		{"-in:/gone x", `(and (not search.nothing) "x")`, "in:/gone", "no such folder"},
		{"in:photos x", `(and "in:photos" "x")`, "in:photos", "path:photos/"},
		{"similar:/nonexistent", "search.nothing", "similar:/nonexistent", "no such file"},
		{"similar:/home/report.txt", "among", "", ""},
		{"in:/home beach OR lake kind:image size:>10mb -x modified:2024", "or", "", ""},
		{"salt and pepper", `(and "salt" "and" "pepper")`, "", ""},
		{"NOT", `"not"`, "", ""},
		{"or", `"or"`, "", ""},
		{"kind:", `"kind:"`, "", ""},
		{"re: invoice", `(and "re:" "invoice")`, "re", "re:invoice"},
		{"name:Kind:image", `"kind:image"`, "", ""},
		{"mb 5", `(and "mb" "5")`, "", ""},
		{"nota:me C:", `(and "nota:me" "c:")`, "", ""},
	} {
		q, hints, _ := parse(c.query, a, 0, false)
		if got := show(q.fits); got != c.read && !strings.HasPrefix(got, "("+c.read+" ") {
			t.Errorf("%q is read as %s, want %s", c.query, got, c.read)
		}
		if c.hinted == "" {
			if len(hints) > 0 {
				t.Errorf("%q: %v", c.query, hints)
			}
			continue
		}
		if len(hints) != 1 || string([]rune(c.query)[hints[0].At:hints[0].At+hints[0].Length]) != c.hinted || !strings.Contains(hints[0].Text, c.text) {
			t.Errorf("%q: hints %+v, want one at %q with %q", c.query, hints, c.hinted, c.text)
		}
	}
}

// TestFieldOfAnyLength: a letter that becomes a shorter one in small letters cuts no
// query at a wrong place.
func TestFieldOfAnyLength(t *testing.T) {
	q, _, _ := parse("\u212aind:\"a b\" c", noonAround, 0, false) // the Kelvin sign
	if got := show(q.fits); got != `(and "kind:\"a b\"" "c")` {
		t.Error(got)
	}
}
