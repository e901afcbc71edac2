package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/errs"
)

// planState is a plan as the wire has it.
type planState struct {
	ID        string      `json:"id"`
	Action    string      `json:"action"`
	Title     string      `json:"title"`
	State     string      `json:"state"`
	Summary   planSummary `json:"summary"`
	Warnings  []string    `json:"warnings"`
	Confirm   string      `json:"confirm"`
	Items     int64       `json:"items"`
	Undecided int64       `json:"undecided"`
	Done      int64       `json:"done"`
	Failed    int64       `json:"failed"`
	Skipped   int64       `json:"skipped"`
	Job       string      `json:"job"`
	Undoable  bool        `json:"undoable"`
	Error     string      `json:"error"`
	ErrorKind errs.Kind   `json:"error_kind"`
}

type planSummary struct {
	Files     int64   `json:"files"`
	Folders   int64   `json:"folders"`
	Bytes     int64   `json:"bytes"`
	Write     int64   `json:"write"`
	Saved     int64   `json:"saved"`
	Replaced  int64   `json:"replaced"`
	Trashed   int64   `json:"trashed"`
	Destroyed int64   `json:"destroyed"`
	Seconds   float64 `json:"seconds"`
	Guess     bool    `json:"guess"`
	Room      []struct {
		Volume string `json:"volume"`
		Before int64  `json:"before"`
		After  int64  `json:"after"`
	} `json:"room"`
}

// planItem is one line of a plan.
type planItem struct {
	N        int64    `json:"n"`
	Verb     string   `json:"verb"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Files    int64    `json:"files"`
	Bytes    int64    `json:"bytes"`
	Note     string   `json:"note"`
	Conflict string   `json:"conflict"`
	Choices  []string `json:"choices"`
	Choice   string   `json:"choice"`
}

// planFlags are those of every command that changes files.
func planFlags(f *pflag.FlagSet) {
	f.Bool("preview", false, "only show what would happen: a plan, to be committed by its id (exit status 7)")
	f.String("confirm", "", "the phrase that the plan wants typed, where it destroys much")
}

// planTwist is what becomes of a command whose operation makes a plan: the plan
// is shown, approved, committed, and followed to its end.
func planTwist(sp *spec) {
	sp.extra = planFlags
	sp.run = func(c *call) error { return c.planned(c.def.Name) }
}

// planned makes a plan by the operation and takes it as far as the user wants.
func (c *call) planned(operation string) error {
	cl, err := c.connect(c.ctx)
	if err != nil {
		return err
	}
	defer cl.close()
	out, err := cl.call(c.ctx, operation, c.in)
	if err != nil {
		return err
	}
	return c.decide(cl, out)
}

// commitTwist is plan commit: the plan is there already.
func commitTwist(sp *spec) {
	sp.extra = func(f *pflag.FlagSet) { f.Bool("preview", false, "only show the plan (exit status 7)") }
	sp.flags = slices.DeleteFunc(sp.flags, isField("wait"))
	sp.run = func(c *call) error {
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, "plan.show", map[string]any{"plan": c.in["plan"]})
		if err != nil {
			return err
		}
		return c.decide(cl, out)
	}
}

// decide takes a stored plan to its end: its conflicts, the user's yes, its
// commit.
func (c *call) decide(cl *client, out json.RawMessage) error {
	var p planState
	if err := unmarshal(out, &p); err != nil {
		return err
	}
	if c.flag("preview") {
		return c.preview(cl, out, p)
	}
	asks := c.screen.in && !c.json && !c.yes
	if asks {
		if err := c.printPlan(cl, p); err != nil {
			return err
		}
		if p.Undecided > 0 {
			var err error
			if p, err = c.choose(cl, p); err != nil {
				return err
			}
		}
	}
	if p.Undecided > 0 {
		return errs.New(errs.ApprovalNeeded, "%s for a choice, and nothing was changed: plan %s", plural(p.Undecided, "conflict waits", "conflicts wait"), clean(p.ID)).
			Try("Say --conflict skip, keep-both, replace, newer, larger or keep-same; or decide one by one: stardrive plan choose " + clean(p.ID) + " CHOICE --items N")
	}
	phrase, err := c.approve(cl, p, asks)
	if err != nil {
		return err
	}
	return c.commit(cl, p, phrase)
}

// preview prints a plan that is not committed.
func (c *call) preview(cl *client, out json.RawMessage, p planState) error {
	if c.json {
		items, err := cl.call(c.ctx, "plan.items", map[string]any{"plan": p.ID})
		if err == nil {
			out, err = with(out, "items", field(items, "items"))
		}
		if err == nil {
			err = c.printJSON(out)
		}
		if err != nil {
			return err
		}
	} else if err := c.printPlan(cl, p); err != nil {
		return err
	}
	if p.State != "planned" {
		return nil
	}
	return errs.New(errs.ApprovalNeeded, "nothing was changed: plan %s waits for a yes", clean(p.ID)).
		Try("Do it with: stardrive plan commit " + clean(p.ID))
}

// approve returns the phrase to commit p with, once the user has said yes.
func (c *call) approve(cl *client, p planState, asks bool) (phrase string, err error) {
	given, _ := c.cmd.Flags().GetString("confirm")
	if given == "" { // plan commit has it as a field of its operation
		given, _ = c.in["confirm"].(string)
	}
	switch {
	case p.Confirm != "" && given == p.Confirm:
		return given, nil
	case p.Confirm != "" && given != "":
		return "", errs.New(errs.ApprovalNeeded, "that is not the phrase, and nothing was changed: plan %s", clean(p.ID)).Try(confirmBy(p))
	case p.Confirm != "" && !asks:
		return "", errs.New(errs.ApprovalNeeded, "this needs a typed confirmation, and nothing was changed: plan %s", clean(p.ID)).Try(confirmBy(p))
	case p.Confirm == "" && c.yes:
		return "", nil
	case !asks:
		return "", errs.New(errs.ApprovalNeeded, "nothing was changed: plan %s waits for a yes", clean(p.ID)).
			Try("Add --yes, or do it with: stardrive plan commit " + clean(p.ID) + " --yes")
	}
	question, want := "Do it? [y/N] ", "y"
	if p.Confirm != "" {
		question, want = "Type \""+clean(p.Confirm)+"\" to do it: ", p.Confirm
	}
	answer, err := c.ask(question)
	if err != nil {
		return "", err
	}
	if answer == want || want == "y" && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")) {
		return p.Confirm, nil
	}
	if _, err := cl.call(c.ctx, "plan.discard", map[string]any{"plan": p.ID}); err != nil && !errs.Is(err, errs.Conflict) {
		return "", err
	}
	return "", errs.New(errs.Cancelled, "nothing was changed")
}

func confirmBy(p planState) string {
	return "If you mean it: stardrive plan commit " + clean(p.ID) + " --confirm " + strconv.Quote(clean(p.Confirm))
}

// ask reads one line from the terminal.
func (c *call) ask(question string) (string, error) {
	fmt.Fprint(c.stderr, question)
	if c.answers == nil {
		c.answers = bufio.NewReader(c.stdin)
	}
	line, err := c.answers.ReadString('\n')
	if err != nil && line == "" {
		return "", errs.New(errs.Cancelled, "nothing was changed")
	}
	return strings.TrimSpace(line), nil
}

// choose asks for each conflict what is to be done.
func (c *call) choose(cl *client, p planState) (planState, error) {
	for in := map[string]any{"plan": p.ID, "conflicts": true, "limit": 50}; p.Undecided > 0; {
		out, err := cl.call(c.ctx, "plan.items", in)
		if err != nil {
			return p, err
		}
		var page struct {
			Items []planItem `json:"items"`
			Next  string     `json:"next"`
		}
		if err := unmarshal(out, &page); err != nil {
			return p, err
		}
		for _, it := range page.Items {
			if it.Choice != "" || p.Undecided == 0 {
				continue
			}
			if p, err = c.chooseOne(cl, p, it); err != nil {
				return p, err
			}
		}
		if page.Next == "" {
			break
		}
		in["cursor"] = page.Next
	}
	return p, nil
}

func (c *call) chooseOne(cl *client, p planState, it planItem) (planState, error) {
	fmt.Fprintf(c.stderr, "%s: %s\n", place(it.To), clean(it.Conflict))
	for {
		answer, err := c.ask(fmt.Sprintf("  %s? (add \"all\" for all that are left, q to stop) ", strings.Join(it.Choices, ", ")))
		if err != nil {
			return p, err
		}
		word, rest, _ := strings.Cut(answer, " ")
		if word == "q" {
			return p, errs.New(errs.Cancelled, "nothing was changed")
		}
		choice := ""
		for _, offered := range it.Choices { // the beginning of a word will do, if it is that of one alone
			if offered == word {
				choice = offered
				break
			}
			if word != "" && strings.HasPrefix(offered, word) {
				if choice != "" {
					choice = ""
					break
				}
				choice = offered
			}
		}
		if choice == "" {
			continue
		}
		in := map[string]any{"plan": p.ID, "choice": choice}
		if strings.TrimSpace(rest) != "all" {
			in["items"] = []int64{it.N}
		}
		out, err := cl.call(c.ctx, "plan.choose", in)
		if err != nil {
			return p, err
		}
		err = unmarshal(out, &p)
		return p, err
	}
}

// commit does what p says, follows it to its end, and tells how that was.
func (c *call) commit(cl *client, p planState, phrase string) error {
	in := map[string]any{"plan": p.ID, "wait": 0.5}
	if phrase != "" {
		in["confirm"] = phrase
	}
	out, err := cl.call(c.ctx, "plan.commit", in)
	if err != nil {
		return err
	}
	if err := unmarshal(out, &p); err != nil {
		return err
	}
	if p.State == "committing" && p.Job != "" {
		if _, _, err := c.follow(c.ctx, cl, p.Job, p.Title); err != nil {
			return err
		}
		if out, err = cl.call(c.ctx, "plan.show", map[string]any{"plan": p.ID}); err != nil {
			return err
		}
		if err := unmarshal(out, &p); err != nil {
			return err
		}
	}
	if c.json {
		if err := c.printJSON(out); err != nil {
			return err
		}
	} else if !c.quiet {
		c.tellEnd(p)
	}
	return c.outcome(cl, p)
}

// tellEnd says in a line what was done.
func (c *call) tellEnd(p planState) {
	line := clean(p.Title) + ": " + plural(p.Done, "change", "changes")
	if p.Skipped > 0 {
		line += fmt.Sprintf(", %d left alone", p.Skipped)
	}
	if p.Failed > 0 {
		line += fmt.Sprintf(", %d not done", p.Failed)
	}
	if p.Undoable {
		line += ". Take it back with: stardrive undo " + clean(p.ID)
	}
	fmt.Fprintln(c.stdout, line)
}

// outcome is the error that a plan's end amounts to, after its failures were told.
func (c *call) outcome(cl *client, p planState) error {
	if p.Failed == 0 && p.State == "done" {
		return nil
	}
	if p.State == "cancelled" {
		return errs.New(errs.Cancelled, "the plan was cancelled; %s", plural(p.Done, "change was made", "changes were made"))
	}
	if p.Error != "" && p.Failed == 0 {
		return &errs.Error{Kind: p.ErrorKind, Err: errors.New(clean(p.Error)), Remedy: "Go on with: stardrive plan commit " + clean(p.ID)}
	}
	kind, err := c.tellFailures(cl, p)
	if err != nil {
		return err
	}
	return errs.New(kind, "%s not done", plural(p.Failed, "thing was", "things were")).
		Try("See them with: stardrive plan failures " + clean(p.ID) + ". Try them again with: stardrive plan commit " + clean(p.ID))
}

// tellFailures lists the first things that were not done; kind is what they have
// in common.
func (c *call) tellFailures(cl *client, p planState) (kind errs.Kind, err error) {
	out, err := cl.call(c.ctx, "plan.failures", map[string]any{"plan": p.ID, "limit": 20})
	if err != nil {
		return "", err
	}
	var page struct {
		Items []struct {
			Path    string    `json:"path"`
			Kind    errs.Kind `json:"kind"`
			Message string    `json:"message"`
			Skipped bool      `json:"skipped"`
		} `json:"items"`
	}
	if err := unmarshal(out, &page); err != nil {
		return "", err
	}
	told := int64(0)
	for _, f := range page.Items {
		if f.Skipped {
			continue
		}
		switch kind {
		case "", f.Kind:
			kind = f.Kind
		default:
			kind = errs.Internal
		}
		if told++; !c.json && !c.quiet {
			fmt.Fprintf(c.stderr, "  %s: %s\n", place(f.Path), cleanLines(f.Message))
		}
	}
	if more := p.Failed - told; more > 0 && !c.json && !c.quiet {
		fmt.Fprintf(c.stderr, "  … and %d more\n", more)
	}
	if kind == "" {
		kind = errs.Internal
	}
	return kind, nil
}

// planShow prints a plan with the first of its items.
func (c *call) printPlan(cl *client, p planState) error {
	out, err := cl.call(context.WithoutCancel(c.ctx), "plan.items", map[string]any{"plan": p.ID, "limit": planLines})
	if err != nil {
		return err
	}
	var page struct {
		Items []planItem `json:"items"`
	}
	if err := unmarshal(out, &page); err != nil {
		return err
	}
	c.writePlan(p, page.Items)
	return c.stdout.Flush() // a question may follow on the other stream
}
