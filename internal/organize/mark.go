package organize

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// maxNote is how long a note may be, in bytes.
const maxNote = 256 << 10

// noteBreak stands between notes that were written at the same time.
const noteBreak = "\n\n---\n\n"

// notesOf joins notes that stand beside one another: nobody's words are lost.
func notesOf(facts []merge.Fact) string {
	var all []string
	for _, f := range facts {
		if len(all) == 0 || all[len(all)-1] != f.Value {
			all = append(all, f.Value)
		}
	}
	return strings.Join(all, noteBreak)
}

// FavouriteIn marks files as favourites.
type FavouriteIn struct {
	Off  bool `json:"off,omitempty" jsonschema:"they are no favourites any more"`
	Here bool `json:"here,omitempty" jsonschema:"these places alone, and not all copies of the same bytes"`
	Selection
}

// RateIn rates files.
type RateIn struct {
	Stars int  `json:"stars" cli:"1" jsonschema:"how good: 1 to 5; 0 takes the rating away" min:"0" max:"5"`
	Here  bool `json:"here,omitempty" jsonschema:"these places alone, and not all copies of the same bytes"`
	Selection
}

// SetNoteIn writes a note.
type SetNoteIn struct {
	One
	Text   string `json:"text" jsonschema:"the note, as Markdown; nothing takes it away"`
	Append bool   `json:"append,omitempty" jsonschema:"below what is there"`
	Here   bool   `json:"here,omitempty" jsonschema:"for this place alone, and not for all copies of the same bytes"`
}

// Note is a note.
type Note struct {
	Text  string        `json:"text" jsonschema:"the note, as Markdown; where there are several, all below one another"`
	Texts []WrittenNote `json:"texts,omitempty" jsonschema:"where several devices wrote it at the same time: what each wrote, the oldest first. note.set makes one of them"`
}

// WrittenNote is what one device wrote while another wrote something else.
type WrittenNote struct {
	Text   string `json:"text" jsonschema:"the note, as Markdown"`
	Device string `json:"device" jsonschema:"the id of the device that wrote it"`
	Own    bool   `json:"own,omitempty" jsonschema:"it was written on this device"`
	At     string `json:"at" jsonschema:"when it was written"`
}

// written are the different texts of a note that was written at the same time in several
// places; none: it was not.
func (s *Service) written(facts []merge.Fact) (all []WrittenNote) {
	for _, f := range facts {
		if slices.ContainsFunc(all, func(w WrittenNote) bool { return w.Text == f.Value }) {
			continue
		}
		device, _, _ := strings.Cut(f.Actor, ".")
		all = append(all, WrittenNote{f.Value, device, device == string(s.Device), f.Stamp.Time().Format(time.RFC3339)})
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

func (s *Service) markOps() []op.Def {
	return []op.Def{
		op.NewCommand("favourite.set", "Mark files and folders as favourites", s.favouriteSet, op.Example("stardrive favourite set ~/Photos/beach.jpg")),
		op.NewCommand("rate.set", "Rate files and folders with one to five stars", s.rateSet, op.Example("stardrive rate set 4 ~/Photos/beach.jpg")),
		op.NewQuery("note.show", "Show the note on a file or folder", s.noteShow, op.Example("stardrive note show ~/Photos/beach.jpg")),
		op.NewCommand("note.set", "Write a note on a file or folder", s.noteSet, op.Example("stardrive note set ~/Photos/beach.jpg --text 'With Mia and Tom'")),
	}
}

func (s *Service) favouriteSet(ctx context.Context, in FavouriteIn) (Done, error) {
	title, value := "Mark %s as favourite", "1"
	if in.Off {
		title, value = "Mark %s as no favourite", ""
	}
	return s.mark(ctx, title, in.Selection, in.Here, favouriteField, "", value)
}

func (s *Service) rateSet(ctx context.Context, in RateIn) (Done, error) {
	value := ""
	if in.Stars > 0 {
		value = fmt.Sprint(in.Stars)
	}
	return s.mark(ctx, "Rate %s with "+fmt.Sprint(in.Stars), in.Selection, in.Here, ratingField, "", value)
}

// mark gives a field, or a member of one, of all that is selected a value; "" takes it
// away, under whichever targets it is known.
func (s *Service) mark(ctx context.Context, title string, in Selection, here bool, field, member, value string) (out Done, err error) {
	some, err := s.chosen(ctx, in)
	if err != nil {
		return out, err
	}
	var changed, same int
	id, err := s.changePlaced(ctx, fmt.Sprintf(title, counted(len(some))), func(p *page) (changes []merge.Change, err error) {
		var targets []string
		if value == "" {
			for i := range some {
				targets = append(targets, s.model.targetsNow(&some[i])...)
			}
		} else if targets, err = p.targetsOf(s.model, some, here); err != nil {
			return nil, err
		}
		has := s.marked(field, member)
		p.allHave(field, member, has)
		if value != "" && !here {
			changes = s.alsoAt(some, targets, has, field, member)
		}
		own := len(changes)
		once := map[string]bool{}
		for _, target := range targets {
			if once[target] {
				continue
			}
			once[target] = true
			k := merge.Key{Target: target, Field: field, Member: member}
			facts, err := p.standing(k)
			if err != nil {
				return nil, err
			}
			if f, ok := merge.Winner(facts); ok == (value != "") && f.Value == value {
				same++
				continue
			}
			changes = append(changes, merge.Change{Key: k, Value: value, Drop: value == ""})
		}
		changed = len(changes) - own
		return changes, nil
	})
	return done(id, changed, same), err
}

// alsoAt takes from places what stands there alone, when all copies get another: what is
// written is what is read then.
func (s *Service) alsoAt(some []thing, targets []string, has map[string]bool, field, member string) (changes []merge.Change) {
	for i := range some {
		for _, target := range s.model.targetsNow(&some[i]) {
			if target != targets[i] && has[target] {
				changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: field, Member: member}, Drop: true})
			}
		}
	}
	return changes
}

// marked are the targets of which a field is known.
func (s *Service) marked(field, member string) map[string]bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	out := map[string]bool{}
	if member != "" {
		for f := range s.model.values[member] {
			out[f.target] = true
		}
		return out
	}
	for f := range s.model.marked[field] {
		out[f.target] = true
	}
	return out
}

// one finds the one thing that is named.
func (s *Service) one(ctx context.Context, in One) (t thing, err error) {
	some, err := s.chosen(ctx, in.selection())
	if err != nil {
		return t, err
	}
	if len(some) != 1 {
		return t, errs.New(errs.Invalid, "say which entry: by path or by id")
	}
	return some[0], nil
}

func (s *Service) noteShow(ctx context.Context, in One) (out Note, err error) {
	t, err := s.one(ctx, in)
	if err != nil {
		return out, err
	}
	return s.noteOn(ctx, &t)
}

// noteOn is what notes there are on a thing.
func (s *Service) noteOn(ctx context.Context, t *thing) (out Note, err error) {
	var all []merge.Fact
	err = s.facts(ctx, s.model.targetsNow(t), func(k merge.Key, facts []merge.Fact) {
		if k.Field == noteField {
			all, out.Texts = append(all, facts...), append(out.Texts, s.written(facts)...)
		}
	})
	out.Text = notesOf(all)
	return out, err
}

func (s *Service) noteSet(ctx context.Context, in SetNoteIn) (out Done, err error) {
	if len(in.Text) > maxNote {
		return out, errs.New(errs.Invalid, "a note has up to %d bytes, and this one %d", maxNote, len(in.Text)).Try("Keep it in a file.")
	}
	if !utf8.ValidString(in.Text) || strings.ContainsRune(in.Text, 0) {
		return out, errs.New(errs.Invalid, "a note is text in UTF-8")
	}
	text := in.Text
	t, err := s.one(ctx, in.One)
	if err != nil {
		return out, err
	}
	if in.Append {
		before, err := s.noteOn(ctx, &t)
		if err != nil {
			return out, err
		}
		if before.Text != "" {
			text = before.Text + "\n" + text
		}
		if len(text) > maxNote {
			return out, errs.New(errs.Invalid, "the note would have more than %d bytes", maxNote).Try("Keep it in a file.")
		}
	}
	return s.mark(ctx, "Write a note on %s", in.One.selection(), in.Here, noteField, "", text)
}
