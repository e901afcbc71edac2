package organize

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

const (
	fieldTarget = "f:"

	labelField  = "label"  // of a custom field
	choiceField = "choice" // likewise: a set, with their positions
)

// Limits of custom fields.
const (
	maxFields  = 1000
	maxChoices = 1000
	maxValue   = 10_000 // bytes of one value
)

// FieldType is what the values of a custom field are.
type FieldType string

// The types of custom fields.
const (
	TextField   FieldType = "text"
	NumberField FieldType = "number"
	DateField   FieldType = "date"
	BoolField   FieldType = "bool"
	ChoiceField FieldType = "choice"
	URLField    FieldType = "url"
)

// Enum lists the types, for schemas.
func (FieldType) Enum() []string {
	return []string{string(TextField), string(NumberField), string(DateField), string(BoolField), string(ChoiceField), string(URLField)}
}

// TypeName is what clients call the type.
func (FieldType) TypeName() string { return "CustomFieldType" }

// FieldDef is a custom field.
type FieldDef struct {
	ID          string    `json:"id" jsonschema:"its id, which never changes"`
	Name        string    `json:"name" jsonschema:"what it is called"`
	Namespace   string    `json:"namespace,omitempty" jsonschema:"whose it is: of an extension, for example"`
	Key         string    `json:"key" jsonschema:"how searches name it: field.KEY:value"`
	Label       string    `json:"label,omitempty" jsonschema:"how it is shown, if otherwise than by its name"`
	Type        FieldType `json:"type" jsonschema:"what its values are"`
	Choices     []string  `json:"choices,omitempty" jsonschema:"its values, in their order, where there are only some"`
	Description string    `json:"description,omitempty" jsonschema:"what it means"`
	Files       int       `json:"files" jsonschema:"contents and places that have a value"`
	Undo        string    `json:"undo,omitempty" jsonschema:"of a change: what to give organize.undo to take it back"`
}

// FieldList are custom fields.
type FieldList struct {
	Items []FieldDef `json:"items" jsonschema:"by name"`
}

// ListFieldsIn chooses custom fields.
type ListFieldsIn struct {
	Match string `json:"match,omitempty" cli:"1" jsonschema:"only those whose name or label holds this"`
}

// CreateFieldIn is a custom field to make.
type CreateFieldIn struct {
	Name        string    `json:"name" cli:"1" jsonschema:"what to call it: letters, digits, - and _"`
	Type        FieldType `json:"type,omitempty" jsonschema:"what its values are; default text, or choice where there are choices"`
	Namespace   string    `json:"namespace,omitempty" jsonschema:"whose it is: of an extension, for example"`
	Label       string    `json:"label,omitempty" jsonschema:"how to show it"`
	Choices     []string  `json:"choices,omitempty" jsonschema:"its values, in their order, where there are only some"`
	Description string    `json:"description,omitempty" jsonschema:"what it means"`
}

// EditFieldIn changes a custom field.
type EditFieldIn struct {
	Field         string   `json:"field" cli:"1" jsonschema:"its name, namespace.name or id"`
	Name          string   `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Label         string   `json:"label,omitempty" jsonschema:"how to show it"`
	Description   string   `json:"description,omitempty" jsonschema:"what it means"`
	AddChoices    []string `json:"add_choices,omitempty" jsonschema:"further values, below those there are"`
	RemoveChoices []string `json:"remove_choices,omitempty" jsonschema:"values that are no choices any more; files that have them keep them"`
	Clear         []string `json:"clear,omitempty" jsonschema:"what to empty: label or description"`
}

// FieldIn names a custom field.
type FieldIn struct {
	Field string `json:"field" cli:"1" jsonschema:"its name, namespace.name or id"`
}

func (s *Service) fieldOps() []op.Def {
	return []op.Def{
		op.NewQuery("field.list", "List custom fields", s.fieldList, op.Example("stardrive field list")),
		op.NewCommand("field.create", "Make a custom field, for values that files can have", s.fieldCreate, op.Example("stardrive field create state --choices draft --choices final")),
		op.NewCommand("field.edit", "Rename a custom field, or change what else is known of it", s.fieldEdit, op.Example("stardrive field edit state --name status --add-choices sent")),
		op.NewCommand("field.delete", "Delete a custom field and its values; files stay", s.fieldDelete, op.Example("stardrive field delete state")),
		op.NewCommand("field.set", "Give files and folders a value", s.fieldSet, op.Example("stardrive field set state final ~/Documents/offer.pdf")),
		op.NewCommand("field.clear", "Take a value from files and folders", s.fieldClear, op.Example("stardrive field clear state --query 'field.state:draft'")),
	}
}

// field finds a custom field. The caller holds the model. Errors: errs.NotFound,
// errs.Invalid.
func (m *model) field(name string) (*object, error) { return m.that(fieldSort, name) }

func fieldType(o *object) FieldType {
	if t := FieldType(o.one[typeField]); slices.Contains(t.Enum(), string(t)) {
		return t
	}
	return TextField // of a later version
}

// choices are the values of a field that has only some, in their order.
func (o *object) choices() []string {
	type choice struct {
		text string
		at   float64
	}
	var all []choice
	for text, f := range o.sets[choiceField] {
		at, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			at = 0 // another version's: it stands somewhere
		}
		all = append(all, choice{text, at})
	}
	slices.SortFunc(all, func(a, b choice) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.text, b.text)) })
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].text
	}
	return out
}

func (m *model) showField(o *object) FieldDef {
	return FieldDef{
		ID: shortID(o.id), Name: o.one[nameField], Namespace: o.one[spaceField], Key: nameOf(o), Label: o.one[labelField], Type: fieldType(o),
		Choices: o.choices(), Description: o.one[aboutField], Files: len(m.values[o.id]),
	}
}

func (s *Service) fieldList(_ context.Context, in ListFieldsIn) (out FieldList, err error) {
	out.Items = []FieldDef{}
	match := collate.Fold(in.Match)
	s.model.look(func(*tree) {
		for _, o := range s.model.those(fieldSort) {
			if strings.Contains(collate.Fold(nameOf(o)), match) || strings.Contains(collate.Fold(o.one[labelField]), match) {
				out.Items = append(out.Items, s.model.showField(o))
			}
		}
	})
	return out, nil
}

var fieldNameRE = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]{0,63}$`)

func checkFieldName(name string) error {
	if !fieldNameRE.MatchString(name) {
		return errs.New(errs.Invalid, "the name of a custom field is of up to 64 letters, digits, - and _: %q is none", name).Try("Say how to show it by its label.")
	}
	return nil
}

func (s *Service) fieldCreate(ctx context.Context, in CreateFieldIn) (out FieldDef, err error) {
	if in.Type == "" {
		if in.Type = TextField; len(in.Choices) > 0 {
			in.Type = ChoiceField
		}
	}
	if err := in.check(); err != nil {
		return out, err
	}
	c := &plan{target: fieldTarget + newID()}
	undo, err := s.planTag(ctx, "Make the field "+in.Name, func(*tree) ([]merge.Change, error) {
		key := (&object{id: c.target, one: map[string]string{nameField: in.Name, spaceField: in.Namespace}})
		if err := s.model.freeAmong(fieldSort, nameOf(key), ""); err != nil {
			return nil, err
		}
		if len(s.model.those(fieldSort)) >= maxFields {
			return nil, errs.New(errs.Invalid, "a library has up to %d custom fields", maxFields)
		}
		c.set(isField, "field")
		c.set(typeField, string(in.Type))
		for _, f := range [][2]string{{nameField, in.Name}, {spaceField, in.Namespace}, {labelField, in.Label}, {aboutField, in.Description}} {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		return c.changes, c.addChoices(nil, in.Choices)
	})
	out = s.shownField(c.target)
	out.Undo = undo
	return out, err
}

func (in *CreateFieldIn) check() error {
	if err := checkFieldName(in.Name); err != nil {
		return err
	}
	if in.Namespace != "" {
		if err := checkFieldName(in.Namespace); err != nil {
			return err
		}
	}
	switch {
	case in.Type != ChoiceField && len(in.Choices) > 0:
		return errs.New(errs.Invalid, "a field of the type %s has no choices", in.Type).Try("Make one of the type choice.")
	case in.Type == ChoiceField && len(in.Choices) == 0:
		return errs.New(errs.Invalid, "which values are there to choose from?").Try("Say so by --choices, once for each.")
	case len(in.Label) > maxName:
		return errs.New(errs.Invalid, "a label has up to %d bytes", maxName)
	}
	return checkLook("", "", in.Description)
}

// addChoices adds values to choose from below those there are.
func (c *plan) addChoices(o *object, more []string) error {
	last, have := 0.0, map[string]bool{}
	if o != nil {
		for _, text := range o.choices() {
			have[collate.Fold(text)] = true
			at, err := strconv.ParseFloat(o.sets[choiceField][text].Value, 64)
			if err == nil {
				last = max(last, at)
			}
		}
	}
	for _, text := range more {
		text, err := checkName("a choice", text, maxName)
		if err != nil {
			return err
		}
		if folded := collate.Fold(text); !have[folded] {
			have[folded] = true
			last++
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: c.target, Field: choiceField, Member: text}, Value: position(last)})
		}
	}
	if len(have) > maxChoices {
		return errs.New(errs.Invalid, "a field has up to %d choices", maxChoices)
	}
	return nil
}

func (s *Service) shownField(target string) (out FieldDef) {
	s.model.look(func(*tree) {
		if o := s.model.objects[target]; o.there() {
			out = s.model.showField(o)
		}
	})
	return out
}
