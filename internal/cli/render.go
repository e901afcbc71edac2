package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// renderers are the hand-made forms of results; all others get the generic one.
func renderers() map[string]func(*shell, json.RawMessage) error {
	all := map[string]func(*shell, json.RawMessage) error{
		"entry.info":      renderEntry,
		"daemon.status":   renderStatus,
		"daemon.doctor":   renderDoctor,
		"location.list":   renderLocations,
		"location.add":    renderLocation,
		"location.info":   renderLocation,
		"location.rescan": renderLocation,
		"location.remove": renderLocation,
		"location.set":    renderLocation,
		"volume.list":     renderVolumes,
		"job.list":        renderJobs,
		"saved.run":       renderSaved,
		"duplicates.list": renderDuplicates,
		"near.list":       renderNear,
		"damage.list":     renderDamage,
		"content.copies":  renderCopies,
		"content.unread":  renderUnread,
		"sidecar.failed":  renderQuarantine,
		"redundancy.list": renderRedundancy,
		"plan.list":       renderPlans,
		"plan.history":    renderPlans,
		"plan.show":       renderPlan,
		"plan.choose":     renderPlan,
		"plan.discard":    renderPlan,
		"plan.skip":       renderPlan,
	}
	maps.Copy(all, organizeRenderers())
	return all
}

// render prints the result of the operation d: its JSON as it came, or a form
// for people.
func (s *shell) render(d op.Def, out json.RawMessage) error {
	if s.json {
		return s.printJSON(out)
	}
	if r := renderers()[d.Name]; r != nil {
		return r(s, out)
	}
	return s.generic(d.OutSchema(), out)
}

func (s *shell) printJSON(out json.RawMessage) error {
	_, err := fmt.Fprintf(s.stdout, "%s\n", out)
	return err
}

// generic prints any result: {"items":[…]} as a table, another object as a
// list of its fields.
func (s *shell) generic(schema *jsonschema.Schema, out json.RawMessage) error {
	if !isObject(out) {
		return s.printJSON(out)
	}
	all, err := members(out)
	if err != nil {
		return errs.New(errs.Internal, "cannot read the daemon's answer: %w", err)
	}
	if items := field(out, "items"); isList(items) {
		if err := writeTable(s.stdout, prop(schema, "items"), items); err != nil {
			return err
		}
		s.more(nextOf(out))
		return nil
	}
	return writeFields(s.stdout, schema, all, "")
}

// nextOf is a list's cursor of the next page, "" at the end. Cursors are texts or
// numbers.
func nextOf(list json.RawMessage) string {
	next := cell("", nil, field(list, "next"))
	if next == "0" {
		return ""
	}
	return next
}

// more tells that a list has another page.
func (s *shell) more(next string) {
	if next != "" {
		s.note("There is more: --cursor %s", next)
	}
}

// writeFields prints one field a line, names aligned; lists of objects follow
// as tables under their name.
func writeFields(w io.Writer, schema *jsonschema.Schema, all []member, indent string) error {
	wide := 0
	for _, m := range all {
		wide = max(wide, len(m.key))
	}
	for _, m := range all {
		p := prop(schema, m.key)
		switch {
		case isList(m.value) && strings.Contains(string(m.value), "{"):
			if _, err := fmt.Fprintf(w, "%s%s:\n", indent, word(m.key)); err != nil {
				return err
			}
			if err := writeTable(w, p, m.value); err != nil {
				return err
			}
			continue
		case isObject(m.value):
			inner, err := members(m.value)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s%s:\n", indent, word(m.key)); err != nil {
				return err
			}
			if err := writeFields(w, p, inner, indent+"  "); err != nil {
				return err
			}
			continue
		}
		v := cell(m.key, p, m.value)
		if v == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s%s  %s\n", indent, pad(word(m.key)+":", wide+1, false), v); err != nil {
			return err
		}
	}
	return nil
}

// writeTable prints a list of objects; the columns are the fields of the
// schema, or of the first object if there is none.
func writeTable(w io.Writer, schema *jsonschema.Schema, list json.RawMessage) error {
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return err
	}
	var item *jsonschema.Schema
	if schema != nil {
		item = schema.Items
	}
	cols := columnsOf(item, items)
	t := newTable(upper(cols)...)
	for i, c := range cols {
		t.right[i] = numeric(prop(item, c))
	}
	for _, it := range items {
		if !isObject(it) {
			_, err := fmt.Fprintln(w, cell("", item, it))
			if err != nil {
				return err
			}
			continue
		}
		all, err := members(it)
		if err != nil {
			return err
		}
		row := make([]string, len(cols))
		for _, m := range all {
			if i := slices.Index(cols, m.key); i >= 0 {
				row[i] = cell(m.key, prop(item, m.key), m.value)
			}
		}
		t.add(row...)
	}
	return t.write(w)
}

func columnsOf(schema *jsonschema.Schema, items []json.RawMessage) (cols []string) {
	if schema != nil && len(schema.PropertyOrder) > 0 {
		return schema.PropertyOrder
	}
	for _, it := range items {
		all, _ := members(it)
		for _, m := range all {
			if !slices.Contains(cols, m.key) {
				cols = append(cols, m.key)
			}
		}
	}
	return cols
}

func upper(names []string) []string {
	head := make([]string, len(names))
	for i, n := range names {
		head[i] = strings.ToUpper(word(n))
	}
	return head
}

func numeric(s *jsonschema.Schema) bool {
	return s != nil && (s.Type == "integer" || s.Type == "number")
}

// prop is the schema of a field, nil if there is none.
func prop(s *jsonschema.Schema, name string) *jsonschema.Schema {
	if s == nil {
		return nil
	}
	return s.Properties[name]
}

// cell prints one value for people. Values that say nothing are "".
func cell(name string, schema *jsonschema.Schema, v json.RawMessage) string {
	var x any
	if json.Unmarshal(v, &x) != nil {
		return ""
	}
	switch x := x.(type) {
	case nil:
		return ""
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case string:
		if schema != nil && schema.Format == "date-time" {
			if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
				return humanTime(t)
			}
		}
		return shown(x)
	case float64:
		return number(name, schema, string(v), x)
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = shown(fmt.Sprint(e))
		}
		return strings.Join(parts, ", ")
	}
	return clean(string(v))
}

// number prints a number by what its name says it counts.
func number(name string, schema *jsonschema.Schema, text string, f float64) string {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && isBytes(name):
		return humanSize(n)
	case isSeconds(name):
		if f == 0 {
			return ""
		}
		return humanSeconds(f)
	case err == nil && schema != nil && schema.Type == "integer":
		return humanCount(n)
	case err == nil:
		return text
	}
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}

func isBytes(name string) bool {
	switch name {
	case "size", "bytes", "capacity", "free", "memory":
		return true
	}
	return strings.HasSuffix(name, "_bytes")
}

func isSeconds(name string) bool {
	return name == "seconds" || name == "uptime" || name == "eta" || strings.HasSuffix(name, "_seconds")
}

// unmarshal decodes a daemon's answer; fields this program does not know are
// those of a newer one, and ignored.
func unmarshal(out json.RawMessage, to any) error {
	if err := json.Unmarshal(out, to); err != nil {
		return errs.New(errs.Internal, "cannot read the daemon's answer: %w", err)
	}
	return nil
}

// text is a string field of object, "" if there is none.
func text(object json.RawMessage, key string) (value string) {
	_ = json.Unmarshal(field(object, key), &value)
	return value
}
