package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// noteTwist takes the text of a note behind the path, or alone where --id names the
// file.
func noteTwist(sp *spec) {
	sp.args = "[PATH] [TEXT]"
	sp.example = "stardrive note set ~/Photos/beach.jpg 'With Mia and Tom'\nstardrive note set ~/Photos/beach.jpg ''"
	for i := range sp.flags {
		if sp.flags[i].Name == "text" {
			sp.flags[i].Required = false // it may stand behind the path
		}
	}
	sp.positional, sp.arity = nil, func(cmd *cobra.Command, args []string) error {
		want := 2
		for _, name := range []string{"id", "text"} {
			if cmd.Flags().Changed(name) {
				want--
			}
		}
		switch {
		case len(args) < want:
			return errors.New("give the path, or --id, and the text: an empty one takes the note away")
		case len(args) > want:
			return fmt.Errorf("too many arguments: %q", args[want])
		}
		return nil
	}
	sp.run = func(c *call) error {
		args := c.args
		if !c.cmd.Flags().Changed("id") {
			path, err := pathArg(args[0])
			if err != nil {
				return err
			}
			c.in["path"], args = path, args[1:]
		}
		if len(args) > 0 {
			c.in["text"] = args[0]
		}
		return c.plain()
	}
}
