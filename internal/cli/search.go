package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/op"
)

// searchVerb joins its words into one query.
func searchVerb(sp *spec) {
	sp.group, sp.args, sp.aliases = "browse", "QUERY...", []string{"find"}
	sp.example = "stardrive search holiday kind:image --limit 20\nstardrive search '*.jp?g' 'size:>10mb' --sort size --descending\nstardrive search holiday -draft --print0 | xargs -0 ls -l"
	_, sp.flags = take(sp.def.Fields(), "query")
	sp.positional = nil
	sp.arity = atLeastOne("the query is missing")
	sp.extra = func(f *pflag.FlagSet) {
		f.BoolP("long", "l", false, "list size and time too")
		f.BoolP("print0", "0", false, "print paths as raw bytes, each ended by NUL")
	}
	sp.run = runSearch
}

func runSearch(c *call) error {
	query, err := queryOf(c.args)
	if err != nil {
		return err
	}
	c.in["query"] = query
	out, err := c.send()
	if err != nil {
		return err
	}
	if c.json && !c.flag("print0") {
		return c.printJSON(out)
	}
	var found searchResult
	if err := unmarshal(out, &found); err != nil {
		return err
	}
	if c.flag("print0") {
		return print0(c.stdout, found.paths())
	}
	return c.renderSearch(found, query, c.flag("long"))
}

// textHit is a file that was found by its text, or by what that means.
type textHit struct {
	entry
	Copies   int64  `json:"copies"`
	Title    string `json:"title"`
	Snippets []struct {
		Text  string   `json:"text"`
		Marks [][2]int `json:"marks"`
		Page  int64    `json:"page"`
	} `json:"snippets"`
}

// paths are all that was found by name or word, each once.
func (r *searchResult) paths() []entry {
	all, seen := []entry{}, map[string]bool{}
	for _, e := range r.Items {
		all = append(all, e)
		seen[e.ID] = true
	}
	for _, h := range r.Texts {
		if !seen[h.ID] {
			all = append(all, h.entry)
		}
	}
	if len(all) == 0 { // then it was similar ones that were asked for, if any
		for _, h := range r.Similar {
			all = append(all, h.entry)
		}
	}
	return all
}

type searchResult struct {
	Items      []entry   `json:"items"`
	Texts      []textHit `json:"texts"`
	TextsTotal int64     `json:"texts_total"`
	TextsMore  bool      `json:"texts_more"`
	Similar    []textHit `json:"similar"`
	Total      int64     `json:"total"`
	Fuzzy      int64     `json:"fuzzy"`
	Facets     []struct {
		Field  string `json:"field"`
		Values []struct {
			Value string `json:"value"`
			Count int64  `json:"count"`
		} `json:"values"`
	} `json:"facets"`
	Hints []struct {
		Text   string `json:"text"`
		At     int    `json:"at"`
		Length int    `json:"length"`
	} `json:"hints"`
	Partial bool    `json:"partial"`
	TookMS  float64 `json:"took_ms"`
}

// renderSearch prints hits, what was counted, and what is to be known of them.
func (s *shell) renderSearch(found searchResult, query string, long bool) error {
	if err := s.renderHits(found, long); err != nil {
		return err
	}
	for _, f := range found.Facets {
		var values []string
		for _, v := range f.Values {
			values = append(values, shown(v.Value)+" "+humanCount(v.Count))
		}
		if _, err := fmt.Fprintf(s.stdout, "%s: %s\n", clean(f.Field), strings.Join(values, ", ")); err != nil {
			return err
		}
	}
	runes := []rune(query)
	for _, h := range found.Hints {
		if 0 <= h.At && 0 <= h.Length && h.At+h.Length <= len(runes) {
			s.note("%s: %s", shown(string(runes[h.At:h.At+h.Length])), shown(h.Text))
		}
	}
	if found.Partial {
		s.note("an index is being made, or time was up: more may fit")
	}
	if s.screen.out {
		s.note("%s, in %.0f ms", found.summary(), found.TookMS)
	}
	return nil
}

// summary tells how much was found, and how much of it is printed: the groups that
// have something, or that there is nothing.
func (r *searchResult) summary() string {
	var parts []string
	if n := len(r.Items); n > 0 || r.Total > 0 || len(r.Texts)+len(r.Similar) == 0 {
		names := fmt.Sprintf("%s of %s", humanCount(int64(n)), plural(r.Total, "match", "matches"))
		if r.Fuzzy > 0 {
			names += fmt.Sprintf(", %s of them but for a slip", humanCount(r.Fuzzy))
		}
		parts = append(parts, names)
	}
	if n := int64(len(r.Texts)); n > 0 {
		total := plural(r.TextsTotal, "text", "texts")
		if r.TextsMore {
			total = "more than " + total
		}
		parts = append(parts, humanCount(n)+" of "+total)
	}
	if n := int64(len(r.Similar)); n > 0 {
		parts = append(parts, humanCount(n)+" similar")
	}
	return strings.Join(parts, "; ")
}

// renderHits prints the groups of an answer; on a terminal, where there are several,
// each below its heading.
func (s *shell) renderHits(found searchResult, long bool) error {
	heading := func(text string, n int) error {
		if n == 0 || !s.screen.out || len(found.Texts)+len(found.Similar) == 0 {
			return nil
		}
		_, err := fmt.Fprintln(s.stdout, s.screen.paint(bold, text))
		return err
	}
	if err := heading("By name", len(found.Items)); err != nil {
		return err
	}
	if err := s.renderEntries(found.Items, long); err != nil {
		return err
	}
	more := ""
	if n := found.TextsTotal - int64(len(found.Texts)); n > 0 || found.TextsMore {
		more = " (the best of " + humanCount(found.TextsTotal)
		if found.TextsMore {
			more += " and more"
		}
		more += ")"
	}
	if err := heading("In texts"+more, len(found.Texts)); err != nil {
		return err
	}
	if err := s.renderTexts(found.Texts, long); err != nil {
		return err
	}
	if !s.screen.out && len(found.Items)+len(found.Texts) > 0 {
		return nil // without headings, what is merely similar would pass for found
	}
	if err := heading("Similar", len(found.Similar)); err != nil {
		return err
	}
	return s.renderTexts(found.Similar, long)
}

func (s *shell) renderEntries(items []entry, long bool) error {
	if long {
		return s.longList(items, entry.bytesPath)
	}
	for _, e := range items {
		if _, err := fmt.Fprintln(s.stdout, s.label(e, e.bytesPath())); err != nil {
			return err
		}
	}
	return nil
}

// renderTexts prints files with pieces of their texts.
func (s *shell) renderTexts(hits []textHit, long bool) error {
	for _, h := range hits {
		if err := s.renderEntries([]entry{h.entry}, long); err != nil {
			return err
		}
		for _, p := range h.Snippets {
			page := ""
			if p.Page > 0 {
				page = s.screen.paint(dim, fmt.Sprintf("p. %d: ", p.Page))
			}
			if _, err := fmt.Fprintf(s.stdout, "    %s%s\n", page, s.marked(p.Text, p.Marks)); err != nil {
				return err
			}
		}
	}
	return nil
}

// marked is a text with its marks, which count characters, in bold.
func (s *shell) marked(text string, marks [][2]int) string {
	runes, at, out := []rune(text), 0, ""
	for _, m := range marks {
		if m[0] < at || m[1] < m[0] || m[1] > len(runes) {
			break
		}
		out += clean(string(runes[at:m[0]])) + s.screen.paint(bold, clean(string(runes[m[0]:m[1]])))
		at = m[1]
	}
	return out + clean(string(runes[at:]))
}

// renderSaved prints what a saved search finds.
func renderSaved(s *shell, out json.RawMessage) error {
	var found searchResult
	if err := unmarshal(out, &found); err != nil {
		return err
	}
	return s.renderSearch(found, "", false)
}

func queryOf(words []string) (string, error) {
	var b bytes.Buffer
	for i, w := range words {
		v, err := argument(op.Field{Flag: "query"}, w)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// queryLast lets a search query hold words that begin with one dash, such as
// "-draft": it moves the flags of a search before "--" and the words after it.
// Other command lines are left alone.
func queryLast(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd.Name() != "search" || cmd.Parent() != root {
		return args
	}
	cmd.InitDefaultHelpFlag()
	var flags, words []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			words = append(words, args[i+1:]...)
			break
		}
		f := flagOf(cmd, a)
		if f == nil && !strings.HasPrefix(a, "--") {
			words = append(words, a)
			continue
		}
		flags = append(flags, a)
		if f != nil && f.NoOptDefVal == "" && !strings.Contains(a, "=") && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	if len(words) < 2 { // the command itself
		return args
	}
	return slices.Concat(words[:1], flags, []string{"--"}, words[1:])
}

// flagOf is the flag that arg sets, nil if it sets none.
func flagOf(cmd *cobra.Command, arg string) *pflag.Flag {
	name, long := strings.CutPrefix(arg, "--")
	if long {
		name, _, _ = strings.Cut(name, "=")
		if f := cmd.Flags().Lookup(name); f != nil {
			return f
		}
		return cmd.InheritedFlags().Lookup(name)
	}
	if len(arg) == 2 && arg[0] == '-' {
		return cmd.Flags().ShorthandLookup(arg[1:])
	}
	return nil
}
