package cli

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/op"
)

type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completeFields completes closed lists, paths, and the names of things the
// daemon knows.
func (s *shell) completeFields(cmd *cobra.Command, sp spec) {
	for _, f := range sp.flags {
		fl := cmd.Flags().Lookup(f.Flag)
		if fl == nil || f.Type == "boolean" {
			continue
		}
		_ = cmd.RegisterFlagCompletionFunc(f.Flag, s.completeField(f)) // the flag exists
	}
	positional := sp.positional
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		i := len(args)
		if n := len(positional); i >= n && n > 0 && positional[n-1].Rest {
			i = n - 1
		}
		if i >= len(positional) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.completeField(positional[i])(cmd, args, begun)
	}
}

func (s *shell) completeField(f op.Field) completer {
	for _, name := range pathFields {
		if f.Name == name {
			return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return nil, cobra.ShellCompDirectiveDefault
			}
		}
	}
	if len(f.Enum) > 0 {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return f.Enum, cobra.ShellCompDirectiveNoFileComp
		}
	}
	return s.complete(f.Name)
}

// completeFirst completes the first argument only.
func (s *shell) completeFirst(noun string) completer {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.complete(noun)(cmd, args, begun)
	}
}

// lists names the operation that lists the things a noun stands for, the field
// that is offered, and the one that describes it.
var lists = map[string]struct{ op, value, about string }{
	"library":  {"library.list", "name", "id"},
	"location": {"location.list", "name", "path"},
	"volume":   {"volume.list", "name", "mount"},
	"job":      {"job.list", "id", "title"},

	"tag":        {"tag.list", "name", "description"},
	"collection": {"collection.list", "name", "description"},
	"field":      {"field.list", "key", "label"},
	"rule":       {"rule.list", "name", "query"},
	"space":      {"space.list", "name", "description"},
}

// complete asks a running daemon for names. It never starts one, takes half a
// second at most, and says nothing when it fails: the user is typing.
func (s *shell) complete(noun string) completer {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		list, ok := lists[noun]
		if !ok {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		c, err := s.running(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.close()
		out, err := c.call(ctx, list.op, struct{}{})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var items []json.RawMessage
		_ = json.Unmarshal(field(out, "items"), &items)
		var words []string
		for _, it := range items {
			value, about := clean(text(it, list.value)), clean(text(it, list.about))
			if strings.HasPrefix(value, begun) {
				words = append(words, strings.TrimRight(value+"\t"+about, "\t"))
			}
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}
