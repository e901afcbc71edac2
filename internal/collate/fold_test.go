package collate

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ why, name, want string }{
		{"nothing", "", ""},
		{"ASCII", "IMG_0042 (Final).JPG", "img_0042 (final).jpg"},
		{"German capitals", "ÜBUNG Straße GROẞ", "ubung strasse gross"},
		{"Greek, final sigma", "ΟΔΥΣΣΕΎΣ ὀδυσσεύς", "οδυσσευσ οδυσσευσ"},
		{"Greek, iota below", "ᾳ ᾼ", "αι αι"},
		{"Cyrillic", "ЁЖ Война", "еж воина"},
		{"Armenian ligature", "Երևան", "երեւան"},
		{"Georgian capitals", "ᲗᲑᲘᲚᲘᲡᲘ", "თბილისი"},
		{"Cherokee", "ꭰᎠ ᏸᏰ", "ᎠᎠ ᏰᏰ"},
		{"Deseret, beyond 16 bits", "𐐀", "𐐨"},
		{"Turkish letters", "İstanbul ISPARTA ısparta", "istanbul isparta isparta"},
		{"ligatures", "oﬃce ﬂat", "office flat"},
		{"composed", "Ré\u00e9sum\u00e9", "reesume"},
		{"decomposed", "Re\u0301e\u0301sume\u0301", "reesume"},
		{"several marks", "Tiê\u0301ng Việt ấ", "tieng viet a"},
		{"strokes", "Łódź Øre Đà Ħal", "lodz ore da hal"},
		{"letters that stay apart", "æ œ þ", "æ œ þ"},
		{"Kelvin and Ångström signs", "\u212A \u212B", "k a"},
		{"Chinese", "中文文件.TXT", "中文文件.txt"},
		{"Japanese voicing is no accent", "がか", "か\u3099か"},
		{"half width", "ｶﾞ", "カ\u3099"},
		{"full width", "ＩＭＧ＿０１．ｊｐｇ", "img_01.jpg"},
		{"Korean", "각", "\u1100\u1161\u11a8"},
		{"Arabic points", "مُحَمَّد أحمد", "محمد احمد"},
		{"Hebrew points", "שָׁלוֹם", "שלום"},
		{"Thai vowels and tones stay", "ที่ รู้", "ที่ รู้"},
		{"Devanagari vowels stay", "कु कि", "कु कि"},
		{"emoji", "👩‍💻 ❤️ ❤ 🇩🇪", "👩‍💻 ❤ ❤ 🇩🇪"},
		{"invalid UTF-8", "A\xffB\xc3", "a\ufffdb\ufffd"},
		{"an invalid run is one, as it is shown", "x\xff\xfey", "x\ufffdy"},
		{"U+FFFD itself", "A\ufffdB", "a\ufffdb"},
		{"only marks", "\u0301", ""},
		{"controls", "A\n\tB\x7f", "a\n\tb\x7f"},
	} {
		if got := Fold(c.name); got != c.want {
			t.Errorf("%s: Fold(%+q) = %+q, want %+q", c.why, c.name, got, c.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Straße", "İ", "ᾴ", "e\u0301", "가", "ｶﾞ", "\xff", "\ufffd", "❤️", "a\xc3\x28", "ΰ", "ŉ", "ﬀ", "ϒ\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Fold(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Fold(%+q) = %+q is not UTF-8", s, got)
		}
		if again := Fold(got); again != got {
			t.Fatalf("Fold(%+q) = %+q, folded again %+q", s, got, again)
		}
		if !utf8.ValidString(s) {
			return
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if other := Fold(form.String(s)); other != got {
				t.Fatalf("Fold(%+q) = %+q, but %+q in another normal form", s, got, other)
			}
		}
		if other := Fold(cases.Upper(language.Und).String(s)); other != got {
			t.Fatalf("Fold(%+q) = %+q, but %+q in capitals", s, got, other)
		}
	})
}

// BenchmarkFold reports the time to fold one name.
func BenchmarkFold(b *testing.B) {
	for _, name := range []string{"invoice 2024.pdf", "IMG_20240131_123456.JPG", "Résumé Straße.pdf", "履歴書 がき.txt"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = Fold(name)
			}
		})
	}
}
