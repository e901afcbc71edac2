package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// verb is a friendly top-level command in place of a generated one.
type verb struct {
	op    string
	word  string
	twist func(*spec)
}

// verbs is the table of friendly verbs. What it does not change comes from the
// operation: flags, help, example.
func verbs() []verb {
	return []verb{
		{"entry.list", "ls", lsVerb},
		{"entry.info", "info", infoVerb},
		{"search.query", "search", searchVerb},
		{"duplicates.list", "duplicates", queryVerb},
		{"redundancy.list", "redundancy", queryVerb},
		{"damage.list", "damage", func(sp *spec) { sp.group = "browse" }},
		{"files.copy", "cp", copyVerb("Copy files and folders", "stardrive cp ~/Photos/2024 /mnt/backup --verify")},
		{"files.move", "mv", copyVerb("Move files and folders", "stardrive mv ~/Downloads/*.pdf ~/Documents")},
		{"files.rename", "rename", changeVerb("stardrive rename ~/Photos/IMG_1.jpg beach.jpg")},
		{"files.mkdir", "mkdir", changeVerb("stardrive mkdir ~/Photos/2025")},
		{"files.trash", "rm", removeVerb},
		{"files.link", "ln", copyVerb("Make links to files", "stardrive ln --kind hard a.jpg b.jpg")},
		{"files.dedupe", "dedupe", changeVerb("stardrive dedupe 'kind:image' --preview")},
		{"plan.undo", "undo", changeVerb("stardrive undo")},
		{"content.copies", "copies", func(sp *spec) { sp.group = "browse" }},
		{"sidecar.failed", "quarantine", func(sp *spec) { sp.group = "browse" }},
		{"content.unread", "unread", func(sp *spec) { sp.group = "browse" }},
		{"daemon.login_link", "open", openVerb},
		{"daemon.status", "status", func(sp *spec) { sp.group = "daemon" }},
		{"daemon.stop", "stop", stopVerb},
		{"daemon.doctor", "doctor", doctorVerb},
	}
}

// twists change generated commands that stay where they are.
func twists() map[string]func(*spec) {
	return map[string]func(*spec){
		"location.add":     waitTwist,
		"location.rescan":  waitTwist,
		"location.verify":  waitJobTwist,
		"location.export":  waitJobTwist,
		"location.import":  waitJobTwist,
		"content.identify": identifyTwist,
		"duplicates.find":  waitJobTwist,
		"scrub.run":        scrubTwist,
		"library.remove":   confirmTwist,
		"plan.commit":      commitTwist,
		"note.set":         noteTwist,
		"space.item_add":   folderTwist,
	}
}

// addVerbs adds the verbs and the commands that stand on no single operation.
// It returns the operations that need no generated command in the help any more.
func (s *shell) addVerbs(root *cobra.Command) (covered map[string]bool) {
	covered = map[string]bool{}
	for _, v := range verbs() {
		d, ok := s.deps.Ops.Lookup(v.op)
		if !ok {
			continue
		}
		covered[v.op] = true
		sp := s.specOf(d, v.word)
		v.twist(&sp)
		cmd := s.command(sp)
		if area, _, _ := strings.Cut(v.op, "."); area == v.word { // the list of an area is what its bare word shows
			cmd.Annotations = map[string]string{"group": v.word}
		}
		root.AddCommand(cmd)
	}
	root.AddCommand(s.catCommand(), s.serveCommand(), s.eventsCommand(), s.opCommand(), s.versionCommand())
	if _, ok := s.deps.Ops.Lookup("job.show"); ok {
		if job, free := s.group(root, "job"); free {
			job.Hidden = false
			job.AddCommand(s.jobWatchCommand())
		}
	}
	return covered
}

// infoVerb takes the path by position, however the table has it.
func infoVerb(sp *spec) {
	sp.group = "browse"
	sp.args, sp.example = "PATH", "stardrive info ~/Photos/cat.jpg --json"
	sp.positional, sp.flags = take(sp.def.Fields(), "path")
	sp.arity = pathOrID(1)
}

// pathOrID demands least arguments, unless the entry is named by --id.
func pathOrID(least int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		id := cmd.Flags().Changed("id")
		switch {
		case id && len(args) > 0:
			return errors.New("give a path or --id, not both")
		case !id && len(args) < least:
			return errors.New("the path is missing")
		case len(args) > 1:
			return fmt.Errorf("too many arguments: %q", args[1])
		}
		return nil
	}
}

// openVerb prints a login link and shows it in a browser if there is a desktop.
func openVerb(sp *spec) {
	sp.group, sp.example = "daemon", "stardrive open"
	sp.short = "Open the web interface in the browser"
	sp.long = "The link logs in one browser once, and only for a short time."
	sp.extra = func(f *pflag.FlagSet) { f.Bool("print", false, "only print the link") }
	sp.run = func(c *call) error {
		out, err := c.send()
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(out)
		}
		url := text(out, "url")
		fmt.Fprintln(c.stdout, clean(url))
		if c.flag("print") || !c.screen.out || !display(c.deps.Env) {
			return nil
		}
		c.openBrowser(url)
		return nil
	}
}

// openBrowser does its best: the link has been printed already.
func (s *shell) openBrowser(url string) {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return
	}
	cmd := browser(url)
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		s.note("Cannot start a browser (%v). Open the link yourself.", err)
		return
	}
	_ = cmd.Process.Release()
}

// doctorVerb exits 1 when a check fails.
func doctorVerb(sp *spec) {
	sp.group = "daemon"
	sp.run = func(c *call) error {
		out, err := c.send()
		if err != nil {
			return err
		}
		if err := c.render(c.def, out); err != nil {
			return err
		}
		var report doctorReport
		if err := unmarshal(out, &report); err != nil {
			return err
		}
		if slices.ContainsFunc(report.Checks, func(k doctorCheck) bool { return !k.OK }) {
			return errSilent
		}
		return nil
	}
}

// confirmTwist asks before user data is deleted: on a terminal by a question,
// elsewhere by demanding --yes.
func confirmTwist(sp *spec) {
	sp.run = func(c *call) error {
		if c.in["delete_files"] == nil || fmt.Sprint(c.in["delete_files"]) == "false" || c.yes {
			return c.plain()
		}
		what := sp.def.Title
		if len(c.args) > 0 {
			what += " " + shown(c.args[0])
		}
		if err := c.confirm(what + ", and delete its files"); err != nil {
			return err
		}
		return c.plain()
	}
}

// confirm returns nil after a typed "yes".
func (s *shell) confirm(what string) error {
	if !s.screen.in || s.json {
		return errs.New(errs.ApprovalNeeded, "%s: this cannot be undone", what).Try("Add --yes if this is what you want.")
	}
	fmt.Fprintf(s.stderr, "%s? This cannot be undone. Type yes: ", what)
	var answer string
	if _, err := fmt.Fscanln(s.stdin, &answer); err != nil || !strings.EqualFold(answer, "yes") {
		return errs.New(errs.Cancelled, "nothing was changed")
	}
	return nil
}

// changeVerb is a command that makes a plan as its operation has it.
func changeVerb(example string) func(*spec) {
	return func(sp *spec) { sp.group, sp.example = "change", example }
}

// copyVerb takes what is copied or moved and, last, where to.
func copyVerb(short, example string) func(*spec) {
	return func(sp *spec) {
		sp.group, sp.short, sp.example = "change", short, example
		sp.args = "SOURCE... DESTINATION"
		sp.long = "A destination that is a folder takes the sources in. Any other is the new name of the one source."
		var rest []op.Field
		sp.positional, rest = take(sp.def.Fields(), "sources")
		sp.flags = slices.DeleteFunc(rest, isField("destination"))
		sp.arity = cobra.MinimumNArgs(2)
		sp.run = func(c *call) error {
			sources, _ := c.in["sources"].([]string)
			if len(sources) < 2 {
				return errs.New(errs.Invalid, "say what, and where to")
			}
			c.in["sources"], c.in["destination"] = sources[:len(sources)-1], sources[len(sources)-1]
			return c.planned(c.def.Name)
		}
	}
}

// removeVerb moves to the trash, unless it is told to destroy.
func removeVerb(sp *spec) {
	sp.group, sp.example = "change", "stardrive rm ~/Downloads/old"
	sp.short = "Move files and folders to the trash, or destroy them"
	extra := sp.extra
	sp.extra = func(f *pflag.FlagSet) {
		extra(f)
		f.Bool("permanent", false, "destroy them: there is no way back")
	}
	sp.run = func(c *call) error {
		if c.flag("permanent") {
			return c.planned("files.destroy")
		}
		return c.planned(c.def.Name)
	}
}

// isField picks a field by its name.
func isField(name string) func(op.Field) bool {
	return func(f op.Field) bool { return f.Name == name }
}
