package search

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// million is a table of 1,000,000 realistic names, built once for all benchmarks.
var million = sync.OnceValue(func() *table {
	t := newTable(segmentRows)
	r := rand.New(rand.NewPCG(1, 2))
	for id := ident.EntryID(2); t.rows < 1_000_000; id++ {
		b := madeUp(r, id)
		t.take1(&b)
	}
	return t
})

// madeUp is an entry as they stand in a home folder: one in ten is a folder,
// and names hold words, dates and numbers (some 26 bytes).
func madeUp(r *rand.Rand, id ident.EntryID) catalog.Brief {
	words := strings.Fields(`holiday beach invoice report draft final scan budget meeting notes photo export backup project client
		contract letter summer winter family garden kitchen recipe music album track mountain river index server config module
		handler parser lexer sketch render texture shader thumbnail preview archive december january february tax insurance
		passport receipt statement transcript lecture chapter exercise solution worksheet übung résumé straße años`)
	b := catalog.Brief{
		ID: id, Parent: max(1, id/10), Kind: vfs.File, State: catalog.Present, Size: int64(r.IntN(1 << 24)),
		Modified: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(10*365*24)) * time.Hour).UnixNano(),
	}
	b.Created = b.Modified
	w := func() string { return words[r.IntN(len(words))] }
	switch n := r.IntN(10); {
	case n == 0:
		b.Kind, b.Name = vfs.Folder, fmt.Sprintf("%s %s %d", w(), w(), 1990+r.IntN(40))
	case n < 3:
		b.Name = fmt.Sprintf("IMG_20%02d%02d%02d_%06d.jpg", r.IntN(30), 1+r.IntN(12), 1+r.IntN(28), r.IntN(240000))
	case n < 6:
		b.Name = fmt.Sprintf("%s_%s-%d_%s.go", w(), w(), r.IntN(1000), w())
	case n < 8:
		b.Name = fmt.Sprintf("%x%x.dat", r.Uint64(), r.Uint32())
	default:
		b.Name = fmt.Sprintf("%s %s (%d) %s.pdf", w(), w(), r.IntN(100), w())
	}
	return b
}

// BenchmarkQuery reports the time of one query over a million names, and its hits.
func BenchmarkQuery(b *testing.B) {
	t := million()
	for _, c := range []struct{ name, query string }{
		{"1-letter", "e"}, {"5-letters", "beach"}, {"8-letters", "mountain"}, {"two-words", "summer invoice"},
		{"digits", "2024"}, {"miss", "qzxwvy"}, {"accent", "ubung"},
		{"glob", "*.jp?g"}, {"glob-img", "img_2024*.jpg"}, {"regex", `re:^img_\d{4}01`}, {"regex-no-text", `re:^\d+$`}, {"filters", "kind:document size:>10mb modified:2024"}, {"created", "created:2024-03"}, {"path", "holiday/ beach"}, {"not", "photo -summer"}, {"or", "beach OR mountain"},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := timed(c.query, 0)
			total, began := 0, 0.0
			for b.Loop() {
				if began == 0 {
					began = cpuTime(b)
				}
				_, n, err := t.hits(q, 50)
				if err != nil {
					b.Fatal(err)
				}
				total = n
			}
			b.ReportMetric(float64(total), "hits")
			b.ReportMetric((cpuTime(b)-began)/float64(b.N)/1e6, "cpu-ms")
		})
	}
}

// timed is a query typed now.
func timed(text string, in ident.EntryID) *query {
	a := noonAround
	a.now = time.Now()
	q, _, _ := parse(text, a, in, false)
	return q
}

// BenchmarkFuzzy reports the time of queries with slips, which come on top of
// those that find little.
func BenchmarkFuzzy(b *testing.B) {
	t := million()
	for _, text := range []string{"beahc", "montain", "zqxwvyj", "invioce sumer", "worksheeeet lectrue"} {
		b.Run(text, func(b *testing.B) {
			q, _, _ := parse(text, noonAround, 0, true)
			total, began := 0, cpuTime(b)
			for b.Loop() {
				_, n, err := t.hits(q, 50)
				if err != nil {
					b.Fatal(err)
				}
				total = n
			}
			b.ReportMetric(float64(total), "hits")
			b.ReportMetric((cpuTime(b)-began)/float64(b.N)/1e6, "cpu-ms")
		})
	}
}

// BenchmarkQueryIn searches below one folder that holds a tenth of all.
func BenchmarkQueryIn(b *testing.B) {
	t := million()
	q := timed("e", 1)
	for b.Loop() {
		if _, _, err := t.hits(q, 50); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFill reports what taking over one row costs, in time and memory.
func BenchmarkFill(b *testing.B) {
	const rows = 200_000
	r := rand.New(rand.NewPCG(3, 4))
	all := make([]catalog.Brief, rows)
	names := 0
	for i := range all {
		all[i] = madeUp(r, ident.EntryID(i+2))
		names += len(all[i].Name)
	}
	held := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := held()
	var t *table
	for b.Loop() {
		t = newTable(segmentRows)
		for i := range all {
			t.take1(&all[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	b.ReportMetric(float64(held()-before)/rows, "B/row")
	b.ReportMetric(float64(names)/rows, "name-B/row")
	runtime.KeepAlive(t)
}
