package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stardrive/stardrive/internal/op"
)

// The groups of the root's help, in their order.
func groups() []*cobra.Group {
	return []*cobra.Group{
		{ID: "browse", Title: "Find and look:"},
		{ID: "change", Title: "Change files, with a preview and a way back:"},
		{ID: "manage", Title: "What is known, and what goes on:"},
		{ID: "daemon", Title: "The daemon:"},
		{ID: "more", Title: "More:"},
	}
}

// areas tells what the generated commands of an area are about. An area that
// is not listed still gets its commands.
var areas = map[string]string{
	"content":    "Bytes of files",
	"device":     "This device",
	"entry":      "Files, folders and all else that has a name",
	"files":      "Changes of files: each makes a plan first",
	"job":        "Long work in the background",
	"library":    "Libraries: catalogues of everything you own",
	"location":   "Locations: the folders that are indexed",
	"near":       "Pictures that look alike",
	"plan":       "Plans: changes of files, before, while and after they are made",
	"recent":     "What was searched for lately",
	"rules":      "Rules: what is left out of a location",
	"saved":      "Saved searches",
	"scrub":      "Reading files again, to find damage",
	"trash":      "What was deleted, and can come back",
	"sidecar":    "Sidecars: pictures, facts and texts made of files",
	"collection": "Collections: files put together, in an order of your own",
	"favourite":  "What you marked as a favourite",
	"field":      "Custom fields: what else you want to say of a file",
	"note":       "Notes on files and folders",
	"organize":   "What you added to files: its history, undo, export, import and mirrors",
	"rate":       "Stars, from one to five",
	"rule":       "Rules that give tags, or put files into collections",
	"space":      "Spaces: sidebars of your own",
	"tag":        "Tags, and the files that have them",
	"volume":     "Volumes: disks, drives and shares",
}

// root builds the whole command tree.
func (s *shell) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "stardrive",
		Short: "All your files, wherever they are, in one place",
		Long: "Stardrive keeps one catalogue of all your files, on every disk and device, also those that are\n" +
			"not plugged in. Files stay where they are. Commands talk to a daemon, which they start when none runs.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          s.runE(func(cmd *cobra.Command, _ []string) error { return cmd.Help() }),
	}
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	root.AddGroup(groups()...)
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
	s.globalFlags(root)
	covered := s.addVerbs(root)
	s.addGenerated(root, covered)
	return root
}

func (s *shell) globalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	s.globals = f
	f.SortFlags = false
	f.Var((*dirValue)(&s.dataFlag), "data", "data folder (default: $STARDRIVE_DATA, or this system's place for it)")
	f.Var((*nameValue)(&s.library), "library", "name or id of the library (default: the only or last used one)")
	f.BoolVar(&s.json, "json", false, "print one JSON object")
	f.BoolVar(&s.quiet, "quiet", false, "print no progress and no notes")
	f.BoolVar(&s.noStart, "no-start", false, "fail if no daemon runs, do not start one")
	f.BoolVar(&s.yes, "yes", false, "do not ask before destroying things")
	_ = root.RegisterFlagCompletionFunc("library", s.complete("library")) // the flag exists
	_ = root.MarkPersistentFlagDirname("data")
}

// runE marks that the words were understood: what fails from here on is not
// a usage error.
func (s *shell) runE(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s.ran = true
		return run(cmd, args)
	}
}

// unknownCommand refuses words below a command that only groups others.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return fmt.Errorf("there is no command %q%s", strings.TrimPrefix(cmd.CommandPath()+" "+args[0], "stardrive "), hint)
}

// addGenerated adds a command for every operation: location.add becomes
// "location add". Those that a verb covers stay out of the help, and so do
// areas that have no others.
func (s *shell) addGenerated(root *cobra.Command, covered map[string]bool) {
	for d := range s.deps.Ops.All() {
		if d.Hidden {
			continue
		}
		path := strings.Fields(d.Command())
		parent, free := root, true
		for _, word := range path[:len(path)-1] {
			parent, free = s.group(parent, word)
			if !free {
				break // a verb has taken the word: "search X" must stay a query
			}
		}
		if !free {
			continue
		}
		cmd := s.command(s.specOf(d, path[len(path)-1]))
		cmd.Hidden = covered[d.Name]
		for p := parent; p != root && !cmd.Hidden; p = p.Parent() {
			p.Hidden = false
		}
		parent.AddCommand(cmd)
	}
}

// group finds or makes the command that groups an area's commands. It is not
// free if a command of that name takes arguments of its own.
func (s *shell) group(parent *cobra.Command, word string) (cmd *cobra.Command, free bool) {
	for _, c := range parent.Commands() {
		if c.Name() == word {
			return c, c.Annotations["group"] != ""
		}
	}
	c := &cobra.Command{
		Use: word, Short: areas[word], Args: unknownCommand, Hidden: true, Annotations: map[string]string{"group": word},
		RunE: s.runE(func(cmd *cobra.Command, _ []string) error { return cmd.Help() }),
	}
	if c.Short == "" {
		c.Short = "Commands about " + strings.ReplaceAll(word, "-", " ")
	}
	if parent == parent.Root() {
		c.GroupID = "manage"
	}
	parent.AddCommand(c)
	return c, true
}

// specOf is the plain command of an operation, changed by its twist if it has one.
func (s *shell) specOf(d op.Def, word string) spec {
	sp := spec{def: d, word: word, short: d.Title, flags: d.Flags(), positional: d.Positional(), example: d.Example}
	if d.Kind == op.Action {
		planTwist(&sp)
	}
	if twist := twists()[d.Name]; twist != nil {
		twist(&sp)
	}
	return sp
}
