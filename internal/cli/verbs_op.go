package cli

import (
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// opCommand calls any operation by its name.
func (s *shell) opCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "op NAME [JSON|-]", Short: "Call any operation by its name, with JSON in and out", GroupID: "more",
		Example: "  stardrive op list\n  stardrive op entry.list '{\"path\":\"/home\"}'\n  echo '{}' | stardrive op daemon.status -",
		Args:    cobra.RangeArgs(0, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) (names []string, _ cobra.ShellCompDirective) {
			for _, n := range s.deps.Ops.Names() {
				if len(args) == 0 && strings.HasPrefix(n, begun) {
					names = append(names, n)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.RunE = s.runE(func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		in := json.RawMessage("{}")
		if len(args) == 2 {
			var err error
			if in, err = s.readJSON(args[1]); err != nil {
				return err
			}
		}
		c, err := s.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer c.close()
		out, err := c.call(cmd.Context(), args[0], in)
		if err != nil {
			return err
		}
		return s.printJSON(out)
	})
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "List all operations, with their schemas if --json is given", Args: cobra.NoArgs,
		RunE: s.runE(func(*cobra.Command, []string) error { return s.listOps() }),
	})
	return cmd
}

func (s *shell) listOps() error {
	type item struct {
		Name   string  `json:"name"`
		Title  string  `json:"title"`
		Kind   op.Kind `json:"kind"`
		Input  any     `json:"input"`
		Output any     `json:"output"`
	}
	items := []item{}
	t := newTable("NAME", "KIND", "TITLE")
	for d := range s.deps.Ops.All() {
		items = append(items, item{d.Name, d.Title, d.Kind, d.InSchema(), d.OutSchema()})
		t.add(d.Name, string(d.Kind), d.Title)
	}
	if !s.json {
		return t.write(s.stdout)
	}
	b, err := json.Marshal(map[string]any{"items": items, "next": ""})
	if err != nil {
		return errs.New(errs.Internal, "%w", err)
	}
	return s.printJSON(b)
}
