package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
)

// BenchmarkFacts asks for what is known of 100,000 contents: the part of a search
// that the database has.
func BenchmarkFacts(b *testing.B) {
	s := newShelf(b)
	rng := rand.New(rand.NewPCG(4, 4))
	cameras := []string{"canon eos 80d", "canon eos r6", "nikon d750", "sony ilce-7m3", "apple iphone 12", "google pixel 7", "fujifilm x-t3"}
	word := func() string {
		return string(rune('a'+rng.IntN(26))) + string(rune('a'+rng.IntN(26))) + fmt.Sprint(rng.IntN(500))
	}
	s.write(func(tx *catalog.Tx) error {
		for id := range 100_000 {
			var taken, width, height, duration, pages, camera, artist, title any
			switch rng.IntN(10) {
			default:
				taken = time.Date(2004, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rng.IntN(22*365*24)) * time.Hour).UnixNano()
				width, height, camera = 800+rng.IntN(6000), 600+rng.IntN(4000), cameras[rng.IntN(len(cameras))]
			case 7:
				width, height, duration = 1920, 1080, rng.IntN(7_200_000)
			case 8, 9:
				duration, pages, artist, title = 60_000+rng.IntN(500_000), 1+rng.IntN(600), word()+" "+word(), word()+" "+word()+" "+word()
			}
			_, err := tx.Store().Exec("INSERT INTO facts (content_id, taken_ns, width, height, duration_ms, pages, camera, artist, title, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				id+1, taken, width, height, duration, pages, camera, artist, title, `{"lens":"`+strings.Repeat("x", 200+rng.IntN(600))+`"}`)
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, text := range []string{"taken:2019", "taken:2019-05", "camera:canon", "artist:ab", "title:ab1", "width:>4000", "duration:>5m", "pages:100..110", "camera:nonesuch"} {
		b.Run(text, func(b *testing.B) {
			n := 0
			cpu := cpuTime(b)
			for b.Loop() {
				a, err := s.look(b.Context(), false)
				if err != nil {
					b.Fatal(err)
				}
				q, _, _ := parse(text, a.around, 0, false)
				if _, err := q.ready(b.Context()); err != nil {
					b.Fatal(err)
				}
				n = q.lazy[0].some.count
			}
			b.ReportMetric((cpuTime(b)-cpu)/1e6/float64(b.N), "cpu-ms")
			b.ReportMetric(float64(n), "contents")
		})
	}
}
