package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// addFlags gives cmd one flag for each field. A field that has the name of a
// global flag is filled by that flag.
func addFlags(cmd *cobra.Command, fields []op.Field, global *pflag.FlagSet) {
	flags := cmd.Flags()
	for _, f := range fields {
		if global.Lookup(f.Flag) != nil || flags.Lookup(f.Flag) != nil {
			continue
		}
		help := f.Help
		if len(f.Enum) > 0 {
			help = strings.TrimSpace(help + " (" + strings.Join(f.Enum, "|") + ")")
		}
		if f.Type == "boolean" {
			flags.Bool(f.Flag, false, help)
			continue
		}
		v := &words{list: f.Type == "array", name: f.Placeholder()}
		switch {
		case len(f.Enum) > 0:
			v.name = "WORD"
		case f.Type == "array":
			help = strings.TrimSpace(help + " (may be repeated)")
		}
		flags.Var(v, f.Flag, help)
		if f.Required {
			_ = cmd.MarkFlagRequired(f.Flag) // the flag exists: it was added above
		}
	}
}

// words is a flag's value as it was typed; scalar makes JSON of it.
type words struct {
	texts []string
	list  bool
	name  string // stands for the value in help: "--limit N"
}

func (w *words) Set(text string) error {
	if !w.list {
		w.texts = w.texts[:0]
	}
	w.texts = append(w.texts, text)
	return nil
}

func (w *words) String() string { return strings.Join(w.texts, " ") }

// Type names the value in help.
func (w *words) Type() string { return w.name }

// dirValue and nameValue are texts that help calls by what they hold.
type (
	dirValue  string
	nameValue string
)

func (v *dirValue) Set(text string) error  { *v = dirValue(text); return nil }
func (v *dirValue) String() string         { return string(*v) }
func (*dirValue) Type() string             { return "DIR" }
func (v *nameValue) Set(text string) error { *v = nameValue(text); return nil }
func (v *nameValue) String() string        { return string(*v) }
func (*nameValue) Type() string            { return "NAME" }

// input collects an operation's request from flags and positional arguments.
func input(cmd *cobra.Command, flags, positional []op.Field, args []string) (map[string]any, error) {
	in := map[string]any{}
	for _, f := range flags {
		fl := cmd.Flags().Lookup(f.Flag)
		if fl == nil || !fl.Changed && !(f.Required && f.Type == "boolean") {
			continue
		}
		v, err := flagValue(f, fl)
		if err != nil {
			return nil, err
		}
		in[f.Name] = v
	}
	for _, f := range positional {
		if f.Rest {
			list := make([]string, 0, len(args))
			for _, a := range args {
				v, err := argument(f, a)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			in[f.Name], args = list, nil
			break
		}
		if len(args) == 0 {
			break
		}
		v, err := scalar(f, args[0])
		if err != nil {
			return nil, err
		}
		in[f.Name], args = v, args[1:]
	}
	return in, nil
}

func flagValue(f op.Field, fl *pflag.Flag) (any, error) {
	w, ok := fl.Value.(*words)
	if !ok || !w.list {
		return scalar(f, fl.Value.String())
	}
	f.Type = f.Items
	list := make([]any, 0, len(w.texts))
	for _, text := range w.texts {
		v, err := scalar(f, text)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// scalar makes the JSON value of one text.
func scalar(f op.Field, text string) (any, error) {
	switch f.Type {
	case "string":
		if len(f.Enum) > 0 && !slices.Contains(f.Enum, text) {
			return nil, errs.New(errs.Invalid, "%s is one of %s, not %q", f.Flag, strings.Join(f.Enum, ", "), text)
		}
		return argument(f, text)
	case "integer", "number", "boolean":
		if v := json.RawMessage(text); json.Valid(v) && !strings.HasPrefix(text, `"`) {
			return v, nil
		}
		return nil, errs.New(errs.Invalid, "%s is %s, not %q", f.Flag, typeWords[f.Type], text)
	default:
		if v := json.RawMessage(text); json.Valid(v) {
			return v, nil
		}
		return nil, errs.New(errs.Invalid, "the value of %s is not JSON", f.Flag)
	}
}

var typeWords = map[string]string{"integer": "a whole number", "number": "a number", "boolean": "true or false"}

// arity checks the number of positional arguments.
func arity(positional []op.Field) cobra.PositionalArgs {
	least, most := 0, len(positional)
	for _, f := range positional {
		if f.Required {
			least++
		}
		if f.Rest {
			most = -1
		}
	}
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			f := positional[len(args)]
			return fmt.Errorf("%s is missing: %s", strings.ToUpper(f.Flag), f.Help)
		case most == 0 && len(args) > 0:
			return fmt.Errorf("no arguments are expected, %q is given", args[0])
		case most >= 0 && len(args) > most:
			return fmt.Errorf("too many arguments: %q", args[most])
		}
		return nil
	}
}
