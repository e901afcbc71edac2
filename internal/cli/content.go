package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// identifyTwist gives content.identify the flag --wait: of a folder its answer
// holds a job, of a file what that is.
func identifyTwist(sp *spec) {
	waitTwist(sp)
	sp.run = func(c *call) error {
		if !c.flag("wait") {
			return c.plain()
		}
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		if j := field(out, "job"); isObject(j) {
			return c.followToEnd(c.ctx, cl, text(j, "id"))
		}
		return c.render(c.def, out)
	}
}

// scrubTwist gives scrub.run the flag --wait: its answer lists jobs.
func scrubTwist(sp *spec) {
	waitTwist(sp)
	sp.run = func(c *call) error {
		if !c.flag("wait") {
			return c.plain()
		}
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		var jobs struct {
			Items []jobState `json:"items"`
		}
		if err := unmarshal(out, &jobs); err != nil {
			return err
		}
		for _, j := range jobs.Items {
			if err := c.followToEnd(c.ctx, cl, j.ID); err != nil {
				return err
			}
		}
		return nil
	}
}

// queryVerb joins the words of a command into one query, which may be empty.
func queryVerb(sp *spec) {
	sp.group, sp.args = "browse", "[QUERY...]"
	_, sp.flags = take(sp.def.Fields(), "query")
	sp.positional, sp.arity = nil, cobra.ArbitraryArgs
	sp.run = func(c *call) error {
		query, err := queryOf(c.args)
		if err != nil {
			return err
		}
		if query != "" {
			c.in["query"] = query
		}
		return c.plain()
	}
}

// copyState is a copy of a content as the wire has it.
type copyState struct {
	entry
	File      int       `json:"file"`
	Body      int       `json:"body"`
	Reference bool      `json:"reference"`
	Read      time.Time `json:"read"`
	note      string    // more of it
}

// copies prints copies, one a line.
func copies(w io.Writer, list []copyState, more int) error {
	seen, bodies := map[int]bool{}, map[int]bool{}
	for _, c := range list {
		var notes []string
		if c.note != "" {
			notes = append(notes, c.note)
		}
		if c.Reference {
			notes = append(notes, "keep")
		}
		if seen[c.File] {
			notes = append(notes, "another name of the same file")
		} else if c.Body > 0 && bodies[c.Body] {
			notes = append(notes, "shares its blocks with another: removing it frees nothing")
		}
		if c.State != "present" {
			notes = append(notes, word(c.State))
		}
		seen[c.File], bodies[c.Body] = true, true
		note := ""
		if len(notes) > 0 {
			note = "  (" + strings.Join(notes, ", ") + ")"
		}
		if _, err := fmt.Fprintf(w, "  %s%s\n", shown(c.bytesPath()), note); err != nil {
			return err
		}
	}
	if more > 0 {
		if _, err := fmt.Fprintf(w, "  and %s more\n", humanCount(int64(more))); err != nil {
			return err
		}
	}
	return nil
}

func renderDuplicates(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			Kind   string      `json:"kind"`
			Size   int64       `json:"size"`
			Files  int64       `json:"files"`
			Wasted int64       `json:"wasted"`
			Copies []copyState `json:"copies"`
			More   int         `json:"more"`
		} `json:"items"`
		Next string `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("No duplicates are known. Files that were never read are compared by 'stardrive duplicates find'.")
	}
	for _, g := range list.Items {
		if _, err := fmt.Fprintf(s.stdout, "%s wasted: %s files of %s (%s)\n", humanSize(g.Wasted), humanCount(g.Files), humanSize(g.Size), word(g.Kind)); err != nil {
			return err
		}
		if err := copies(s.stdout, g.Copies, g.More); err != nil {
			return err
		}
	}
	s.more(list.Next)
	return nil
}

// spread is over what a content is spread, as the wire has it.
type spread struct {
	Kind    string      `json:"kind"`
	Size    int64       `json:"size"`
	Files   int64       `json:"files"`
	Volumes int64       `json:"volumes"`
	Disks   int64       `json:"disks"`
	Read    time.Time   `json:"read"`
	Copies  []copyState `json:"copies"`
	More    int         `json:"more"`
}

// places tells on how many volumes and disks it is.
func (g spread) places() string {
	on := plural(g.Volumes, "volume", "volumes")
	if g.Disks > 0 && g.Disks < g.Volumes {
		on += " of " + plural(g.Disks, "disk", "disks")
	}
	return on
}

// renderCopies tells of each copy when it was read.
func renderCopies(s *shell, out json.RawMessage) error {
	var g struct {
		spread
		Hash string `json:"hash"`
	}
	if err := unmarshal(out, &g); err != nil {
		return err
	}
	if len(g.Copies) == 0 {
		s.note("No file is known to hold it now: what held it changed, or is gone.")
	}
	if _, err := fmt.Fprintf(s.stdout, "%s (%s), %s on %s\n%s\n", humanSize(g.Size), word(g.Kind), plural(g.Files, "file", "files"), g.places(), clean(g.Hash)); err != nil {
		return err
	}
	for i := range g.Copies {
		c := &g.Copies[i]
		c.note = "on " + shown(c.Volume) + ", read " + humanTime(c.Read)
	}
	return copies(s.stdout, g.Copies, g.More)
}

func renderQuarantine(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			entry
			Failed []struct {
				Kinds  []string `json:"kinds"`
				Reason string   `json:"reason"`
			} `json:"failed"`
		} `json:"items"`
		Next string `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("Nothing failed.")
	}
	for _, f := range list.Items {
		if _, err := fmt.Fprintln(s.stdout, shown(f.bytesPath())); err != nil {
			return err
		}
		for _, x := range f.Failed {
			if _, err := fmt.Fprintf(s.stdout, "  %s: %s\n", clean(strings.Join(x.Kinds, ", ")), shown(x.Reason)); err != nil {
				return err
			}
		}
	}
	s.more(list.Next)
	return nil
}

func renderRedundancy(s *shell, out json.RawMessage) error {
	var list struct {
		Items []spread `json:"items"`
		Next  string   `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	for _, g := range list.Items {
		if _, err := fmt.Fprintf(s.stdout, "%s (%s): %s on %s, read %s\n", humanSize(g.Size), word(g.Kind), plural(g.Files, "file", "files"), g.places(), humanTime(g.Read)); err != nil {
			return err
		}
		if err := copies(s.stdout, g.Copies, g.More); err != nil {
			return err
		}
	}
	s.more(list.Next)
	return nil
}

func renderNear(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			Pictures []struct {
				Size     int64       `json:"size"`
				Width    int64       `json:"width"`
				Height   int64       `json:"height"`
				Distance int         `json:"distance"`
				Copies   []copyState `json:"copies"`
				More     int         `json:"more"`
			} `json:"pictures"`
		} `json:"items"`
		Next int64 `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	for i, g := range list.Items {
		if i > 0 {
			if _, err := fmt.Fprintln(s.stdout); err != nil {
				return err
			}
		}
		for _, p := range g.Pictures {
			if _, err := fmt.Fprintf(s.stdout, "%d x %d, %s, distance %d\n", p.Width, p.Height, humanSize(p.Size), p.Distance); err != nil {
				return err
			}
			if err := copies(s.stdout, p.Copies, p.More); err != nil {
				return err
			}
		}
	}
	if list.Next > 0 {
		s.note("There is more: --after %d", list.Next)
	}
	return nil
}

func renderDamage(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			entry
			Harm   string      `json:"harm"`
			Reason string      `json:"reason"`
			Good   time.Time   `json:"good"`
			Copies []copyState `json:"copies"`
		} `json:"items"`
		Next string `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("No damaged files are known.")
	}
	for _, d := range list.Items {
		what := "its bytes changed, though nobody wrote to it"
		if d.Harm == "unreadable" {
			what = "it cannot be read: " + shown(d.Reason)
		}
		copied := "no other copy is known"
		if len(d.Copies) > 0 {
			copied = "good copies:"
		}
		if _, err := fmt.Fprintf(s.stdout, "%s\n  %s (it was good %s); %s\n", shown(d.bytesPath()), what, humanTime(d.Good), copied); err != nil {
			return err
		}
		if err := copies(s.stdout, d.Copies, 0); err != nil {
			return err
		}
	}
	s.more(list.Next)
	return nil
}

func renderUnread(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			entry
			Reason string    `json:"reason"`
			Tries  int       `json:"tries"`
			Tried  time.Time `json:"tried"`
			Again  time.Time `json:"again"`
		} `json:"items"`
		Next string `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("All files could be read.")
	}
	for _, u := range list.Items {
		times := "once"
		if u.Tries > 1 {
			times = fmt.Sprintf("%d times", u.Tries)
		}
		if _, err := fmt.Fprintf(s.stdout, "%s\n  %s; tried %s, last %s, again %s\n", shown(u.bytesPath()), shown(u.Reason), times, humanTime(u.Tried), humanTime(u.Again)); err != nil {
			return err
		}
	}
	s.more(list.Next)
	return nil
}
