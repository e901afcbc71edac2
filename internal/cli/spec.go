package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/op"
)

// spec is a command on top of one operation: what the table says, and how the
// command differs from it.
type spec struct {
	def        op.Def
	word       string // the command's last word
	args       string // its arguments in help; "" writes them from positional
	short      string
	long       string
	example    string
	group      string
	aliases    []string
	flags      []op.Field
	positional []op.Field
	arity      cobra.PositionalArgs // nil: from positional
	extra      func(*pflag.FlagSet) // adds flags that are the command's own
	run        func(*call) error    // nil: send the request, render the answer
}

// call is one run of a spec.
type call struct {
	*shell
	ctx  context.Context
	cmd  *cobra.Command
	def  op.Def
	args []string       // positional arguments as typed
	in   map[string]any // the request
}

// command makes the cobra command of a spec.
func (s *shell) command(sp spec) *cobra.Command {
	cmd := &cobra.Command{
		Use: sp.usage(), Short: sp.short, Long: sp.help(), Example: indent(sp.example),
		Aliases: sp.aliases, GroupID: sp.group, Args: sp.arity,
	}
	if cmd.Args == nil {
		cmd.Args = arity(sp.positional)
	}
	cmd.RunE = s.runE(func(cmd *cobra.Command, args []string) error {
		in, err := input(cmd, sp.flags, sp.positional, args)
		if err != nil {
			return err
		}
		c := &call{shell: s, ctx: cmd.Context(), cmd: cmd, def: sp.def, args: args, in: in}
		if sp.run != nil {
			return sp.run(c)
		}
		return c.plain()
	})
	cmd.Flags().SortFlags = false
	if sp.extra != nil {
		sp.extra(cmd.Flags())
	}
	addFlags(cmd, sp.flags, s.globals)
	s.completeFields(cmd, sp)
	return cmd
}

// plain sends the request and renders the answer.
func (c *call) plain() error {
	out, err := c.send()
	if err != nil {
		return err
	}
	if c.quiet && !c.json && c.def.Kind != op.Query {
		return nil
	}
	return c.render(c.def, out)
}

// send connects, and calls the operation with the request.
func (c *call) send() (json.RawMessage, error) {
	cl, err := c.connect(c.ctx)
	if err != nil {
		return nil, err
	}
	defer cl.close()
	return cl.call(c.ctx, c.def.Name, c.in)
}

// flag reports whether a switch of the command's own is on.
func (c *call) flag(name string) bool {
	on, _ := c.cmd.Flags().GetBool(name)
	return on
}

func (sp spec) usage() string {
	if sp.args != "" {
		return sp.word + " " + sp.args
	}
	use := []string{sp.word}
	for _, f := range sp.positional {
		w := strings.ToUpper(f.Flag)
		if f.Rest {
			w += "..."
		}
		if !f.Required {
			w = "[" + w + "]"
		}
		use = append(use, w)
	}
	return strings.Join(use, " ")
}

// help is the long text: title, words about the arguments, and the operation's name.
func (sp spec) help() string {
	var b strings.Builder
	b.WriteString(sp.short + ".")
	if sp.long != "" {
		b.WriteString("\n\n" + sp.long)
	}
	var rows [][2]string
	wide := 0
	for _, f := range sp.positional {
		if f.Help != "" {
			rows = append(rows, [2]string{strings.ToUpper(f.Flag), f.Help})
			wide = max(wide, len(f.Flag))
		}
	}
	if len(rows) > 0 {
		b.WriteString("\n\nArguments:")
		for _, r := range rows {
			b.WriteString("\n  " + pad(r[0], wide, false) + "   " + r[1])
		}
	}
	b.WriteString("\n\nOperation: " + sp.def.Name)
	return b.String()
}

func indent(example string) string {
	if example == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(example, "\n", "\n  ")
}

// take moves the named fields out of fields, in the order of names.
func take(fields []op.Field, names ...string) (taken, rest []op.Field) {
	for _, n := range names {
		for _, f := range fields {
			if f.Name == n {
				taken = append(taken, f)
			}
		}
	}
next:
	for _, f := range fields {
		for _, n := range names {
			if f.Name == n {
				continue next
			}
		}
		rest = append(rest, f)
	}
	return taken, rest
}
