package embed

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// readJSON reads a file that tools/distill/golden.py made.
func readJSON(t testing.TB, file string, to any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func builtIn(t testing.TB) *static {
	t.Helper()
	s, err := newStatic(staticModel)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vocabulary returns the pieces of a static model, by their numbers.
func vocabulary(s *static) []string {
	out := make([]string, len(s.scales)/4)
	for piece, id := range s.first {
		out[id] = piece
	}
	for piece, id := range s.rest {
		out[id] = "##" + piece
	}
	return out
}

func TestPiecesAreThoseOfTheReference(t *testing.T) {
	var cases []struct {
		Text   []byte
		Pieces []string
	}
	readJSON(t, "testdata/wordpiece.json", &cases)
	if len(cases) < 200 {
		t.Fatalf("only %d strings", len(cases))
	}
	s := builtIn(t)
	vocab := vocabulary(s)
	for _, c := range cases {
		var got []string
		s.pieces(string(c.Text), func(id int32) bool { got = append(got, vocab[id]); return true })
		if !slices.Equal(got, c.Pieces) {
			t.Errorf("%q:\n got %q\nwant %q", c.Text, got, c.Pieces)
		}
	}
}

func TestPiecesStopWhenToldTo(t *testing.T) {
	n := 0
	builtIn(t).pieces(strings.Repeat("unaffable words, ", 10), func(int32) bool { n++; return n < 3 })
	if n != 3 {
		t.Errorf("%d pieces, want 3", n)
	}
}

func TestBadVocabulariesAreRefused(t *testing.T) {
	for name, vocab := range map[string]string{"empty": "", "no unknown piece": "a\nb\n", "not UTF-8": "[UNK]\n\xff\n"} {
		if _, err := newWordPiece(vocab); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzPieces(f *testing.F) {
	for _, s := range []string{"", "Hello, wörld!", "日本語 x\xff\x00", strings.Repeat("a", 200), "e\u0301\u0301"} {
		f.Add(s)
	}
	s := builtIn(f)
	n := int32(len(s.scales) / 4)
	f.Fuzz(func(t *testing.T, text string) {
		plain := s.plain(text)
		if !utf8.ValidString(plain) {
			t.Fatalf("%q became %q", text, plain)
		}
		if again := s.plain(plain); again != plain && strings.Join(strings.Fields(again), " ") != strings.Join(strings.Fields(plain), " ") {
			t.Fatalf("%q became %q, and that %q", text, plain, again)
		}
		s.pieces(text, func(id int32) bool {
			if id < 0 || id >= n {
				t.Fatalf("%q has piece %d", text, id)
			}
			return true
		})
	})
}
