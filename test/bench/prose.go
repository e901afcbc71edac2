package bench

import (
	"bytes"
	"cmp"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// proseFolder holds texts that people wrote.
const proseFolder = "/usr/share/doc"

const (
	mostProse = 48 << 20 // bytes of which texts are cut
	minText   = 1000
	maxText   = 200_000
)

// prose makes texts of pieces of what people wrote, and words and phrases as they
// stand in it. Where nobody wrote anything, it makes words up.
type prose struct {
	all   []byte
	words []string // the commonest first, of three letters and more
	rng   *rand.Rand
	made  int64 // bytes of text
}

func newProse() *prose {
	p := &prose{rng: rand.New(rand.NewPCG(5, 5))}
	var all bytes.Buffer
	_ = filepath.WalkDir(proseFolder, func(path string, d fs.DirEntry, err error) error { // what cannot be read is left out
		if err != nil || !d.Type().IsRegular() || all.Len() >= mostProse {
			return nil
		}
		b, err := os.ReadFile(path)
		if err == nil && len(b) < 1<<20 && utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
			all.Write(b)
		}
		return nil
	})
	if all.Len() < 10*maxText {
		madeUp(&all, p.rng)
	}
	p.all = all.Bytes()
	seen := map[string]int{}
	for i := 0; i < 400_000; i++ {
		if w := p.word(); len(w) >= 3 {
			seen[strings.ToLower(w)]++
		}
	}
	p.words = slices.SortedFunc(maps.Keys(seen), func(a, b string) int { return cmp.Or(cmp.Compare(seen[b], seen[a]), cmp.Compare(a, b)) })
	return p
}

// madeUp writes words of which the n-th is one part in n as frequent as the first.
func madeUp(to *bytes.Buffer, rng *rand.Rand) {
	pick := rand.NewZipf(rng, 1.07, 3, 59_999)
	for to.Len() < mostProse/4 {
		for n := pick.Uint64() + 15; n > 0; n /= 70 {
			to.WriteByte("bdfgklmnprstvz"[n%14])
			to.WriteByte("aeiou"[n/14%5])
		}
		to.WriteByte(' ')
	}
}

// word is one from anywhere, as often as it is used.
func (p *prose) word() string {
	for {
		at := p.rng.IntN(len(p.all) - 100)
		some := bytes.FieldsFunc(p.all[at:at+100], func(r rune) bool { return !unicode.IsLetter(r) })
		if len(some) > 1 && len(some[1]) > 1 && len(some[1]) < 20 { // the first one may have no beginning
			return string(some[1])
		}
	}
}

func (p *prose) usual() string {
	for {
		if w := p.word(); len(w) >= 3 {
			return strings.ToLower(w)
		}
	}
}

func (p *prose) common() string { return p.words[p.rng.IntN(50)] }

// rare is a word that is used, but seldom.
func (p *prose) rare() string {
	from := min(2000, len(p.words)/3)
	return p.words[from+p.rng.IntN(len(p.words)-from)]
}

// phrase is n words as they stand side by side somewhere.
func (p *prose) phrase(n int) string {
	for {
		at := p.rng.IntN(len(p.all) - 200)
		f := bytes.Fields(p.all[at : at+200])
		if len(f) > n+1 {
			if text := string(bytes.Join(f[1:n+1], []byte(" "))); !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != ' ' }) {
				return text
			}
		}
	}
}

func (p *prose) title() string { return p.phrase(4) }

// text is from 1 to 200 kB long: half of them are below 3 kB.
func (p *prose) text() string {
	n := min(max(int(math.Exp(p.rng.NormFloat64()*1.2+8)), minText), maxText, len(p.all)/2)
	p.made += int64(n)
	at := p.rng.IntN(len(p.all) - n)
	return strings.ToValidUTF8(string(p.all[at:at+n]), "")
}
