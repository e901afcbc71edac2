package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// queryLast lets a search query hold words that begin with one dash, such as
// "-draft": it moves the flags of a search before "--" and the words after it.
// Other command lines are left alone.
func queryLast(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd.Name() != "search" || cmd.Parent() != root {
		return args
	}
	cmd.InitDefaultHelpFlag()
	var flags, words []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			words = append(words, args[i+1:]...)
			break
		}
		f := flagOf(cmd, a)
		if f == nil && !strings.HasPrefix(a, "--") {
			words = append(words, a)
			continue
		}
		flags = append(flags, a)
		if f != nil && f.NoOptDefVal == "" && !strings.Contains(a, "=") && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	if len(words) < 2 { // the command itself
		return args
	}
	return slices.Concat(words[:1], flags, []string{"--"}, words[1:])
}

// flagOf is the flag that arg sets, nil if it sets none.
func flagOf(cmd *cobra.Command, arg string) *pflag.Flag {
	name, long := strings.CutPrefix(arg, "--")
	if long {
		name, _, _ = strings.Cut(name, "=")
		if f := cmd.Flags().Lookup(name); f != nil {
			return f
		}
		return cmd.InheritedFlags().Lookup(name)
	}
	if len(arg) == 2 && arg[0] == '-' {
		return cmd.Flags().ShorthandLookup(arg[1:])
	}
	return nil
}
