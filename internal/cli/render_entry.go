package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/sdpath"
)

// entry is an entry as the wire has it. Raw and RawPath hold the bytes where
// Name and OSPath cannot.
type entry struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Raw      []byte    `json:"raw"`
	Path     string    `json:"path"`
	OSPath   string    `json:"os_path"`
	RawPath  []byte    `json:"raw_path"`
	Kind     string    `json:"kind"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Created  time.Time `json:"created"`
	Mode     string    `json:"mode"`
	State    string    `json:"state"`
	Hidden   bool      `json:"hidden"`
	Mime     string    `json:"mime"`
	Files    int64     `json:"files"`
	Folders  int64     `json:"folders"`
	Volume   string    `json:"volume"`
	Target   string    `json:"target"`
	Match    string    `json:"match"`
}

type entryList struct {
	Folder json.RawMessage `json:"folder"`
	Items  []entry         `json:"items"`
	Next   string          `json:"next"`
	Total  int64           `json:"total"`
	Live   bool            `json:"live"`
}

// bytesName is the name's bytes.
func (e entry) bytesName() string {
	if len(e.Raw) > 0 {
		return string(e.Raw)
	}
	return e.Name
}

// bytesPath is the path's bytes as the OS wants them; the address if the entry
// is on no disk of this device.
func (e entry) bytesPath() string {
	if len(e.RawPath) > 0 {
		return string(e.RawPath)
	}
	if p, err := sdpath.Parse(e.Path); err == nil && p.IsLocal() {
		if abs, err := p.OSPath(); err == nil {
			return abs
		}
	}
	if e.OSPath != "" {
		return e.OSPath
	}
	return e.Path
}

// size is what the entry holds: a folder, all files below it, as far as the
// index knows them.
func (e entry) size() string {
	if e.Kind == "file" || e.Kind == "folder" && e.ID != "" {
		return humanSize(e.Size)
	}
	return ""
}

// label is the name as people see it, with a mark of its kind, in its colour.
func (s *shell) label(e entry, name string) string {
	name = shown(name)
	switch {
	case e.State != "" && e.State != "present":
		name = s.screen.paint(dim, name)
	case e.Kind == "folder":
		name = s.screen.paint(blue, name) + "/"
	case e.Kind == "symlink":
		name = s.screen.paint(cyan, name) + "@"
	case e.Kind != "file":
		name = s.screen.paint(yellow, name)
	}
	return name
}

// entryPages prints a folder's pages as they come.
type entryPages struct {
	*shell
	long bool
}

func (p *entryPages) page(object json.RawMessage) error {
	var list entryList
	if err := unmarshal(object, &list); err != nil {
		return err
	}
	if p.long {
		return p.longList(list.Items, func(e entry) string { return e.bytesName() })
	}
	for _, e := range list.Items {
		if _, err := fmt.Fprintln(p.stdout, p.label(e, e.bytesName())); err != nil {
			return err
		}
	}
	return nil
}

func (p *entryPages) end(next string) error {
	p.more(next)
	return nil
}

// longList prints mode, size, time and name of entries.
func (s *shell) longList(items []entry, name func(entry) string) error {
	for _, e := range items {
		label := s.label(e, name(e))
		if e.Kind == "symlink" && e.Target != "" {
			label += " -> " + shown(e.Target)
		}
		if e.State != "" && e.State != "present" {
			label += "  (" + word(e.State) + ")"
		}
		_, err := fmt.Fprintf(s.stdout, "%s  %8s  %-19s  %s\n", modeText(e), e.size(), humanTime(e.Modified), label)
		if err != nil {
			return err
		}
	}
	return nil
}

// modeText writes kind and permissions as ls does: "drwxr-xr-x".
func modeText(e entry) string {
	kinds := map[string]byte{
		"file": '-', "folder": 'd', "symlink": 'l', "fifo": 'p', "socket": 's', "char_device": 'c', "block_device": 'b',
	}
	b := []byte("?---------")
	if k, ok := kinds[e.Kind]; ok {
		b[0] = k
	}
	var mode uint32
	if _, err := fmt.Sscanf(e.Mode, "%o", &mode); err != nil {
		return string(b)
	}
	for i := range 9 {
		if mode&(1<<(8-i)) != 0 {
			b[1+i] = "rwx"[i%3]
		}
	}
	for i, special := range []struct {
		bit  uint32
		with byte
	}{{0o4000, 's'}, {0o2000, 's'}, {0o1000, 't'}} {
		at := 3 + 3*i
		switch {
		case mode&special.bit == 0:
		case b[at] == 'x':
			b[at] = special.with
		default:
			b[at] = special.with - 'a' + 'A'
		}
	}
	return string(b)
}

// renderEntry prints one entry's facts.
func renderEntry(s *shell, out json.RawMessage) error {
	var with struct {
		entry
		Content struct {
			Hash   string `json:"hash"`
			Copies int64  `json:"copies"`
		} `json:"content"`
		Facts    json.RawMessage `json:"facts"`
		Sidecars []sidecar       `json:"sidecars"`
	}
	if err := unmarshal(out, &with); err != nil {
		return err
	}
	e := with.entry
	content, size := "", ""
	if with.Content.Hash != "" {
		content = clean(with.Content.Hash)
		if with.Content.Copies > 1 {
			content += " (" + plural(with.Content.Copies, "copy", "copies") + ")"
		}
	}
	if e.Kind == "file" {
		size = fmt.Sprintf("%s (%s)", humanSize(e.Size), plural(e.Size, "byte", "bytes"))
	}
	facts := [][2]string{
		{"name", shown(e.bytesName())}, {"path", shown(e.bytesPath())}, {"address", clean(e.Path)},
		{"kind", word(e.Kind)}, {"type", clean(e.Mime)}, {"size", size}, {"holds", holds(e)}, {"target", shown(e.Target)},
		{"modified", humanTime(e.Modified)}, {"created", humanTime(e.Created)},
		{"mode", strings.TrimSpace(modeText(e) + "  " + clean(e.Mode))}, {"state", word(e.State)},
		{"content", content}, {"volume", shown(e.Volume)}, {"id", clean(e.ID)},
	}
	if e.ID == "" {
		facts = append(facts, [2]string{"index", "not in the index: read from the disk just now"})
	}
	known, err := knownFacts(with.Facts)
	if err != nil {
		return err
	}
	return writeFacts(s.stdout, append(append(facts, known...), derived(with.Sidecars)...))
}

// sidecar is what was derived of a file, as the wire has it.
type sidecar struct {
	Kind   string `json:"kind"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// knownFacts are the facts of what is in a file, but for those no person reads.
func knownFacts(facts json.RawMessage) (out [][2]string, err error) {
	if !isObject(facts) {
		return nil, nil
	}
	all, err := members(facts)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.key != "blurhash" && m.key != "perceptual" {
			out = append(out, [2]string{word(m.key), cell(m.key, nil, m.value)})
		}
	}
	return out, nil
}

// derived tells what was made of a file, and why some could not be.
func derived(all []sidecar) (out [][2]string) {
	ready := ""
	for _, one := range all {
		switch one.Status {
		case "ready":
			ready = strings.TrimSpace(ready + " " + clean(one.Kind))
		case "failed":
			out = append(out, [2]string{"no " + clean(one.Kind), shown(one.Reason)})
		}
	}
	return append([][2]string{{"sidecars", ready}}, out...)
}

func holds(e entry) string {
	if e.Kind != "folder" || e.ID == "" {
		return ""
	}
	return plural(e.Folders, "folder", "folders") + ", " + plural(e.Files, "file", "files") + ", " + humanSize(e.Size)
}

// writeFacts prints names and values, names aligned, empty values left out.
func writeFacts(w io.Writer, facts [][2]string) error {
	wide := 0
	for _, f := range facts {
		if f[1] != "" {
			wide = max(wide, len(f[0]))
		}
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s  %s\n", pad(f[0]+":", wide+1, false), f[1]); err != nil {
			return err
		}
	}
	return nil
}
