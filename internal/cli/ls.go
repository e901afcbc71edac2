package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// lsVerb lists a folder, page by page.
func lsVerb(sp *spec) {
	sp.group, sp.args = "browse", "[PATH]"
	sp.example = "stardrive ls -l ~/Photos --sort size --descending\nstardrive ls --all --print0 | xargs -0 ls -d"
	sp.long = "Without a path it lists the working folder. Folders that are not indexed are read from the disk."
	sp.positional, sp.flags = take(sp.def.Fields(), "path")
	_, sp.flags = take(sp.flags, "hidden")
	sp.arity = pathOrID(0)
	sp.extra = func(f *pflag.FlagSet) {
		f.BoolP("all", "a", false, "list hidden entries too")
		f.BoolP("long", "l", false, "list mode, size and time too")
		f.BoolP("print0", "0", false, "print whole paths, as raw bytes, each ended by NUL")
	}
	sp.run = runLs
}

func runLs(c *call) error {
	if c.in["path"] == nil && c.in["id"] == nil {
		here, err := pathArg(".")
		if err != nil {
			return err
		}
		c.in["path"] = here
	}
	if c.flag("all") {
		c.in["hidden"] = true
	}
	var w pageWriter
	switch {
	case c.flag("print0"):
		w = &print0Pages{out: c.stdout}
	case c.json:
		w = &jsonPages{out: c.stdout}
	default:
		w = &entryPages{shell: c.shell, long: c.flag("long")}
	}
	return c.pages(w)
}

// pageWriter prints the pages of a list as they come.
type pageWriter interface {
	page(object json.RawMessage) error
	end(next string) error
}

// pages calls the operation until the list is complete, or once if the user
// chose the page by --limit or --cursor.
func (c *call) pages(w pageWriter) error {
	cl, err := c.connect(c.ctx)
	if err != nil {
		return err
	}
	defer cl.close()
	once := c.in["limit"] != nil || c.in["cursor"] != nil
	if limit := c.def.InSchema().Properties["limit"]; !once && limit != nil && limit.Maximum != nil {
		c.in["limit"] = int64(*limit.Maximum) // the fewer pages the better
	}
	for {
		page, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		next := text(page, "next")
		if err := w.page(page); err != nil {
			return err
		}
		if once || next == "" {
			return w.end(next)
		}
		c.in["cursor"] = next
	}
}

// jsonPages joins the pages into one object: that of the first page, with the
// items of all. It keeps no page in memory.
type jsonPages struct {
	out   io.Writer
	begun bool
	some  bool // an item has been written
}

func (j *jsonPages) page(object json.RawMessage) error {
	if !j.begun {
		j.begun = true
		all, err := members(object)
		if err != nil {
			return err
		}
		head := all[:0:0]
		for _, m := range all {
			if m.key != "items" && m.key != "next" {
				head = append(head, m)
			}
		}
		start := bytes.TrimSuffix(join(head), []byte("}"))
		if len(head) > 0 {
			start = append(start, ',')
		}
		if _, err := fmt.Fprintf(j.out, "%s\"items\":[", start); err != nil {
			return err
		}
	}
	items := bytes.TrimSpace(field(object, "items"))
	items = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimPrefix(items, []byte("[")), []byte("]")))
	if len(items) == 0 || string(items) == "null" {
		return nil
	}
	if j.some {
		if _, err := io.WriteString(j.out, ","); err != nil {
			return err
		}
	}
	j.some = true
	_, err := j.out.Write(items)
	return err
}

func (j *jsonPages) end(next string) error {
	b, _ := json.Marshal(next)
	_, err := fmt.Fprintf(j.out, "],\"next\":%s}\n", b)
	return err
}

// print0Pages writes raw paths for programs like xargs -0.
type print0Pages struct{ out io.Writer }

func (p *print0Pages) page(object json.RawMessage) error {
	var list entryList
	if err := unmarshal(object, &list); err != nil {
		return err
	}
	return print0(p.out, list.Items)
}

func (p *print0Pages) end(string) error { return nil }

func print0(w io.Writer, items []entry) error {
	for _, e := range items {
		if _, err := io.WriteString(w, e.bytesPath()+"\x00"); err != nil {
			return err
		}
	}
	return nil
}
