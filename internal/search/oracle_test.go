package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// oracle knows a tree as a plain list and answers as docs/search.md says, by
// looking at every entry. Of the package it uses nothing: neither the parser, nor
// what that makes, nor the weights of the order.
type oracle struct {
	r     *rand.Rand
	table *table
	list  []catalog.Brief
	once  []string // names that were, and may be no more
	next  ident.EntryID
	seq   int64
	real  bool // the query is asked with its case and accents
}

// wish is a piece of a query and what it means.
type wish struct {
	text string
	fits func(e *catalog.Brief) bool
	word string // that ranks, folded; "": none
	or   bool   // there is an OR in it
}

var oracleNames = []string{
	"report.final.jpg", "Report-2.go", "it's.txt", "Album (2024)", "100%.png", "snake_case.go", "*.star", `say "hi".txt`, "🙂 smile.png", "שלום עולם.txt",
	"\u202egnp.jpg", "中文文件.txt", "caf\xe9.mp3", "\xff\xfe", "Straße", "résumé.txt", "re\u0301sume\u0301", ".hidden", "file 10", "file 9", "OR", "-dash", "a:b", "[x].png", `back\slash`,
}

func (o *oracle) one(of ...string) string { return of[o.r.IntN(len(of))] }

func (o *oracle) name() string {
	if o.r.IntN(2) == 0 {
		return o.one(oracleNames...)
	}
	name := ""
	for range 1 + o.r.IntN(6) {
		name += o.one(pieces...)
	}
	return name + o.one("", "", ".jpg", ".PNG", ".go", ".txt", ".mp3")
}

func (o *oracle) find(id ident.EntryID) *catalog.Brief {
	for i := range o.list {
		if o.list[i].ID == id {
			return &o.list[i]
		}
	}
	return nil
}

// folder is one that may hold the entry: older ones alone, so that none comes to
// stand in itself.
func (o *oracle) folder(of ident.EntryID) ident.EntryID {
	in := []ident.EntryID{1, 1}
	for _, e := range o.list {
		if e.Kind == vfs.Folder && e.ID < of {
			in = append(in, e.ID)
		}
	}
	return in[o.r.IntN(len(in))]
}

// step adds, renames, moves, changes or deletes an entry, in the table as well.
func (o *oracle) step() {
	o.seq++
	if len(o.list) < 6 || o.r.IntN(2) == 0 {
		o.next++
		o.list = append(o.list, catalog.Brief{
			ID: o.next, Parent: o.folder(o.next), Name: o.name(), Kind: []vfs.Kind{vfs.File, vfs.File, vfs.Folder}[o.r.IntN(3)], State: catalog.Present,
		})
		o.change(&o.list[len(o.list)-1])
		return
	}
	e := &o.list[o.r.IntN(len(o.list))]
	o.once = append(o.once, e.Name)
	switch o.r.IntN(4) {
	case 0:
		e.Name = o.name()
	case 1:
		e.Parent = o.folder(e.ID)
	case 2:
		o.drop(e.ID)
		return
	}
	o.change(e)
}

func (o *oracle) change(e *catalog.Brief) {
	e.Seq, e.Size = o.seq, int64(o.r.IntN(4))
	e.Modified = []int64{0, noon.UnixNano(), noon.Add(-time.Hour).UnixNano(), noon.AddDate(0, 0, -10).UnixNano(), noon.AddDate(-1, -1, 0).UnixNano()}[o.r.IntN(5)]
	put := *e
	o.table.take1(&put)
}

// drop deletes an entry with all that is in it, for good or as one that is gone.
func (o *oracle) drop(id ident.EntryID) {
	for _, e := range slices.Clone(o.list) {
		if e.Parent == id {
			o.drop(e.ID)
		}
	}
	at := slices.IndexFunc(o.list, func(e catalog.Brief) bool { return e.ID == id })
	e := o.list[at]
	o.list = slices.Delete(o.list, at, at+1)
	if o.r.IntN(2) == 0 {
		o.table.remove(id)
		return
	}
	e.State, e.Seq = catalog.Absent, o.seq
	o.table.take1(&e)
}

// above are the folders that e stands in, the nearest first, without the volume's.
func (o *oracle) above(e *catalog.Brief) (up []*catalog.Brief) {
	for p := o.find(e.Parent); p != nil; p = o.find(p.Parent) {
		up = append(up, p)
	}
	return up
}

func (o *oracle) below(e *catalog.Brief, id ident.EntryID) bool {
	return e.Parent == id || slices.ContainsFunc(o.above(e), func(p *catalog.Brief) bool { return p.Parent == id })
}

func (o *oracle) path(e *catalog.Brief) string {
	path := "/" + collate.Fold(e.Name)
	for _, p := range o.above(e) {
		path = "/" + collate.Fold(p.Name) + path
	}
	return path
}

func oracleExt(e *catalog.Brief) string {
	name := collate.Fold(e.Name)
	i := strings.LastIndex(name, ".")
	if e.Kind != vfs.File || i <= 0 || i == len(name)-1 || len(name)-i > 20 {
		return ""
	}
	return name[i+1:]
}

func oracleKind(e *catalog.Brief) string {
	if e.Kind == vfs.Folder {
		return "folder"
	}
	kind := map[string]string{"jpg": "image", "png": "image", "mp3": "audio", "txt": "text", "go": "code", "a": "archive"}[oracleExt(e)]
	return cmp.Or(kind, "other")
}

// held tells whether a name holds a text, as it is asked for.
func (o *oracle) held(text string) func(e *catalog.Brief) bool {
	if o.real {
		return func(e *catalog.Brief) bool { return strings.Contains(e.Name, text) }
	}
	folded := collate.Fold(text)
	return func(e *catalog.Brief) bool { return strings.Contains(collate.Fold(e.Name), folded) }
}

// word is a part of a name that is or was, in quotes where it must be.
func (o *oracle) word() wish {
	name := o.name()
	switch o.r.IntN(4) {
	case 0:
	case 1:
		if len(o.once) > 0 {
			name = o.once[o.r.IntN(len(o.once))]
		}
	default:
		if len(o.list) > 0 {
			name = o.list[o.r.IntN(len(o.list))].Name
		}
	}
	var letters []string
	for len(name) > 0 {
		_, n := utf8.DecodeRuneInString(name)
		letters, name = append(letters, name[:n]), name[n:]
	}
	from := 0
	if o.r.IntN(2) == 0 {
		from = o.r.IntN(len(letters))
	}
	text := strings.Join(letters[from:from+1+o.r.IntN(len(letters)-from)], "")
	text = strings.Trim(text, `"`)
	if strings.Contains(text, `"`) { // which cannot stand in quotes
		text = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || strings.ContainsRune("()*?/:-", r) {
				return 'a'
			}
			return r
		}, text)
	}
	if collate.Fold(text) == "" {
		text = "a"
	}
	w := wish{text: text, fits: o.held(text), word: collate.Fold(text)}
	if !strings.Contains(text, `"`) && (text == "OR" || strings.ContainsAny(text, "()*?/:-") || strings.ContainsFunc(text, unicode.IsSpace) || o.r.IntN(8) == 0) {
		w.text = `"` + text + `"`
	}
	if o.r.IntN(8) == 0 {
		w.text, w.word = "name:"+w.text, ""
	}
	return w
}

func (o *oracle) filter() wish {
	set := func(text string, fits func(e *catalog.Brief) bool) wish { return wish{text: text, fits: fits} }
	num := int64(o.r.IntN(4))
	is := func(ids ...ident.EntryID) func(e *catalog.Brief) bool {
		return func(e *catalog.Brief) bool {
			return slices.ContainsFunc(ids, func(id ident.EntryID) bool { return e.ID == id || o.below(e, id) })
		}
	}
	switch o.r.IntN(16) {
	case 0:
		x := o.one("jpg", "png", "go", "txt", "a")
		return set("ext:"+x+",mp3", func(e *catalog.Brief) bool { return oracleExt(e) == x || oracleExt(e) == "mp3" })
	case 1:
		k := o.one("image", "text", "code", "audio", "folder", "other")
		return set("kind:"+k, func(e *catalog.Brief) bool { return oracleKind(e) == k })
	case 2:
		return set("kind:file", func(e *catalog.Brief) bool { return e.Kind == vfs.File })
	case 3:
		return set(fmt.Sprintf("size:>%d", num), func(e *catalog.Brief) bool { return e.Kind == vfs.File && e.Size > num })
	case 4:
		return set(fmt.Sprintf("size:<=%d", num), func(e *catalog.Brief) bool { return e.Kind == vfs.File && e.Size <= num })
	case 5:
		return set(fmt.Sprintf("size:1..%d", num), func(e *catalog.Brief) bool { return e.Kind == vfs.File && 1 <= e.Size && e.Size <= num })
	case 6:
		return set("modified:2026", func(e *catalog.Brief) bool { return e.Modified != 0 && time.Unix(0, e.Modified).UTC().Year() == 2026 })
	case 7:
		return set("modified:<2d", func(e *catalog.Brief) bool { return e.Modified >= noon.AddDate(0, 0, -2).UnixNano() })
	case 8:
		return set("modified:>2d", func(e *catalog.Brief) bool { return e.Modified != 0 && e.Modified < noon.AddDate(0, 0, -2).UnixNano() })
	case 9:
		return set("is:hidden", func(e *catalog.Brief) bool { return e.Name[0] == '.' })
	case 10:
		return set("is:empty", func(e *catalog.Brief) bool { return e.Size == 0 })
	case 11:
		id := ident.EntryID(1 + o.r.IntN(int(o.next)))
		return set(fmt.Sprintf("in:%d", id), func(e *catalog.Brief) bool { return o.below(e, id) })
	case 12:
		x := o.one("location:x", "volume:x", "is:offline")
		return set(x, map[string]func(e *catalog.Brief) bool{"location:x": is(2, 5), "volume:x": is(1), "is:offline": is(3)}[x])
	case 13:
		x := o.one("a/", "/a", "a/a", "album", "b/r")
		return set("path:"+x, func(e *catalog.Brief) bool { return strings.Contains(o.path(e), x) })
	case 14:
		x := o.one("a", "file", "中", ".", "report")
		return set(x+"*", func(e *catalog.Brief) bool { return strings.HasPrefix(o.as(e), x) })
	}
	x := o.one(".jpg", "a", "2", "_", "final.jpg")
	return set("*"+x, func(e *catalog.Brief) bool { return strings.HasSuffix(o.as(e), x) })
}

// as is the name that patterns are held against.
func (o *oracle) as(e *catalog.Brief) string {
	if o.real {
		return e.Name
	}
	return collate.Fold(e.Name)
}

// all is some wishes side by side.
func (o *oracle) all(depth int) wish {
	var texts, words []string
	var fits []func(e *catalog.Brief) bool
	either := false
	for range 1 + o.r.IntN(3) {
		w := o.term(depth)
		texts, fits, either = append(texts, w.text), append(fits, w.fits), either || w.or
		if w.word != "" {
			words = append(words, w.word)
		}
	}
	return wish{strings.Join(texts, o.one(" ", "  ", "\t")), func(e *catalog.Brief) bool {
		return !slices.ContainsFunc(fits, func(f func(*catalog.Brief) bool) bool { return !f(e) })
	}, strings.Join(words, "\x00"), either}
}

func (o *oracle) either(depth int) wish {
	a, b := o.all(depth), o.all(depth)
	return wish{a.text + " OR " + b.text, func(e *catalog.Brief) bool { return a.fits(e) || b.fits(e) }, "", true}
}

func (o *oracle) term(depth int) wish {
	var w wish
	switch i := o.r.IntN(6); {
	case i == 0 && depth > 0:
		w = o.either(depth - 1)
		w.text = "(" + w.text + ")"
	case i < 4:
		w = o.word()
	default:
		w = o.filter()
	}
	if o.r.IntN(6) == 0 {
		fits := w.fits
		w = wish{"-" + w.text, func(e *catalog.Brief) bool { return !fits(e) }, "", w.or}
	}
	return w
}

// rank is how well a name fits the words of a query.
func rank(name string, words []string) float64 {
	if len(words) == 0 {
		return 1
	}
	whole := strings.Join(words, " ")
	if rest, ok := strings.CutPrefix(name, whole); ok {
		if rest == "" || rest[0] == '.' && strings.Count(rest, ".") == 1 {
			return 5
		}
		return 4
	}
	for _, w := range words {
		starts := false
		for i := range len(name) {
			before, _ := utf8.DecodeLastRuneInString(name[:i])
			starts = starts || strings.HasPrefix(name[i:], w) && (i == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before))
		}
		if !starts {
			return 2
		}
	}
	return 3
}

// score is where an entry stands by relevance.
func (o *oracle) score(e *catalog.Brief, words []string) float64 {
	name := collate.Fold(e.Name)
	kind := map[string]float64{"folder": 1, "image": 0.75, "audio": 0.75, "archive": 0.75, "text": 0.5, "code": 0.5, "other": 0.25}[oracleKind(e)]
	if e.Name[0] == '.' {
		kind = 0
	}
	months := max(0, float64(noon.Truncate(time.Hour).UnixNano()-e.Modified)) / float64(30*24*time.Hour)
	worth := 0.40/(1+months) + 0.30/(1+float64(len(name))/20) + 0.15*kind + 0.14/(1+float64(len(o.above(e)))/4)
	return math.Round((rank(name, words)+worth)*1e6) / 1e6
}

// answer is what a search must find, in order.
func (o *oracle) answer(w wish, by Sort, descending bool) []ident.EntryID {
	var words []string
	if w.word != "" && !w.or {
		words = strings.Split(w.word, "\x00")
	}
	var hits []*catalog.Brief
	for i := range o.list {
		if w.fits(&o.list[i]) {
			hits = append(hits, &o.list[i])
		}
	}
	kinds := []string{"folder", "image", "audio", "text", "code", "archive", "other"}
	slices.SortFunc(hits, func(a, b *catalog.Brief) int {
		x, y := collate.Fold(a.Name), collate.Fold(b.Name)
		name := cmp.Or(collate.Natural(x, y), cmp.Compare(x, y), cmp.Compare(a.ID, b.ID))
		c := name
		switch by {
		case BySize:
			c = cmp.Or(cmp.Compare(a.Size, b.Size), name)
		case ByModified:
			c = cmp.Or(cmp.Compare(a.Modified, b.Modified), name)
		case ByKind:
			c = cmp.Or(cmp.Compare(slices.Index(kinds, oracleKind(a)), slices.Index(kinds, oracleKind(b))), cmp.Compare(oracleExt(a), oracleExt(b)), name)
		case ByRelevance:
			return cmp.Or(cmp.Compare(o.score(b, words), o.score(a, words)), cmp.Compare(a.ID, b.ID))
		}
		if descending {
			return -c
		}
		return c
	})
	ids := []ident.EntryID{}
	for _, e := range hits {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestOracle: thousands of queries over trees that change find what one finds who
// reads the documentation and looks at every name, in the same order. Names are of
// all sorts (promise P6); what was renamed or deleted leaves no trace.
func TestOracle(t *testing.T) {
	found := 0
	for tree := range uint64(50) {
		o := &oracle{r: rand.New(rand.NewPCG(tree, 7)), next: 1}
		o.table = newTable([]int{3, 8, 64, 65}[tree%4])
		for range 5 {
			for range 8 + o.r.IntN(30) {
				o.step()
			}
			if o.r.IntN(2) == 0 {
				if err := o.table.mergeNow(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
			}
			for range 12 {
				found += o.compare(t, tree)
			}
		}
	}
	if found < 3000 {
		t.Errorf("all queries together find %d entries: they ask for too little", found)
	}
}

// compare asks one query, and returns how many entries it finds.
func (o *oracle) compare(t *testing.T, tree uint64) int {
	t.Helper()
	o.real = o.r.IntN(4) == 0
	w := o.all(2)
	if o.r.IntN(4) == 0 {
		w = o.either(2)
	}
	a := noonAround
	a.real = o.real
	a.folder = func(path string) (ident.EntryID, error) {
		id, err := strconv.ParseInt(path, 10, 64)
		return ident.EntryID(id), err
	}
	q, hints, _ := parse(w.text, a, 0, false)
	if slices.ContainsFunc(hints, func(h Hint) bool { return !strings.Contains(h.Text, "looked for as") }) { // an OR as a word is
		t.Fatalf("tree %d, %q: %v", tree, w.text, hints)
	}
	q.order = order{by: []Sort{ByRelevance, ByRelevance, ByName, BySize, ByModified, ByKind}[o.r.IntN(6)], descending: o.r.IntN(2) == 0}
	hits, total, err := o.table.hits(q, 1000)
	if err != nil {
		t.Fatal(err)
	}
	got := []ident.EntryID{}
	for _, h := range hits {
		got = append(got, h.id)
	}
	if want := o.answer(w, q.order.by, q.order.descending); total != len(want) || !slices.Equal(got, want) {
		t.Fatalf("tree %d, %q (exact %v) by %v:\n got %v\nwant %v", tree, w.text, o.real, q.order, got, want)
	}
	return len(got)
}
