package embed

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestChunks(t *testing.T) {
	if got := Chunks("", nil, " \n"); len(got) != 0 {
		t.Errorf("nothing gives %q", got)
	}
	if got := fmt.Sprintf("%q", Chunks("Tax 2024", []string{"home", "papers"}, "")); got != `["Tax 2024 home papers"]` {
		t.Error(got)
	}
	if got := fmt.Sprintf("%q", Chunks("", nil, "A short text.\n")); got != `["A short text." "A short text."]` {
		t.Error(got)
	}
	sentence := "There are just seven words in here. "
	got := Chunks("T", nil, strings.Repeat(sentence, 1000))
	if len(got) != MaxChunks {
		t.Fatalf("%d chunks", len(got))
	}
	for i, c := range got[1:] {
		if n := len(strings.Fields(c)); n < chunkWords*2/3 || n > chunkWords || !strings.HasSuffix(c, "here.") {
			t.Errorf("chunk %d has %d words and ends in %q", i, n, c[max(0, len(c)-10):])
		}
	}
}

func TestChunksLoseNoWordAndStayBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"word", "Ünï ", " ", "\n", "end. ", "東", "\xff", strings.Repeat("long", 300)}), 0, 400).Draw(t, "text")
		text := strings.Join(parts, "")
		got := Chunks("", nil, text)
		if len(got) > MaxChunks {
			t.Fatalf("%d chunks", len(got))
		}
		var body string
		for i, c := range got {
			if len(c) > chunkBytes+headWords || c == "" || utf8.ValidString(text) && !utf8.ValidString(c) {
				t.Fatalf("chunk %d has %d bytes: %.50q", i, len(c), c)
			}
			if i > 0 {
				body += c
			}
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if whole := bare(text); !strings.HasPrefix(whole, bare(body)) || len(got) < MaxChunks && len(bare(body)) != len(whole) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
