package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// organizeRenderers are the forms of what users add.
func organizeRenderers() map[string]func(*shell, json.RawMessage) error {
	return map[string]func(*shell, json.RawMessage) error{
		"rule.list":         renderRules,
		"rule.show":         renderRule,
		"rule.create":       renderRule,
		"rule.edit":         renderRule,
		"rule.test":         renderRuleTest,
		"tag.why":           renderWhy,
		"space.show":        renderSpace,
		"space.create":      renderSpace,
		"space.edit":        renderSpace,
		"space.place":       renderSpace,
		"space.group_add":   renderSpace,
		"space.group_edit":  renderSpace,
		"space.group_place": renderSpace, "space.group_remove": renderSpace,
		"space.item_add": renderSpace, "space.item_edit": renderSpace, "space.item_place": renderSpace, "space.item_remove": renderSpace,
		"favourite.list": renderFavourites,
		"note.list":      renderNotes,
	}
}

// namedThing is a tag, collection or rule as others name it.
type namedThing struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

func (n namedThing) String() string {
	if n.Namespace != "" {
		return shown(n.Namespace + "/" + n.Name)
	}
	return shown(n.Name)
}

type ruleState struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Query      string     `json:"query"`
	Tag        namedThing `json:"tag"`
	Collection namedThing `json:"collection"`
	Confidence float64    `json:"confidence"`
	Given      int64      `json:"given"`
	State      string     `json:"state"`
	Problem    string     `json:"problem"`
	Job        string     `json:"job"`
}

// gives is what the rule gives, for people.
func (r ruleState) gives() string {
	if r.Collection.Name != "" {
		return "collection " + r.Collection.String()
	}
	if r.Tag.Name != "" {
		return "tag " + r.Tag.String()
	}
	return ""
}

func (r ruleState) sure() string {
	if r.Confidence == 0 {
		return ""
	}
	return strconv.FormatFloat(100*r.Confidence, 'f', -1, 64) + " %"
}

func renderRules(s *shell, out json.RawMessage) error {
	var list struct {
		Items []ruleState `json:"items"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("No rule gives tags yet. Make one by 'stardrive rule create NAME QUERY --tag TAG'.")
	}
	t := newTable("NAME", "STATE", "GIVES", "GIVEN", "SURE", "QUERY", "PROBLEM").alignRight(3, 4)
	for _, r := range list.Items {
		t.add(shown(r.Name), word(r.State), r.gives(), humanCount(r.Given), r.sure(), shown(r.Query), clean(r.Problem))
	}
	t.paint = func(_, col int, cell string) string { return s.paintState(col == 1, cell) }
	return t.write(s.stdout)
}

func renderRule(s *shell, out json.RawMessage) error {
	var r ruleState
	if err := unmarshal(out, &r); err != nil {
		return err
	}
	return writeFacts(s.stdout, [][2]string{
		{"name", shown(r.Name)}, {"query", shown(r.Query)}, {"gives", r.gives()}, {"sure", r.sure()}, {"state", word(r.State)}, {"problem", clean(r.Problem)},
		{"given", humanCount(r.Given)}, {"job", clean(r.Job)}, {"id", clean(r.ID)},
	})
}

func renderRuleTest(s *shell, out json.RawMessage) error {
	var r struct {
		Total     int64   `json:"total"`
		Has       int64   `json:"has"`
		WouldGive int64   `json:"would_give"`
		WouldTake int64   `json:"would_take"`
		Refused   int64   `json:"refused"`
		Items     []entry `json:"items"`
	}
	if err := unmarshal(out, &r); err != nil {
		return err
	}
	t := newTable("SIZE", "MODIFIED", "PATH").alignRight(0)
	for _, e := range r.Items {
		t.add(e.size(), humanTime(e.Modified), shown(e.bytesPath()))
	}
	if err := t.write(s.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.stdout, "%s: %s would get it, %s have it, %s stay without since you took it from them; it would be taken back from %s\n",
		plural(r.Total, "fits", "fit"), humanCount(r.WouldGive), humanCount(r.Has), humanCount(r.Refused), humanCount(r.WouldTake))
	return err
}

func renderWhy(s *shell, out json.RawMessage) error {
	var why struct {
		Items []struct {
			Reason string `json:"reason"`
			At     string `json:"at"`
			Here   bool   `json:"here"`
		} `json:"items"`
		Refused bool `json:"refused"`
	}
	if err := unmarshal(out, &why); err != nil {
		return err
	}
	var lines []string
	for _, r := range why.Items {
		line := clean(r.Reason) + " (" + clean(r.At)
		if r.Here {
			line += ", here alone"
		}
		lines = append(lines, line+").")
	}
	if len(lines) == 0 {
		lines = append(lines, "It does not have this tag, nor one below it.")
	}
	if why.Refused {
		lines = append(lines, "You took the tag away, and no rule gives it again.")
	}
	_, err := fmt.Fprintln(s.stdout, strings.Join(lines, "\n"))
	return err
}

func renderSpace(s *shell, out json.RawMessage) error {
	var space struct {
		Name   string `json:"name"`
		Groups []struct {
			ID    string `json:"id"`
			Name  string `json:"name"`
			Fill  string `json:"fill"`
			Items []struct {
				ID      string `json:"id"`
				Kind    string `json:"kind"`
				Name    string `json:"name"`
				State   string `json:"state"`
				Problem string `json:"problem"`
				Path    string `json:"path"`
				Query   string `json:"query"`
			} `json:"items"`
		} `json:"groups"`
	}
	if err := unmarshal(out, &space); err != nil {
		return err
	}
	t := newTable("GROUP", "NAME", "KIND", "STATE", "WHERE", "ID")
	for _, g := range space.Groups {
		id := clean(g.ID)
		if g.Fill != "" {
			id += " (fills itself)"
		}
		t.add(shown(g.Name), "", "", "", "", id)
		for _, i := range g.Items {
			state, where := word(i.State), i.Path
			if i.State == "ok" {
				state = ""
			}
			if where == "" {
				where = i.Query
			}
			if i.Problem != "" {
				where = i.Problem
			}
			t.add("", shown(i.Name), word(i.Kind), state, shown(where), clean(i.ID))
		}
	}
	t.paint = func(_, col int, cell string) string { return s.paintState(col == 3, cell) }
	return t.write(s.stdout)
}

func renderFavourites(s *shell, out json.RawMessage) error {
	var list entryList
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	t := newTable("SIZE", "MODIFIED", "STATE", "PATH").alignRight(0)
	for _, e := range list.Items {
		t.add(e.size(), humanTime(e.Modified), awayState(e.State), shown(e.bytesPath()))
	}
	return t.write(s.stdout)
}

func renderNotes(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			Entry entry  `json:"entry"`
			Text  string `json:"text"`
		} `json:"items"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	t := newTable("NOTE", "PATH")
	for _, n := range list.Items {
		first, _, _ := strings.Cut(strings.TrimSpace(n.Text), "\n")
		t.add(shown(first), shown(n.Entry.bytesPath()))
	}
	return t.write(s.stdout)
}

// awayState is a state unless the thing is there.
func awayState(state string) string {
	if state == "present" {
		return ""
	}
	return word(state)
}

// folderTwist has a folder be named by its path from the working folder.
func folderTwist(sp *spec) {
	sp.run = func(c *call) error {
		if ref, _ := c.in["ref"].(string); c.in["kind"] == "folder" && looksLikePath(ref) {
			path, err := pathArg(ref)
			if err != nil {
				return err
			}
			c.in["ref"] = path
		}
		return c.plain()
	}
}
