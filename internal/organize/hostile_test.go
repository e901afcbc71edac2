package organize

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// TestHostileExports: parents in a circle, 100,000 aliases of one tag, notes of any size and
// names that no tag can have: an import takes what an operation could have made, refuses the
// rest with its line, and what came of it is still a tree that answers at once.
func TestHostileExports(t *testing.T) {
	t.Parallel()
	const head = `{"stardrive":"what users added","version":1}` + "\n"
	line := func(target, field, member, value string) string {
		return fmt.Sprintf(`{"target":%q,"field":%q,"member":%q,"value":%q}`+"\n", target, field, member, value)
	}
	w := newWorld(t, "")
	var circle strings.Builder
	circle.WriteString(head)
	for i := range 1000 {
		id := fmt.Sprintf("t:%d", i)
		circle.WriteString(line(id, "is", "", "tag") + line(id, "name", "", fmt.Sprint("tag ", i)) + line(id, "parent", fmt.Sprintf("t:%d", (i+1)%1000), ""))
	}
	if _, err := w.take(t.Context(), strings.NewReader(circle.String())); err != nil {
		t.Fatal(err)
	}
	tree := must(w, w.tagTree, TreeIn{})
	idle := 0
	for _, tag := range tree.Items {
		idle += len(tag.Idle)
	}
	if len(tree.Items) != 1000 || idle != 1 {
		t.Errorf("a circle of 1,000 makes a tree of %d with %d idle parents", len(tree.Items), idle)
	}
	if _, err := w.tagMove(t.Context(), MoveTagIn{Tag: "tag 5", To: "tag 5"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("below itself: %v", err)
	}

	var aliases strings.Builder
	aliases.WriteString(head)
	many := CreateTagIn{Name: "many"}
	for i := range 100_000 {
		aliases.WriteString(line("t:1", "alias", fmt.Sprint("alias ", i), ""))
		many.Aliases = append(many.Aliases, fmt.Sprint("a", i))
	}
	if _, err := w.tagCreate(t.Context(), many); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "1000") {
		t.Errorf("100,000 aliases: %v", err)
	}
	if _, err := w.take(t.Context(), strings.NewReader(aliases.String())); !errs.Is(err, errs.Invalid) {
		t.Errorf("100,000 aliases imported: %v", err)
	}

	for _, name := range []string{"left", "right"} {
		some := CreateTagIn{Name: name}
		for i := range maxAliases {
			some.Aliases = append(some.Aliases, fmt.Sprint(name, " ", i))
		}
		must(w, w.tagCreate, some)
	}
	if _, err := w.tagMerge(t.Context(), MergeTagsIn{Into: "left", Tags: []string{"right"}}); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "1000") {
		t.Errorf("2,000 aliases by merging: %v", err)
	}
	if _, err := w.tagEdit(t.Context(), EditTagIn{Tag: "left", AddAliases: []string{"one more"}}); !errs.Is(err, errs.Invalid) {
		t.Errorf("one alias more: %v", err)
	}
	must(w, w.tagCreate, CreateTagIn{Name: "below", Parents: []string{"left"}})
	if _, err := w.tagMove(t.Context(), MoveTagIn{Tag: "left", To: "below"}); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Errorf("below its own child: %v", err)
	}

	e := w.file(w.vol.Root, "a", 10, 5)
	if _, err := w.noteSet(t.Context(), SetNoteIn{One: one(e), Text: strings.Repeat("x", maxNote+1)}); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Errorf("a huge note: %v", err)
	}
	must(w, w.noteSet, SetNoteIn{One: one(e), Text: strings.Repeat("\x01é", maxNote/3)})
	for _, name := range []string{"", " ", "a/b", "a,b", "\xff", "a\u202eb", "a\x00", strings.Repeat("n", maxName+1), "\u200f"} {
		if _, err := w.tagCreate(t.Context(), CreateTagIn{Name: name}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	first := w.exported() // the largest note is a line that can be read again
	n := newWorld(t, "")
	if _, err := n.take(t.Context(), strings.NewReader(first)); err != nil {
		t.Fatal(err)
	}
	if n.exported() != first {
		t.Error("what was imported is exported otherwise")
	}
}

// TestExportCSV: a line for each place, whatever its name and note.
func TestExportCSV(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a, b, odd := w.file(w.vol.Root, "a, \"b\"\n.jpg", 10, 5), w.file(w.vol.Root, "b.jpg", 10, 6), w.file(w.vol.Root, "o\xff\\.jpg", 10, 7)
	w.hash(&a, 'A')
	w.hash(&b, 'A')
	w.add(a)
	must(w, w.rateSet, RateIn{Stars: 2, Selection: sel(odd)})
	var out bytes.Buffer
	if got, err := w.writeCSV(t.Context(), &out); err != nil || got.Files != 3 {
		t.Fatal(got, err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	for i, want := range []string{`path volume kind tags rating favourite note`, "a, \"b\"\n.jpg uuid:1 file beach 4 yes with Mia", `b.jpg uuid:1 file beach 4 yes with Mia`, `o\xff\\.jpg uuid:1 file  2  `} {
		if got := strings.Join(rows[i], " "); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestExportOfFieldsRulesAndSpaces: these go with an export, too, and come out of a fresh
// library byte by byte.
func TestExportOfFieldsRulesAndSpaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "o\xff.jpg", 10, 5)
	w.tag("beach", e)
	must(w, w.fieldCreate, CreateFieldIn{Name: "mood", Namespace: "diary", Choices: []string{"good", "very bad"}})
	must(w, w.fieldSet, SetFieldIn{Field: "diary.mood", Value: "good", Selection: sel(e)})
	must(w, w.ruleCreate, CreateRuleIn{Name: "pictures", Query: "kind:image", Tag: "beach", Confidence: 0.5, Paused: true})
	must(w, w.spaceCreate, CreateSpaceIn{Name: "Work"})
	must(w, w.groupAdd, AddGroupIn{Space: "Work", Name: "things"})
	must(w, w.tagDrop, DropIn{Tag: "beach", Selection: sel(e)})
	first := w.exported()
	n := newWorld(t, "")
	if _, err := n.take(t.Context(), strings.NewReader(first)); err != nil {
		t.Fatal(err)
	}
	if got := n.exported(); got != first {
		t.Errorf("exported again:\n%s\nwant\n%s", got, first)
	}
}
