package search

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// fields are what may stand before a colon in a query. Each makes a part of a
// value, or tells why it cannot; what has a part and a problem is read as that part.
var fields = map[string]func(p *parser, value string) (n part, problem string){
	"name":     filter((*parser).nameField),
	"path":     filter((*parser).pathField),
	"re":       filter((*parser).regexField),
	"kind":     filter((*parser).kindField),
	"ext":      filter((*parser).extField),
	"mime":     filter((*parser).mimeField),
	"size":     filter((*parser).sizeField),
	"modified": filter(timeField(func(s *segment) []int64 { return s.modified })),
	"in":       filter((*parser).inField),
	"is":       filter((*parser).isField),
	"volume":   filter(func(p *parser, v string) (node, string) { return anchored(v, p.volumes, "no volume has such a name") }),
	"location": filter(func(p *parser, v string) (node, string) {
		return anchored(v, p.locations, "no location has such a name")
	}),
	"content": (*parser).contentField,
	"similar": (*parser).similarField,

	"taken":    filter((*parser).takenField),
	"created":  filter(timeField(func(s *segment) []int64 { return s.created })),
	"camera":   filter((*parser).cameraField),
	"artist":   filter(textColumn("artist", "artist")),
	"title":    filter(textColumn("title", "title")),
	"width":    filter(numberColumn("width", "width", "1920, >4000, 800..1200", wholeNumber)),
	"height":   filter(numberColumn("height", "height", "1080, >2000, 600..900", wholeNumber)),
	"pages":    filter(numberColumn("pages", "pages", "1, >100, 10..20", wholeNumber)),
	"duration": filter((*parser).durationField),
	"device": filter(func(p *parser, v string) (node, string) {
		return anchored(v, p.devices, "no device has such a name")
	}),
	"tag":        filter(addedField("tag")),
	"rating":     filter(addedField("rating")),
	"note":       filter(addedField("note")),
	"collection": filter(addedField("collection")),
}

// customField is what the names of custom fields begin with.
const customField = "field."

// fieldNamed is the field of a name in small letters, also one that users made; nil:
// there is none.
func fieldNamed(name string) func(p *parser, value string) (n part, problem string) {
	if strings.HasPrefix(name, customField) && len(name) > len(customField) {
		return filter(addedField(name))
	}
	return fields[name]
}

// filter makes a field of one that looks at entries alone.
func filter(of func(p *parser, value string) (node, string)) func(*parser, string) (part, string) {
	return func(p *parser, value string) (part, string) {
		n, problem := of(p, value)
		return filterBy(n), problem
	}
}

// contentField looks for a text in texts alone.
func (p *parser) contentField(value string) (part, string) {
	text, open := strings.CutSuffix(value, "*")
	words := fulltext.Phrase{Text: text, Open: open}
	p.say(text)
	n := p.among("content:"+value, func(ctx context.Context, of *among) (bool, error) {
		if p.texts == nil {
			return false, nil
		}
		whole, err := p.texts.All(ctx, words, maxContents, of.some.add)
		return whole && err == nil && !p.texts.Partial(), ctx.Err() // texts that are not ready keep no name from being found
	}).reads()
	return part{fits: n, sense: &sense{words: &words}, texts: true}, ""
}

// similarField finds what is about the same as some words, or as a file.
func (p *parser) similarField(value string) (part, string) {
	value = p.atHome(value)
	if isPath(value) && p.file != nil {
		if err := p.file(value); err != nil {
			return filterBy(nothing{}), "nothing is similar to this: " + err.Error()
		}
	}
	if !p.minus {
		p.like = append(p.like, value)
	}
	n := p.among("similar:"+value, func(ctx context.Context, of *among) (bool, error) {
		if p.texts == nil {
			return false, nil
		}
		v, self, err := p.meaning(ctx, value)
		if err != nil || v == nil {
			return err == nil, ctx.Err()
		}
		near, err := p.texts.Nearest(ctx, v, maxSimilar, nil)
		near = slices.DeleteFunc(near, func(n fulltext.Near) bool { return n.ID == int64(self) })
		for _, one := range alike(near, p.texts.Cut()) {
			of.some.add(one.ID)
		}
		return err == nil && !p.texts.Partial(), ctx.Err()
	}).reads()
	return filterBy(n), ""
}

// maxSimilar is how many files are similar to one at most.
const maxSimilar = 1000

// isPath reports whether what is similar is meant to be like a file, not a word.
func isPath(value string) bool { return strings.Contains(value, "/") || value == "~" }

// cutField cuts a known field off the front of a text; what looks like another
// one is part of a word. The case of its letters does not matter, but for re:, as
// which mails begin that answer others.
func cutField(text string) (name, value string, ok bool) {
	typed, value, ok := strings.Cut(text, ":")
	name = strings.ToLower(typed)
	return name, value, ok && value != "" && fieldNamed(name) != nil && (name != "re" || typed == name)
}

func (p *parser) nameField(value string) (node, string) {
	n := p.word(value, false)
	if n == nil {
		return all{}, ""
	}
	return n, ""
}

func (p *parser) pathField(value string) (node, string) {
	n, ok := newPath(collate.Fold(value))
	if !ok {
		return nil, "a path may have 12 parts here"
	}
	return n, ""
}

func (p *parser) regexField(value string) (node, string) {
	n, err := newRegex(value, p.real)
	if err != nil {
		return nil, "this is no regular expression: " + err.Error()
	}
	return n, ""
}

func (p *parser) kindField(value string) (node, string) {
	var some or
	for k := range strings.SplitSeq(strings.ToLower(value), ",") {
		if other, ok := kindNames[k]; ok {
			k = other
		}
		if !isKind(k) {
			return nil, "this kind is not known; there are " + strings.Join(allKinds(), ", ")
		}
		some = append(some, newKind(k))
	}
	return some, ""
}

func (p *parser) extField(value string) (node, string) {
	var exts []string
	for e := range strings.SplitSeq(collate.Fold(value), ",") {
		exts = append(exts, strings.TrimPrefix(strings.TrimPrefix(e, "*"), "."))
	}
	return newExt(exts), ""
}

// mimeField reads media types: "image/png", "image/*" or "image".
func (p *parser) mimeField(value string) (node, string) {
	types := strings.Split(strings.ToLower(value), ",")
	for i, t := range types {
		major, minor, whole := strings.Cut(t, "/")
		if major == "" || whole && minor == "" || strings.Contains(major, "*") || minor != "*" && strings.Contains(minor, "*") {
			return nil, "this is no media type; such as image/png, image/*, text"
		}
		if !whole || minor == "*" {
			types[i] = major + "/"
		}
	}
	return newMIME(types, p.kinds), ""
}

func (p *parser) sizeField(value string) (node, string) {
	from, to, ok := parseSize(value)
	if !ok {
		return nil, "this is no size; such as 10mb, >1.5g, 1mb..2gb, large"
	}
	return newSize(from, to), ""
}

const noTime = "this is no time; such as 2024, 2024-03, <30d, today, lastweek, 2023..2024-06"

// timeField makes a field that compares a column of times with one or a range.
func timeField(of func(s *segment) []int64) func(p *parser, value string) (node, string) {
	return func(p *parser, value string) (node, string) {
		from, to, ok := parseWhen(value, p.now)
		if !ok {
			return nil, noTime
		}
		return &times{of: of, from: from, to: to}, ""
	}
}

// atHome is a path in which ~ stands for the user's folder.
func (a *around) atHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && a.home != "" && (rest == "" || rest[0] == '/') {
		return a.home + rest
	}
	return path
}

func (p *parser) inField(value string) (node, string) {
	value = p.atHome(value)
	id, err := p.folder(value)
	switch {
	case err == nil:
		return inFolder(id), ""
	case errs.Is(err, errs.Unsupported) && p.disks && p.sole && p.live == "":
		p.live, p.liveAt = value, p.at
		return all{}, ""
	case !isPath(value):
		return nil, "in: takes a whole path, such as in:~/Photos; path:" + value + "/ is what is below a folder of such a name"
	case errs.Is(err, errs.NotFound):
		return nothing{}, noFolder + err.Error()
	}
	return nothing{}, "this folder cannot be searched: " + err.Error()
}

func (p *parser) isField(value string) (node, string) {
	switch strings.ToLower(value) {
	case "hidden":
		return newHidden(), ""
	case "empty":
		return newEmpty(), ""
	case "offline":
		return inOrIs(p.offline()), ""
	case "duplicate":
		return p.among("is:duplicate", p.duplicated), ""
	}
	if n := p.addedIs(strings.ToLower(value)); n != nil {
		return n, ""
	}
	return nil, "this is not known; there are is:hidden, is:empty, is:offline, is:duplicate and is:" + strings.Join(addedWords, ", is:")
}

// anchored fits what is below the folders that a name finds.
func anchored(value string, find func(folded string) []ident.EntryID, problem string) (node, string) {
	some := find(collate.Fold(value))
	if len(some) == 0 {
		return nil, problem
	}
	return inOrIs(some), ""
}
