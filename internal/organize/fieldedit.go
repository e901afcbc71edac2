package organize

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

func (s *Service) fieldEdit(ctx context.Context, in EditFieldIn) (out FieldDef, err error) {
	target := ""
	undo, err := s.planTag(ctx, "Edit the field "+in.Field, func(*tree) ([]merge.Change, error) {
		o, err := s.model.field(in.Field)
		if err != nil {
			return nil, err
		}
		target = o.id
		return s.planFieldEdit(o, &in)
	})
	out = s.shownField(target)
	out.Undo = undo
	return out, err
}

func (s *Service) planFieldEdit(o *object, in *EditFieldIn) ([]merge.Change, error) {
	c := &plan{target: o.id}
	for _, f := range in.Clear {
		field := map[string]string{"label": labelField, "description": aboutField}[f]
		if field == "" {
			return nil, errs.New(errs.Invalid, "%q cannot be emptied", f).Try("There are label and description.")
		}
		c.set(field, "")
	}
	if in.Name != "" {
		if err := checkFieldName(in.Name); err != nil {
			return nil, err
		}
		renamed := &object{id: o.id, one: map[string]string{nameField: in.Name, spaceField: o.one[spaceField]}}
		if err := s.model.freeAmong(fieldSort, nameOf(renamed), o.id); err != nil {
			return nil, err
		}
		c.set(nameField, in.Name)
	}
	if len(in.Label) > maxName {
		return nil, errs.New(errs.Invalid, "a label has up to %d bytes", maxName)
	}
	if err := checkLook("", "", in.Description); err != nil {
		return nil, err
	}
	for _, f := range [][2]string{{labelField, in.Label}, {aboutField, in.Description}} {
		if f[1] != "" {
			c.set(f[0], f[1])
		}
	}
	if fieldType(o) != ChoiceField && len(in.AddChoices)+len(in.RemoveChoices) > 0 {
		return nil, errs.New(errs.Invalid, "a field of the type %s has no choices", fieldType(o))
	}
	for _, text := range o.choices() {
		if slices.ContainsFunc(in.RemoveChoices, func(r string) bool { return collate.Fold(r) == collate.Fold(text) }) {
			c.drop(choiceField, text)
		}
	}
	return c.changes, c.addChoices(o, in.AddChoices)
}

func (s *Service) fieldDelete(ctx context.Context, in FieldIn) (out FieldDef, err error) {
	undo, err := s.planTag(ctx, "Delete the field "+in.Field, func(*tree) ([]merge.Change, error) {
		o, err := s.model.field(in.Field)
		if err != nil {
			return nil, err
		}
		out = s.model.showField(o)
		c := &plan{target: o.id}
		c.dropAll(o)
		for f := range s.model.values[o.id] {
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: f.target, Field: valueField, Member: o.id}, Drop: true})
		}
		slices.SortStableFunc(c.changes, func(a, b merge.Change) int { return strings.Compare(a.Target, b.Target) }) // not in the order of a map
		return c.changes, nil
	})
	out.Undo = undo
	return out, err
}

// SetFieldIn gives files a value.
type SetFieldIn struct {
	Field string `json:"field" cli:"1" jsonschema:"the custom field: its name, namespace.name or id"`
	Value string `json:"value" cli:"2" jsonschema:"the value: a number such as 12.5, a date such as 2024-03-01, yes or no, one of the choices, an address, or text"`
	Here  bool   `json:"here,omitempty" jsonschema:"for these places alone, and not for all copies of the same bytes"`
	Selection
}

// ClearFieldIn takes values from files.
type ClearFieldIn struct {
	Field string `json:"field" cli:"1" jsonschema:"the custom field: its name, namespace.name or id"`
	Selection
}

func (s *Service) fieldSet(ctx context.Context, in SetFieldIn) (out Done, err error) {
	var o *object
	var value string
	s.model.look(func(*tree) {
		if o, err = s.model.field(in.Field); err == nil {
			value, err = s.readValue(o, in.Value)
		}
	})
	if err != nil {
		return out, err
	}
	return s.mark(ctx, "Set "+plainTitle(nameOf(o))+" of %s", in.Selection, in.Here, valueField, o.id, value)
}

func (s *Service) fieldClear(ctx context.Context, in ClearFieldIn) (out Done, err error) {
	var o *object
	s.model.look(func(*tree) { o, err = s.model.field(in.Field) })
	if err != nil {
		return out, err
	}
	return s.mark(ctx, "Take "+plainTitle(nameOf(o))+" from %s", in.Selection, false, valueField, o.id, "")
}

// plainTitle is a text that can stand in a format.
func plainTitle(text string) string { return strings.ReplaceAll(text, "%", "%%") }
