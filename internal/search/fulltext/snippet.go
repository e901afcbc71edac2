package fulltext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Snippet is a piece of a text around what was looked for.
type Snippet struct {
	Text  string   `json:"text" jsonschema:"a piece of the text, its blanks and line breaks each as one blank"`
	Marks [][2]int `json:"marks" jsonschema:"where in it the words stand: from and to, in characters (code points)"`
	Page  int      `json:"page,omitempty" jsonschema:"on which page it stands, from 1, where the text has pages"`
}

const (
	snippetBytes = 160 // about
	maxSnippets  = 2
	maxPlaces    = 200 // of one text that are looked at
	maxLead      = 50  // bytes before the first word of a snippet
)

// snippets shows the places, which are in the order of their ends.
func snippets(text string, places []place) []Snippet {
	out := []Snippet{}
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b place) int { return a.from - b.from })
	for len(places) > 0 && len(out) < maxSnippets {
		first, end := densest(places)
		from, to := window(text, places[first].from, places[end-1].to)
		for end < len(places) && places[end].to <= to {
			end++
		}
		s := shown(text[from:to], from, places[first:end])
		if strings.IndexByte(text, '\f') >= 0 {
			s.Page = 1 + strings.Count(text[:places[first].from], "\f")
		}
		out = append(out, s)
		// The next one stands elsewhere in the text.
		places = slices.DeleteFunc(places, func(p place) bool { return p.to > from && p.from < to })
	}
	return out
}

// densest finds the places near each other that show most of the phrases, and
// most of all, the first of them where there are several.
func densest(places []place) (first, end int) {
	best := -1
	for i := range places {
		seen := map[int]bool{}
		j := i
		for ; j < len(places) && (j == i || places[j].to-places[i].from <= snippetBytes-maxLead); j++ {
			seen[places[j].phrase] = true
		}
		if n := 1000*len(seen) + j - i; n > best {
			best, first, end = n, i, j
		}
		if j == len(places) {
			break
		}
	}
	return first, end
}

// window widens a stretch of text to a snippet that begins and ends at blanks,
// where there are any near.
func window(text string, from, to int) (int, int) {
	low := max(0, from-maxLead)
	high := min(len(text), max(to, low+snippetBytes))
	for low > 0 && !utf8.RuneStart(text[low]) {
		low++
	}
	for high < len(text) && !utf8.RuneStart(text[high]) {
		high--
	}
	if low > 0 {
		if i := strings.IndexFunc(text[low:from], unicode.IsSpace); i >= 0 {
			low += i
		}
	}
	if high < len(text) {
		if i := strings.LastIndexFunc(text[to:high], unicode.IsSpace); i >= 0 {
			high = to + i
		}
	}
	return low, high
}

// shown makes a snippet of a piece of text that begins at, with its places.
func shown(piece string, at int, places []place) Snippet {
	var b strings.Builder
	s := Snippet{Marks: [][2]int{}}
	runes, blank := 0, true // none at the beginning
	// Where in characters each byte of the piece came to stand, as far as asked for.
	var bounds []int
	for _, p := range places {
		bounds = append(bounds, p.from-at, p.to-at)
	}
	stands := make(map[int]int, len(bounds))
	slices.Sort(bounds)
	for i, r := range piece {
		for len(bounds) > 0 && bounds[0] <= i {
			stands[bounds[0]] = runes
			bounds = bounds[1:]
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError {
			if !blank {
				b.WriteByte(' ')
				runes++
			}
			blank = true
			continue
		}
		b.WriteRune(r)
		runes++
		blank = false
	}
	for _, n := range bounds {
		stands[n] = runes
	}
	s.Text = strings.TrimRight(b.String(), " ")
	for _, p := range places {
		from, to := stands[p.from-at], stands[p.to-at]
		if n := len(s.Marks); n > 0 && from <= s.Marks[n-1][1] { // pairs of letters overlap
			s.Marks[n-1][1] = max(to, s.Marks[n-1][1])
			continue
		}
		s.Marks = append(s.Marks, [2]int{from, to})
	}
	return s
}

// beginning is a snippet of a text in which nothing is marked.
func beginning(text string) []Snippet {
	if strings.TrimSpace(text) == "" {
		return []Snippet{}
	}
	from := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	_, to := window(text, from, from)
	return []Snippet{shown(text[from:to], from, nil)}
}
