package cli

import (
	"encoding/json"
	"time"
)

// locationState is a location as the wire has it.
type locationState struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Path        string          `json:"path"`
	OSPath      string          `json:"os_path"`
	Volume      string          `json:"volume"`
	Mode        string          `json:"mode"`
	State       string          `json:"state"`
	Files       int64           `json:"files"`
	Folders     int64           `json:"folders"`
	Bytes       int64           `json:"bytes"`
	Skipped     int64           `json:"skipped"`
	Errors      int64           `json:"errors"`
	Missing     int64           `json:"missing"`
	LastIndexed time.Time       `json:"last_indexed"`
	Job         json.RawMessage `json:"job"`
	Policy      struct {
		Watch     string `json:"watch"`
		Schedule  string `json:"schedule"`
		Priority  string `json:"priority"`
		OnBattery string `json:"on_battery"`
	} `json:"policy"`
	Watch coverage `json:"watch"`
}

// where is the folder as people know it; its address while it is not mounted.
func (l locationState) where() string {
	return entry{Path: l.Path, OSPath: l.OSPath}.bytesPath()
}

func renderLocation(s *shell, out json.RawMessage) error {
	var l locationState
	if err := unmarshal(out, &l); err != nil {
		return err
	}
	facts := [][2]string{
		{"name", shown(l.Name)}, {"path", shown(l.where())}, {"state", word(l.State)}, {"mode", word(l.Mode)},
		{"files", humanCount(l.Files)}, {"folders", humanCount(l.Folders)}, {"size", humanSize(l.Bytes)},
	}
	if l.Skipped > 0 {
		facts = append(facts, [2]string{"skipped", humanCount(l.Skipped)})
	}
	if l.Errors > 0 {
		facts = append(facts, [2]string{"errors", humanCount(l.Errors)})
	}
	if l.Missing > 0 {
		facts = append(facts, [2]string{"missing", humanCount(l.Missing) + " (waiting for your word: location rescan --accept-missing)"})
	}
	if l.Watch.Folders > 0 || l.Watch.RescanEvery > 0 || l.Policy.Schedule != "" {
		facts = append(facts, [2]string{"watching", l.Watch.words()}, [2]string{"policy", l.policy()})
	}
	var j jobState
	job := ""
	if isObject(l.Job) && unmarshal(l.Job, &j) == nil && j.ID != "" {
		job = clean(j.ID) + " (" + word(j.State) + ")"
	}
	return writeFacts(s.stdout, append(facts, [][2]string{
		{"indexed", humanTime(l.LastIndexed)}, {"volume", shown(l.Volume)}, {"job", job}, {"id", clean(l.ID)},
	}...))
}

func renderLocations(s *shell, out json.RawMessage) error {
	var list struct {
		Items []locationState `json:"items"`
		Next  string          `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 && s.screen.out {
		s.note("No folder is indexed yet. Add one by 'stardrive location add PATH'.")
	}
	t := newTable("ID", "NAME", "STATE", "MODE", "FILES", "SIZE", "ERRORS", "LAST INDEXED", "PATH").alignRight(0, 4, 5, 6)
	for _, l := range list.Items {
		errors := ""
		if l.Errors > 0 {
			errors = humanCount(l.Errors)
		}
		t.add(clean(l.ID), shown(l.Name), word(l.State), word(l.Mode), humanCount(l.Files), humanSize(l.Bytes), errors,
			humanTime(l.LastIndexed), shown(l.where()))
	}
	t.paint = func(_, col int, cell string) string { return s.paintState(col == 2, cell) }
	if err := t.write(s.stdout); err != nil {
		return err
	}
	s.more(list.Next)
	return nil
}

// paintState colours the words that call for attention.
func (s *shell) paintState(state bool, cell string) string {
	if !state {
		return cell
	}
	switch cell {
	case "offline", "unknown", "paused", "queued", "pending", "incomplete", "held", "closed", "clone":
		return s.screen.paint(yellow, cell)
	case "failed", "broken", "hung", "absent":
		return s.screen.paint(red, cell)
	case "running", "indexing":
		return s.screen.paint(cyan, cell)
	}
	return cell
}

func renderVolumes(s *shell, out json.RawMessage) error {
	var list struct {
		Items []struct {
			ID        string `json:"id"`
			Name      string `json:"name"`
			Mount     string `json:"mount"`
			FS        string `json:"fs"`
			Class     string `json:"class"`
			State     string `json:"state"`
			Capacity  int64  `json:"capacity"`
			Free      int64  `json:"free"`
			Removable bool   `json:"removable"`
			ReadOnly  bool   `json:"read_only"`
			Network   bool   `json:"network"`
		} `json:"items"`
		Next string `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	t := newTable("ID", "NAME", "STATE", "CLASS", "FS", "CAPACITY", "FREE", "FLAGS", "MOUNT").alignRight(0, 5, 6)
	for _, v := range list.Items {
		flags := ""
		for _, f := range []struct {
			on   bool
			word string
		}{{v.Removable, "removable"}, {v.ReadOnly, "read-only"}, {v.Network, "network"}} {
			if f.on && flags != "" {
				flags += ","
			}
			if f.on {
				flags += f.word
			}
		}
		capacity, free := "", ""
		if v.Capacity > 0 {
			capacity, free = humanSize(v.Capacity), humanSize(v.Free)
		}
		t.add(clean(v.ID), shown(v.Name), word(v.State), word(v.Class), clean(v.FS), capacity, free, flags, shown(v.Mount))
	}
	t.paint = func(_, col int, cell string) string { return s.paintState(col == 2, cell) }
	if err := t.write(s.stdout); err != nil {
		return err
	}
	s.more(list.Next)
	return nil
}

func renderJobs(s *shell, out json.RawMessage) error {
	var list struct {
		Items []jobState `json:"items"`
		Next  string     `json:"next"`
	}
	if err := unmarshal(out, &list); err != nil {
		return err
	}
	t := newTable("ID", "JOB", "STATE", "DONE", "SIZE", "TIME", "WARNINGS", "CREATED", "ERROR").alignRight(0, 3, 4, 5, 6)
	for _, j := range list.Items {
		done, size, warnings, span := humanCount(j.Done), "", "", ""
		if j.Total > 0 && !j.ended() {
			done = humanCount(j.Done) + " of " + humanCount(j.Total)
		}
		if j.Bytes > 0 {
			size = humanSize(j.Bytes)
		}
		if j.Warnings > 0 {
			warnings = humanCount(j.Warnings)
		}
		if j.Seconds > 0 {
			span = humanSeconds(j.Seconds)
		}
		t.add(clean(j.ID), clean(jobTitle(j)), word(j.State), done, size, span, warnings, humanTime(j.Created), clean(j.Error))
	}
	t.paint = func(_, col int, cell string) string { return s.paintState(col == 2, cell) }
	if err := t.write(s.stdout); err != nil {
		return err
	}
	s.more(list.Next)
	return nil
}
