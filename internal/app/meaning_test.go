package app

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/search"
)

// TestHangingMeaning: an endpoint that takes requests and never answers holds up no
// search; the answer and the doctor tell of it.
func TestHangingMeaning(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // nobody accepts
	data := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "config.json"), `{"meaning":{"model":"endpoint","base":"http://`+l.Addr().String()+`/v1","name":"m","dim":3}}`)
	r := serve(t, data)
	dir := filepath.Join(t.TempDir(), "Letters")
	write(t, filepath.Join(dir, "a.txt"), "the quick brown fox")
	r.add(dir)
	var hits search.Hits
	eventually(t, "a text is found", func() bool {
		hits = must[search.Hits](r, "search.query", fields{"query": "quick brown"})
		return len(hits.Texts) == 1
	})
	if !hits.Partial || len(hits.Hints) != 1 || !strings.Contains(hits.Hints[0].Text, "endpoint") {
		t.Errorf("partial %v, hints %+v", hits.Partial, hits.Hints)
	}
	began := time.Now()
	for _, query := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"} {
		must[search.Hits](r, "search.query", fields{"query": query})
	}
	if took := time.Since(began); took > 10*time.Second { // it was two seconds each
		t.Errorf("ten searches took %v", took)
	}
	for _, c := range must[Diagnosis](r, "daemon.doctor", fields{}).Checks {
		if c.Name == "meaning in Home" && (c.OK || !strings.Contains(c.Message, "no answer") || c.Remedy == "") {
			t.Errorf("the doctor: %+v", c)
		}
	}
}
