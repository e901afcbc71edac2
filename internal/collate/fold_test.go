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
		{"emoji", "👩‍💻 ❤️ ❤ 🇩🇪", "👩💻 ❤ ❤ 🇩🇪"},
		{"soft hyphens", "in\u00adfor\u00adma\u00adtion", "information"},
		{"no width", "re\u200bport\u2060\ufeff.txt", "report.txt"},
		{"joined and parted", "می\u200cخواهم क्\u200dष", "میخواهم क्ष"},
		{"directions", "\u202egnp\u2066.exe\u2069", "gnp.exe"},
		{"nothing but what nobody sees", "\u00ad\u200b", ""},
		{"voiced, decomposed", "か\u3099き ハ\u309a", "か\u3099き ハ\u309a"},
		{"half width, semivoiced", "ﾊﾟｿｺﾝ", "ハ\u309aソコン"},
		{"Korean, decomposed", "\u1100\u1161\u11a8", "\u1100\u1161\u11a8"},
		{"Korean letters alone, wide and half as wide", "ㄱㅏ ﾡￂ", "\u1100\u1161 \u1100\u1161"},
		{"letters in another guise", "ℌ𝓮𝗹𝗹𝗼 ① x² ㎏ ™ Nº", "hello 1 x2 kg tm no"},
		{"ligatures of Arabic", "ﻻ", "لا"},
		{"blanks of all sorts", "a\u00a0b\u2009c\u3000d", "a b c d"},
		{"dots", "wait…", "wait..."},
		{"what would become another sign stays", "½ ⑴ ℃ ´ ゛", "½ ⑴ ℃ ´ ゛"},
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
	for _, s := range []string{"", "Straße", "İ", "ᾴ", "e\u0301", "가", "ｶﾞ", "\xff", "\ufffd", "❤️", "a\xc3\x28", "ΰ", "ŉ", "ﬀ", "ϒ\u0301", "a\u00adb\u200b", "\u3099\u200b\u093c", "ㄱㅏ", "𝓐", "ﷺ", "㎏"} {
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

// TestFoldEachLetter: what is folded stays as it is when it is folded again, and
// every letter is the same in either normal form, for each there is.
func TestFoldEachLetter(t *testing.T) {
	for r := rune(1); r < 0x20000; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := "x" + string(r) + "\u3099y"
		got := Fold(s)
		if again := Fold(got); again != got {
			t.Errorf("Fold(%+q) = %+q, folded again %+q", s, got, again)
		}
		if s, got := s[:len(s)-len("\u3099y")], Fold(s[:len(s)-len("\u3099y")]); r >= 0xc0 {
			if a, b := Fold(norm.NFC.String(s)), Fold(norm.NFD.String(s)); a != got || b != got {
				t.Errorf("Fold(%+q) = %+q, but %+q and %+q in other forms", s, got, a, b)
			}
		}
	}
}
