package organize

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// TestFields: values of all types are given, found, cleared and undone, and follow the
// content; a renamed field keeps its values, and a deleted one comes back with them.
func TestFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b := w.file(w.vol.Root, "a", 1, 6), w.file(w.vol.Root, "b", 2, 7)
	for _, f := range []CreateFieldIn{
		{Name: "who"}, {Name: "pages", Type: NumberField}, {Name: "due", Type: DateField}, {Name: "paid", Type: BoolField},
		{Name: "state", Choices: []string{"Draft", "final"}, Namespace: "office"}, {Name: "link", Type: URLField},
	} {
		must(w, w.fieldCreate, f)
	}
	set := func(field, value, kept string) {
		t.Helper()
		must(w, w.fieldSet, SetFieldIn{Field: field, Value: value, Selection: sel(a)})
		for _, v := range must(w, w.of, one(a)).Fields {
			if v.Field.Key == field && v.Value != kept {
				t.Errorf("%s: %q is kept as %q, want %q", field, value, v.Value, kept)
			}
		}
	}
	set("who", " Mia & Tom ", "Mia & Tom")
	set("pages", "12.50", "12.5")
	set("due", "2024-03-01", "2024-03-01")
	set("due", "2024-03-01T12:00:00+02:00", "2024-03-01T10:00:00Z")
	set("paid", "Yes", "true")
	set("office.state", "draft", "Draft")
	set("link", "https://example.org/a b", "https://example.org/a%20b")
	must(w, w.fieldSet, SetFieldIn{Field: "pages", Value: "3", Selection: sel(b)})
	for query, want := range map[string]string{
		"who=mia": "a", "who==mia": "", "who==mia & tom": "a", "pages=>3": "a", "pages=3..12.5": "ab", "pages=<=3": "b", "pages=12.5": "a", "pages=x": "problem", "due=2024-03-01": "a",
		"due=2024-03-02": "", "due=soon": "problem", "paid=no": "", "paid=true": "a", "office.state=final,DRAFT": "a", "state=draft": "problem", "link=EXAMPLE": "a", "pages=*": "ab",
	} {
		key, value, _ := strings.Cut(query, "=")
		got := w.finds("field."+key, value)
		for e, name := range map[string]string{sel(a).IDs[0]: "a", sel(b).IDs[0]: "b"} {
			got = strings.ReplaceAll(got, e, name)
		}
		if got = strings.ReplaceAll(got, " ", ""); got != want {
			t.Errorf("field.%s:%s finds %q, want %q", key, value, got, want)
		}
	}
	must(w, w.fieldEdit, EditFieldIn{Field: "pages", Name: "leaves", Label: "Number of leaves"})
	before := w.dump()
	if d := must(w, w.fieldDelete, FieldIn{"leaves"}); d.Files != 2 || d.Label != "Number of leaves" {
		t.Errorf("%+v", d)
	}
	must(w, w.undo, UndoIn{})
	if d := must(w, w.fieldClear, ClearFieldIn{Field: "leaves", Selection: sel(a, b)}); d.Changed != 2 {
		t.Errorf("%+v", d)
	}
	must(w, w.undo, UndoIn{})
	if got := w.dump(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	w.hash(&a, 'A')
	w.eventually("by its content", func() bool { return w.finds("field.leaves", "12.5") == "c1" })
	w.restart()
	if got := w.finds("field.leaves", "12.5"); got != "c1" {
		t.Error(got)
	}
}

func TestFieldsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a := w.file(w.vol.Root, "a", 1, 6)
	must(w, w.fieldCreate, CreateFieldIn{Name: "n", Type: NumberField})
	must(w, w.fieldCreate, CreateFieldIn{Name: "u", Type: URLField})
	must(w, w.fieldCreate, CreateFieldIn{Name: "c", Choices: []string{"x"}})
	for _, in := range []CreateFieldIn{{Name: ""}, {Name: "a b"}, {Name: "a:b"}, {Name: "a", Type: ChoiceField}, {Name: "a", Type: TextField, Choices: []string{"x"}}, {Name: "a", Namespace: "b.c"}} {
		_, err := w.fieldCreate(t.Context(), in)
		wantKind(t, err, errs.Invalid)
	}
	_, err := w.fieldCreate(t.Context(), CreateFieldIn{Name: "N"})
	wantKind(t, err, errs.Conflict)
	for field, values := range map[string][]string{"n": {"", "x", "NaN", "Inf", "1e999"}, "u": {"javascript:alert(1)", "data:text/html,x", "example", "https://"}, "c": {"y", strings.Repeat("x", maxValue+1)}} {
		for _, v := range values {
			_, err := w.fieldSet(t.Context(), SetFieldIn{Field: field, Value: v, Selection: sel(a)})
			wantKind(t, err, errs.Invalid)
		}
	}
	_, err = w.fieldSet(t.Context(), SetFieldIn{Field: "none", Value: "1", Selection: sel(a)})
	wantKind(t, err, errs.NotFound)
	if got := w.Complete("field", ""); strings.Join(got, " ") != "c n u" {
		t.Error(got)
	}
	if got := w.Complete("field.c", ""); strings.Join(got, " ") != "x" {
		t.Error(got)
	}
}
