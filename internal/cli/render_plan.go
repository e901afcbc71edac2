package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// planLines is how many items of a plan are shown before the question.
const planLines = 20

// place shows where something stands, as the user's own system would write it.
func place(path string) string {
	if path == "" {
		return ""
	}
	return shown(entry{Path: path}.bytesPath())
}

// writePlan tells in plain words what a plan does.
func (s *shell) writePlan(p planState, items []planItem) {
	fmt.Fprintln(s.stdout, s.screen.paint(bold, clean(p.Title)))
	for _, it := range items {
		line := "  " + clean(it.Verb) + " " + place(it.From)
		if it.From == "" {
			line = "  " + clean(it.Verb)
		}
		if it.To != "" {
			line += " → " + place(it.To)
		}
		if it.Files > 1 {
			line += fmt.Sprintf(" (%s, %s)", plural(it.Files, "file", "files"), humanSize(it.Bytes))
		}
		if it.Note != "" {
			line += " — " + clean(it.Note)
		}
		switch {
		case it.Choice != "":
			line += s.screen.paint(yellow, " ["+clean(it.Conflict)+": "+clean(it.Choice)+"]")
		case it.Conflict != "":
			line += s.screen.paint(red, " ["+clean(it.Conflict)+"]")
		}
		fmt.Fprintln(s.stdout, line)
	}
	if more := p.Items - int64(len(items)); more > 0 {
		fmt.Fprintf(s.stdout, "  … and %s more: stardrive plan items %s\n", humanCount(more), clean(p.ID))
	}
	if sum := summaryLine(p.Summary); sum != "" {
		fmt.Fprintln(s.stdout, "  "+sum)
	}
	for _, r := range p.Summary.Room {
		fmt.Fprintf(s.stdout, "  free on %s: %s, then %s\n", shown(r.Volume), humanSize(r.Before), humanSize(max(r.After, 0)))
	}
	for _, w := range p.Warnings {
		fmt.Fprintln(s.stdout, s.screen.paint(yellow, "  ! "+clean(w)))
	}
}

func summaryLine(sum planSummary) string {
	var parts []string
	if n := sum.Files + sum.Folders; n > 0 {
		parts = append(parts, plural(sum.Files, "file", "files")+", "+plural(sum.Folders, "folder", "folders")+", "+humanSize(sum.Bytes))
	}
	add := func(n int64, text string) {
		if n > 0 {
			parts = append(parts, text)
		}
	}
	add(sum.Write, humanSize(sum.Write)+" to write")
	add(sum.Saved, humanSize(sum.Saved)+" need not be written")
	add(sum.Replaced, humanCount(sum.Replaced)+" replaced, the old ones go to the trash")
	add(sum.Trashed, humanCount(sum.Trashed)+" to the trash")
	add(sum.Destroyed, humanCount(sum.Destroyed)+" DESTROYED for good")
	if sum.Seconds >= 1 {
		text := "about " + humanSeconds(sum.Seconds)
		if sum.Guess {
			text = "perhaps " + humanSeconds(sum.Seconds)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}

// renderPlan shows a plan without its items.
func renderPlan(s *shell, out json.RawMessage) error {
	var p planState
	if err := unmarshal(out, &p); err != nil {
		return err
	}
	s.writePlan(p, nil)
	state := "  plan " + clean(p.ID) + " is " + clean(p.State)
	if p.Done+p.Failed+p.Skipped > 0 {
		state += fmt.Sprintf(": %d done, %d failed, %d left alone", p.Done, p.Failed, p.Skipped)
	}
	fmt.Fprintln(s.stdout, state)
	if p.Error != "" {
		fmt.Fprintln(s.stdout, "  "+clean(p.Error))
	}
	return nil
}

// renderPlans lists plans.
func renderPlans(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			planState
			Created time.Time `json:"created"`
		} `json:"items"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	t := newTable("PLAN", "STATE", "DONE", "FAILED", "WHEN", "WHAT").alignRight(2, 3)
	for _, p := range list.Items {
		t.add(p.ID, p.State, humanCount(p.Done), humanCount(p.Failed), humanTime(p.Created), clean(p.Title))
	}
	if err := t.write(s.stdout); err != nil {
		return err
	}
	s.more(nextOf(out))
	return nil
}
