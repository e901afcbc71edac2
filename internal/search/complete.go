package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
)

// CompleteIn is a query that is being typed.
type CompleteIn struct {
	Query string `json:"query" cli:"1" jsonschema:"as far as it is typed"`
	At    *int   `json:"at,omitempty" jsonschema:"where the cursor stands, in characters; default at the end" min:"0"`
	Limit int    `json:"limit,omitempty" jsonschema:"how many to return; default 20" min:"0" max:"200"`
}

// Completion is a way to go on.
type Completion struct {
	Text   string `json:"text" jsonschema:"what to put there"`
	At     int    `json:"at" jsonschema:"in the place of what begins here, in characters"`
	Length int    `json:"length" jsonschema:"and is as long"`
	Kind   string `json:"kind" jsonschema:"field, value, or recent: a search that was made lately"`
	Help   string `json:"help,omitempty" jsonschema:"what it does, for people"`
}

// Completions are ways to go on.
type Completions struct {
	Items []Completion `json:"items" jsonschema:"the likeliest first"`
}

// fieldHelp tells what the fields are for.
var fieldHelp = []struct{ name, help string }{
	{"kind", "what it is: image, document, folder …"}, {"ext", "extension"}, {"size", ">10mb, 1k..2m, large"}, {"modified", "last change: 2024-03, <30d, today"},
	{"in", "below a folder"}, {"content", "in texts alone"}, {"name", "in names alone"}, {"similar", "about the same as a word or file"},
	{"is", "hidden, empty, offline, duplicate"}, {"location", "below a location"}, {"volume", "on a volume"}, {"device", "on a device"}, {"mime", "media type"},
	{"taken", "when a photo was taken"}, {"created", "when it was made"}, {"camera", "maker and model"}, {"width", "of a picture, in pixels"}, {"height", "of a picture, in pixels"},
	{"duration", "of sound and film: >5m, 3:20"}, {"artist", "author or performer"}, {"title", "of a document or song"}, {"pages", "of a document"},
	{"tag", "has a tag, or one below it"}, {"rating", "stars: 4, >=4, 2..3"}, {"note", "words of your note on it"}, {"collection", "stands in a collection"},
	{"path", "in the name or a folder above"}, {"re", "regular expression"},
}

// someValues are those of fields that have few, or of which some show the way.
var someValues = map[string][]string{
	"is":       append([]string{"hidden", "empty", "offline", "duplicate"}, addedWords...),
	"size":     {"empty", "tiny", "small", "medium", "large", "huge", "gigantic", ">1mb", ">100mb", ">1gb"},
	"duration": {"<1m", "<5m", ">5m", ">1h"},
	"width":    {">1920", ">4000"},
	"height":   {">1080", ">3000"},
	"pages":    {"1", ">10", ">100"},
	"rating":   {"5", ">=4", "3", "<=2"},
	"mime":     {"image/*", "video/*", "audio/*", "text/*", "application/pdf"},
}

func (s *Service) complete(ctx context.Context, in CompleteIn) (out Completions, err error) {
	out.Items = []Completion{}
	at := utf8.RuneCountInString(in.Query)
	if in.At != nil {
		at = min(at, *in.At)
	}
	typed := string([]rune(in.Query)[:at])
	t := token{at: at}
	open := strings.Repeat(`"`, strings.Count(typed, `"`)%2) // which ends a phrase that is being typed
	for _, one := range tokens(typed + open) {
		if one.at+utf8.RuneCountInString(one.text) == at+len(open) {
			t = one
			t.text = strings.TrimSuffix(t.text, open)
		}
	}
	start := len(t.text) - len(strings.TrimLeft(t.text, "-("))
	begun := t.text[start:]
	add := func(kind, text, help string) {
		out.Items = append(out.Items, Completion{Text: text, At: t.at + start, Length: utf8.RuneCountInString(begun), Kind: kind, Help: help})
	}
	if name, value, ok := strings.Cut(begun, ":"); ok && fieldNamed(strings.ToLower(name)) != nil {
		name = strings.ToLower(name)
		values, err := s.values(ctx, name, collate.Fold(strings.TrimPrefix(value, `"`)))
		if err != nil {
			return out, err
		}
		for _, v := range values {
			add("value", name+":"+quoted(v), "")
		}
	} else {
		for _, f := range fieldHelp {
			if strings.HasPrefix(f.name, strings.ToLower(begun)) {
				add("field", f.name+":", f.help)
			}
		}
		if own := collate.Fold(begun); s.Added != nil && begun != "" {
			for _, key := range s.Added.Complete("field", "") {
				if strings.HasPrefix(collate.Fold(customField+key), own) {
					add("field", customField+key+":", "a field of your own")
				}
			}
		}
		recent, err := s.recentSearches(ctx)
		if err != nil {
			return out, err
		}
		folded := collate.Fold(in.Query)
		var before []Completion
		for _, r := range recent {
			if folded != "" && strings.HasPrefix(collate.Fold(r.Query), folded) && r.Query != in.Query {
				before = append(before, Completion{Text: r.Query, Length: utf8.RuneCountInString(in.Query), Kind: "recent"})
			}
		}
		out.Items = append(before[:min(5, len(before))], out.Items...)
	}
	out.Items = out.Items[:min(cmp.Or(in.Limit, 20), len(out.Items))]
	return out, nil
}

// values are those of a field that begin with a folded text, or hold it.
func (s *Service) values(ctx context.Context, field, folded string) (all []string, err error) {
	switch field {
	case "kind":
		all = allKinds()
	case "modified", "taken", "created":
		all = []string{"today", "yesterday", "this week", "last week", "this month", "last month", "this year", "last year", "<7d", "<30d"}
		for i := range 5 {
			all = append(all, strconv.Itoa(s.Now().Year()-i))
		}
	case "ext":
		all, err = s.extensions(ctx)
	case "volume", "location", "device":
		var p places
		p, err = s.places(ctx)
		for _, a := range map[string][]anchor{"volume": p.volumes, "location": p.locations, "device": p.devices}[field] {
			if !slices.Contains(all, a.short()) {
				all = append(all, a.short())
			}
		}
	case "camera", "artist", "title": // the names of columns, too
		all, err = s.factTexts(ctx, field, folded)
	default:
		if all = someValues[field]; all == nil && s.Added != nil {
			return s.Added.Complete(field, folded), nil // it knows aliases, too
		}
	}
	var begin, hold []string
	for _, v := range all {
		switch f := collate.Fold(v); {
		case strings.HasPrefix(f, folded):
			begin = append(begin, v)
		case strings.Contains(f, folded):
			hold = append(hold, v)
		}
	}
	return append(begin, hold...), err
}

// short is the name without what else finds it.
func (a anchor) short() string {
	name, _, _ := strings.Cut(a.name, "\x00")
	return name
}

// extensions are those there are, the most frequent first.
func (s *Service) extensions(ctx context.Context) ([]string, error) {
	n := map[string]int{}
	q := &query{fits: all{}, count: newCounting([]FacetField{FacetExtension}, s.Now().Location())}
	_, err := s.on(ctx, func(ctx context.Context, t *table) error {
		return t.search(ctx, q, 0, func(f found) {
			if f.counts != nil {
				n = f.counts.exts
			}
		})
	})
	return slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) }), err
}

// factTexts are some of the values of a column that hold a folded text.
func (s *Service) factTexts(ctx context.Context, column, folded string) (all []string, err error) {
	err = s.texts(ctx, "SELECT "+column+" FROM facts WHERE "+column+" IS NOT NULL AND instr("+column+", ?) > 0 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 50",
		[]any{folded}, func(v string) { all = append(all, v) })
	return all, err
}
