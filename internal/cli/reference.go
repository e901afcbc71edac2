package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/op"
)

// Reference describes every command that the help shows, in Markdown, as it
// stands in docs/cli-reference.md.
func Reference(ops *op.Set) []byte {
	s := newShell(Deps{Ops: ops, Env: func(string) string { return "" }})
	root := s.root()
	var b bytes.Buffer
	b.WriteString("<!-- Written by stardrive-gen from the commands themselves. Do not edit. -->\n\n# Commands\n\n" + root.Long + "\n\n" +
		"All commands take these:\n\n" + flagTable(root.PersistentFlags()) + "\n" +
		"Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 not found, 4 conflict, 5 denied, 6 unavailable, 7 approval needed, 130 interrupted.\n")
	for _, g := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimSuffix(g.Title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == g.ID {
				describe(&b, c)
			}
		}
	}
	return b.Bytes()
}

// describe writes a command, or the commands below it.
func describe(b *bytes.Buffer, c *cobra.Command) {
	if c.Hidden || c.Name() == "help" {
		return
	}
	if c.HasSubCommands() && !c.Runnable() || c.HasAvailableSubCommands() {
		for _, sub := range c.Commands() {
			describe(b, sub)
		}
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n%s.\n\n```\n%s\n```\n", c.CommandPath(), c.Short, c.UseLine())
	if flags := flagTable(c.LocalNonPersistentFlags()); flags != "" {
		b.WriteString("\n" + flags)
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.TrimSpace(strings.ReplaceAll(c.Example, "\n  ", "\n")))
	}
}

func flagTable(flags *pflag.FlagSet) string {
	var rows strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, words := pflag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + value)
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(&rows, "| `%s` | %s |\n", name, strings.ReplaceAll(words, "|", `\|`))
	})
	if rows.Len() == 0 {
		return ""
	}
	return "| flag | meaning |\n| --- | --- |\n" + rows.String()
}
