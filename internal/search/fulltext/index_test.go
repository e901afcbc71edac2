package fulltext

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// options are those of an index in dir, on a machine that may be busy.
func options(dir string) Options {
	return Options{
		Path: filepath.Join(dir, "text.db"), Folder: filepath.Join(dir, "texts"), Vectors: filepath.Join(dir, "meaning.vec"), Library: "a library",
		Patience: time.Minute, FindTime: time.Minute,
	}
}

// serve runs an index in dir, until stop is called.
func serve(t testing.TB, dir string) (x *Index, stop func()) {
	t.Helper()
	x, err := New(options(dir))
	if err != nil {
		t.Fatal(err)
	}
	return x, run(t, x)
}

func run(t testing.TB, x *Index) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = x.Serve(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			<-ended
			x.Close()
		}
	}
	t.Cleanup(stop)
	return stop
}

func keep(t testing.TB, x *Index, docs ...Document) {
	t.Helper()
	for i := range docs {
		docs[i].Hash = hashed(docs[i].ID)
	}
	if err := x.Put(context.Background(), docs); err != nil {
		t.Fatal(err)
	}
}

// hashed is the hash of the content with an id, as all tests have it.
func hashed(id int64) Hash { return Hash{0: byte(id), 1: byte(id >> 8), 31: 1} }

// refs name contents.
func refs(ids ...int64) (out []Ref) {
	for _, id := range ids {
		out = append(out, Ref{id, hashed(id)})
	}
	return out
}

func yes(int64) bool { return true }

// ids are the documents that are found, sorted.
func ids(t testing.TB, x *Index, e Expr) []int64 {
	t.Helper()
	f, err := x.Find(context.Background(), e, yes)
	if err != nil {
		t.Fatal(err)
	}
	out := []int64{}
	for _, h := range f.Hits {
		out = append(out, h.ID)
	}
	slices.Sort(out)
	if f.Total != len(out) || f.More {
		t.Fatalf("%d hits, and a total of %d (%v)", len(out), f.Total, f.More)
	}
	return out
}

func TestFind(t *testing.T) {
	x, _ := serve(t, t.TempDir())
	keep(t, x,
		Document{ID: 1, Title: "Annual Report", Body: "The budget of the harbour was approved. It's O'Brien's first_draft, 100% sure."},
		Document{ID: 2, Body: "Über den Straßen: naïve café. Łódź ﬁne"},
		Document{ID: 3, Body: "東京都に住んでいます。北京大学は中国にある。iPhone手机 한국어를 배우다"},
		Document{ID: 4, Body: "שלום עולם. مَرْحَبًا بالعالم. Привет, мир! สวัสดีชาวโลก"},
		Document{ID: 5, Body: "budgets were discussed in the harbour office " + strings.Repeat("x", 300)},
		Document{ID: 6, Title: "Harbour", Body: "nothing else"},
	)
	for _, c := range []struct {
		e    Expr
		want []int64
	}{
		{Phrase{Text: "budget"}, []int64{1}},
		{Phrase{Text: "BUDGET", Open: true}, []int64{1, 5}},
		{Phrase{Text: "bud", Open: true}, []int64{}},
		{Phrase{Text: "the harbour"}, []int64{1, 5}},
		{Phrase{Text: "harbour the"}, []int64{}},
		{Phrase{Text: "harbour"}, []int64{1, 5, 6}},
		{And{Phrase{Text: "harbour"}, Not{Phrase{Text: "budget"}}}, []int64{5, 6}},
		{And{Phrase{Text: "harbour"}, Phrase{Text: "nothing"}}, []int64{6}},
		{Or{Phrase{Text: "approved"}, Phrase{Text: "nothing"}}, []int64{1, 6}},
		{And{Phrase{Text: "harbour"}, Or{Phrase{Text: "annual"}, Phrase{Text: "office"}}, Not{Phrase{Text: "report"}}}, []int64{5}},
		{Phrase{Text: "o'brien"}, []int64{1}},
		{Phrase{Text: "first_draft"}, []int64{1}},
		{Phrase{Text: "100%"}, []int64{1}},
		{Phrase{Text: `"harbour" OR * NEAR(title: -`}, []int64{}},
		{Phrase{Text: "uber"}, []int64{2}},
		{Phrase{Text: "strassen"}, []int64{2}},
		{Phrase{Text: "naive cafe"}, []int64{2}},
		{Phrase{Text: "nai\u0308ve"}, []int64{2}},
		{Phrase{Text: "lodz"}, []int64{2}},
		{Phrase{Text: "東京"}, []int64{3}},
		{Phrase{Text: "京都"}, []int64{3}},
		{Phrase{Text: "京"}, []int64{3}},
		{Phrase{Text: "学"}, []int64{3}},
		{Phrase{Text: "す"}, []int64{3}},
		{Phrase{Text: "北京大学"}, []int64{3}},
		{Phrase{Text: "北大"}, []int64{}},
		{Phrase{Text: "iphone手机"}, []int64{3}},
		{Phrase{Text: "手机"}, []int64{3}},
		{Phrase{Text: "한국어"}, []int64{3}},
		{Phrase{Text: "שלום"}, []int64{4}},
		{Phrase{Text: "مرحبا"}, []int64{4}},
		{Phrase{Text: "ПРИВЕТ мир"}, []int64{4}},
		{Phrase{Text: "ชาวโลก"}, []int64{4}},
		{Phrase{Text: strings.Repeat("x", 300)}, []int64{5}},
		{Phrase{Text: "..., -"}, []int64{}},
		{And{Phrase{Text: "--"}, Phrase{Text: "approved"}}, []int64{1}},
		{And{Not{Phrase{Text: "approved"}}}, []int64{}},
	} {
		got := ids(t, x, c.e)
		if !slices.Equal(got, c.want) {
			t.Errorf("%v finds %d, want %d", c.e, got, c.want)
		}
		ex, err := x.Show(t.Context(), c.e, refs(got...))
		if err != nil || len(ex) != len(got) {
			t.Fatalf("%v: %d shown of %d (%v)", c.e, len(ex), len(got), err)
		}
		for _, e := range ex {
			if !e.True || len(e.Marks) == 0 && len(e.Snippets[0].Marks) == 0 {
				t.Errorf("%v: nothing is marked in %+v", c.e, e)
			}
		}
	}
	best, err := x.Find(t.Context(), Phrase{Text: "harbour"}, yes)
	if err != nil || best.Hits[0].ID != 6 {
		t.Errorf("a word in the title is not first: %v (%v)", best, err)
	}
	some, err := x.Find(t.Context(), Phrase{Text: "harbour"}, func(id int64) bool { return id == 5 })
	if err != nil || some.Total != 1 || len(some.Hits) != 1 || some.Hits[0].ID != 5 {
		t.Errorf("of 5 alone: %v (%v)", some, err)
	}
}

// TestTimeUp: what was found before the time was up is told, and that it was up.
func TestTimeUp(t *testing.T) {
	x, _ := serve(t, t.TempDir())
	var docs []Document
	for id := range int64(20) {
		docs = append(docs, Document{ID: id + 1, Body: "lantern"})
	}
	keep(t, x, docs...)
	x.FindTime = 10 * time.Millisecond
	accepted := 0
	f, err := x.Find(context.Background(), Phrase{Text: "lantern"}, func(int64) bool {
		time.Sleep(20 * time.Millisecond) // so the time is up before all are looked at
		accepted++
		return true
	})
	if err != nil || !f.Late || !f.More || len(f.Hits) != accepted || f.Total != accepted {
		t.Errorf("%d accepted, and found %d of %d, late %v, more %v: %v", accepted, len(f.Hits), f.Total, f.Late, f.More, err)
	}
}

func TestSnippets(t *testing.T) {
	x, _ := serve(t, t.TempDir())
	filler := strings.Repeat("Lorem ipsum dolor sit amet. ", 40)
	keep(t, x, Document{ID: 1, Title: "The  Größe\nof it", Body: filler + "\f" + filler + "On Größe\n\t of harbours 🙂 and budgets." + filler + "\fA budget."})
	ex, err := x.Show(t.Context(), And{Phrase{Text: "grosse"}, Phrase{Text: "budget", Open: true}}, refs(1, 7))
	if err != nil || len(ex) != 1 || len(ex[0].Snippets) != 2 {
		t.Fatalf("%+v (%v)", ex, err)
	}
	marked := func(text string, marks [][2]int) (out []string) {
		r := []rune(text)
		for _, m := range marks {
			out = append(out, string(r[m[0]:m[1]]))
		}
		return out
	}
	first, second := ex[0].Snippets[0], ex[0].Snippets[1]
	if got := marked(first.Text, first.Marks); !slices.Equal(got, []string{"Größe", "budgets"}) || first.Page != 2 || !strings.Contains(first.Text, "On Größe of harbours 🙂 and") || len(first.Text) > 300 {
		t.Errorf("%q of %+v", got, first)
	}
	if got := marked(second.Text, second.Marks); !slices.Equal(got, []string{"budget"}) || second.Page != 3 {
		t.Errorf("%q of %+v", got, second)
	}
	if got := marked(ex[0].Title, ex[0].Marks); !slices.Equal(got, []string{"Größe"}) || ex[0].Title != "The Größe of it" {
		t.Errorf("%q of %q", got, ex[0].Title)
	}
	if ex, err = x.Show(t.Context(), nil, refs(1)); err != nil || len(ex[0].Snippets) != 1 || !strings.HasPrefix(ex[0].Snippets[0].Text, "Lorem ipsum") {
		t.Errorf("the beginning: %+v (%v)", ex, err)
	}
}

// TestLikeANaiveEvaluator: whatever is put, put again and dropped, a question
// finds just the documents that a plain look at all texts finds, and shows the
// words in them.
func TestLikeANaiveEvaluator(t *testing.T) {
	x, _ := serve(t, t.TempDir())
	words := []string{"red", "Red", "réd", "redder", "green", "x1", "北", "京", "大", "-", ",", "'"}
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 8).Draw(t, "words"), rapid.SampledFrom([]string{" ", "  ", "\n"}).Draw(t, "between"))
	})
	docs := map[int64][2]string{}
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			id := rapid.Int64Range(1, 6).Draw(t, "id")
			if rapid.Bool().Draw(t, "drop") {
				if err := x.Drop(context.Background(), []int64{id}); err != nil {
					t.Fatal(err)
				}
				delete(docs, id)
				continue
			}
			d := Document{ID: id, Hash: hashed(id), Title: text.Draw(t, "title"), Body: text.Draw(t, "body")}
			if err := x.Put(context.Background(), []Document{d}); err != nil {
				t.Fatal(err)
			}
			docs[id] = [2]string{d.Title, d.Body}
		}
		var all []string
		phrase := func(name string) (string, Phrase) {
			s := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"red", "redd", "green", "x1"}), 1, 2).Draw(t, name), " ")
			return s, Phrase{Text: s}
		}
		a, pa := phrase("a")
		b, pb := phrase("b")
		open := rapid.Bool().Draw(t, "open")
		pa.Open = open
		has := func(d [2]string, p string, open bool) bool {
			for _, s := range d {
				s = strings.NewReplacer("é", "e", "R", "r", "\n", " ", "-", " ", ",", " ", "'", " ").Replace(s)
				s = " " + strings.Join(strings.Fields(s), " ") + " "
				if strings.Contains(s, " "+p+" ") || open && len(p[strings.LastIndexByte(p, ' ')+1:]) >= minOpen && strings.Contains(s, " "+p) {
					return true
				}
			}
			return false
		}
		var e Expr
		var fits func(d [2]string) bool
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			e, fits = pa, func(d [2]string) bool { return has(d, a, open) }
		case 1:
			e, fits = And{pa, pb}, func(d [2]string) bool { return has(d, a, open) && has(d, b, false) }
		case 2:
			e, fits = Or{pa, pb}, func(d [2]string) bool { return has(d, a, open) || has(d, b, false) }
		case 3:
			e, fits = And{pa, Not{pb}}, func(d [2]string) bool { return has(d, a, open) && !has(d, b, false) }
		}
		// Letters that stand together are found as they stand.
		if joined := rapid.SampledFrom([]string{"", "北京", "京大", "大", "北京大"}).Draw(t, "joined"); joined != "" {
			e, fits = Phrase{Text: joined}, func(d [2]string) bool { return strings.Contains(d[0], joined) || strings.Contains(d[1], joined) }
		}
		want := []int64{}
		for id, d := range docs {
			all = append(all, fmt.Sprintf("%d: %q", id, d))
			if fits(d) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		f, err := x.Find(context.Background(), e, yes)
		got := []int64{}
		for _, h := range f.Hits {
			got = append(got, h.ID)
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%+v finds %d (%v), want %d of\n%s", e, got, err, want, strings.Join(all, "\n"))
		}
		ex, err := x.Show(context.Background(), e, refs(got...))
		if err != nil || len(ex) != len(got) || slices.ContainsFunc(ex, func(e Excerpt) bool { return !e.True }) {
			t.Fatalf("%+v shows %+v (%v)", e, ex, err)
		}
	})
}

// FuzzPrepared: what is given to SQLite's tokenizer is cut at blanks alone.
func FuzzPrepared(f *testing.F) {
	for _, s := range []string{"", "a b", "北京ab", "ﬁ ŉ ẚ İ ½", "\u1fef\u212a", "한국어", "สวัสดี", "e\u0301\u0301", "ﾊﾞ", "ーー", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []byte(prepared(plain(s))) {
			if c != ' ' && !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80) {
				t.Fatalf("%q is prepared as %q", s, prepared(plain(s)))
			}
		}
		end := 0
		cut(s, func(from, to int, tail bool) bool {
			if from < 0 || to <= from || to > len(s) || to < end {
				t.Fatalf("%q is cut from %d to %d after %d", s, from, to, end)
			}
			end = to
			return true
		})
	})
}
