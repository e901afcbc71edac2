//go:build !windows

package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/sdpath"
)

// The sample operations have the names and the shapes of the real ones.

type none struct{}

type addIn struct {
	Path string `json:"path" cli:"1" jsonschema:"folder to index"`
	Name string `json:"name,omitempty" jsonschema:"name to show"`
	Mode mode   `json:"mode,omitempty" jsonschema:"how deep to look"`
}

type mode string

func (mode) Enum() []string { return []string{"shallow", "content", "deep"} }

type location struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Path        string    `json:"path"`
	State       string    `json:"state"`
	Files       int64     `json:"files"`
	Bytes       int64     `json:"bytes"`
	LastIndexed time.Time `json:"last_indexed"`
	Job         *job      `json:"job,omitempty"`
}

type job struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"`
	Title    string  `json:"title"`
	State    string  `json:"state"`
	Done     int64   `json:"done"`
	Total    int64   `json:"total"`
	Bytes    int64   `json:"bytes"`
	Warnings int64   `json:"warnings"`
	Error    string  `json:"error"`
	Seconds  float64 `json:"seconds"`
}

type refIn struct {
	Location string `json:"location" cli:"1" jsonschema:"name, id or path of the location"`
}

type jobIn struct {
	Job string `json:"job" cli:"1" jsonschema:"id of the job"`
}

type listIn struct {
	Path       string `json:"path,omitempty" jsonschema:"the folder"`
	ID         string `json:"id,omitempty" jsonschema:"the folder's entry id"`
	Sort       sort   `json:"sort,omitempty" jsonschema:"order"`
	Descending bool   `json:"descending,omitempty" jsonschema:"largest first"`
	Hidden     bool   `json:"hidden,omitempty" jsonschema:"with hidden entries"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"where to go on"`
	Limit      int64  `json:"limit,omitempty" max:"1000" jsonschema:"entries of a page"`
}

type sort string

func (sort) Enum() []string { return []string{"name", "size"} }

type sampleEntry struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Raw      []byte    `json:"raw,omitempty"`
	Path     string    `json:"path"`
	OSPath   string    `json:"os_path,omitempty"`
	RawPath  []byte    `json:"raw_path,omitempty"`
	Kind     string    `json:"kind"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Mode     string    `json:"mode"`
	State    string    `json:"state"`
}

type listOut struct {
	Folder sampleEntry   `json:"folder"`
	Items  []sampleEntry `json:"items"`
	Next   string        `json:"next"`
	Total  int64         `json:"total"`
	Live   bool          `json:"live"`
}

type infoIn struct {
	Path string `json:"path,omitempty"`
	ID   string `json:"id,omitempty"`
}

type searchIn struct {
	Query string `json:"query" cli:"1" jsonschema:"what to find"`
	Limit int64  `json:"limit,omitempty" jsonschema:"most results"`
	In    string `json:"in,omitempty" jsonschema:"only below this folder or location"`
}

type searchOut struct {
	Items  []sampleEntry `json:"items"`
	Total  int64         `json:"total"`
	TookMS float64       `json:"took_ms"`
}

type failIn struct {
	Kind string `json:"kind" cli:"1"`
}

type oddIn struct {
	Names   []string  `json:"names" cli:"rest"`
	Count   int64     `json:"count,omitempty"`
	Share   float64   `json:"share,omitempty"`
	Deep    bool      `json:"deep"`
	Labels  []string  `json:"labels,omitempty"`
	When    time.Time `json:"when,omitzero"`
	Library string    `json:"library,omitempty"`
	Secret  string    `json:"secret,omitempty" cli:"-"`
	Rule    *struct {
		A int64 `json:"a"`
	} `json:"rule,omitempty"`
}

type libraryIn struct {
	Name        string `json:"name" cli:"1"`
	DeleteFiles bool   `json:"delete_files,omitempty"`
}

type items[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type sampleStatus struct {
	Version string  `json:"version"`
	Uptime  float64 `json:"uptime"`
	PID     int64   `json:"pid"`
	Memory  int64   `json:"memory"`
	Address string  `json:"address"`
}

type check struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// answer makes an operation that notes its request and gives a fixed answer.
func answer[In, Out any](w *world, name string, out Out) op.Def {
	return op.NewQuery(name, "Do "+name, func(_ context.Context, in In) (Out, error) { return out, w.note(name, in) })
}

func (w *world) ops() *op.Set {
	command := func(d op.Def) op.Def { d.Kind = op.Command; return d }
	return op.NewSet(w.planOps(), []op.Def{
		op.NewCommand("location.add", "Index a folder", func(_ context.Context, in addIn) (location, error) {
			return location{ID: "3", Name: "Photos", Path: in.Path, Job: &job{ID: "7", State: "running"}}, w.note("location.add", in)
		}, op.Example("stardrive location add ~/Photos --wait")),
		op.NewCommand("location.rescan", "Look again", func(_ context.Context, in refIn) (location, error) {
			return location{ID: "3", Name: "Photos", Path: "/p", Job: &job{ID: "7", State: "queued"}}, w.note("location.rescan", in)
		}),
		answer[refIn](w, "location.info", location{ID: "3", Name: "Photos", Path: "/p", State: "ready", Files: 1234, Bytes: 5_600_000}),
		answer[none](w, "location.list", items[location]{Items: []location{
			{ID: "3", Name: "Photos", Path: "/p", State: "ready", Files: 1234, Bytes: 5_600_000},
			{ID: "12", Name: "Ph\x1b[31m\u202eotos", Path: "/q", State: "offline"},
		}}),
		op.NewQuery("job.show", "Show a job", w.showJob),
		answer[none](w, "job.list", items[job]{Items: []job{{ID: "7", Kind: "index.scan", Title: "Index Photos", State: "running"}}}),
		command(answer[jobIn](w, "job.cancel", none{})),
		op.NewQuery("entry.list", "List a folder", w.list),
		op.NewQuery("entry.info", "Show an entry", func(_ context.Context, in infoIn) (sampleEntry, error) {
			e := w.entry("cat.jpg", 5)
			switch in.Path {
			case "/live":
				e.ID, e.Path = "", "sd://local/live"
			case "/folder":
				e.Kind = "folder"
			case "/broken":
				e.ID = "13"
			}
			return e, w.note("entry.info", in)
		}),
		op.NewQuery("search.query", "Find entries", func(_ context.Context, in searchIn) (searchOut, error) {
			return searchOut{Items: []sampleEntry{w.entry("b\xff", 1), w.entry("a\nb", 2)}, Total: 12, TookMS: 3}, w.note("search.query", in)
		}),
		answer[none](w, "daemon.status", sampleStatus{Version: "1.0", Uptime: 75, PID: 42, Memory: 84_000_000, Address: "http://127.0.0.1:1"}),
		command(answer[none](w, "daemon.stop", none{})),
		answer[none](w, "daemon.doctor", struct {
			Checks []check `json:"checks"`
		}{[]check{{"clock", true, "right", ""}, {"database", false, "damaged", "Restore a backup."}}}),
		answer[none](w, "daemon.login_link", struct {
			URL string `json:"url"`
		}{"http://127.0.0.1:1/#login=abc"}),
		command(answer[libraryIn](w, "library.remove", none{})),
		answer[none](w, "library.list", items[struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}]{Items: []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		}{{"u1", "Home"}, {"u2", "Work"}}}),
		op.NewQuery("test.fail", "Fail", func(_ context.Context, in failIn) (none, error) {
			return none{}, errs.New(errs.Kind(in.Kind), "it \x1b[31mfailed").At("/x\ny").Try("Do better.")
		}),
		command(answer[oddIn](w, "test.odd_one", none{})),
		op.NewQuery("test.block", "Wait for ever", func(ctx context.Context, _ none) (none, error) {
			<-ctx.Done()
			return none{}, ctx.Err()
		}),
		op.NewQuery("test.hidden", "Hide", func(context.Context, none) (none, error) { return none{}, nil }, op.Hidden()),
	})
}

// showJob plays the states that the test has set, then stays at the last.
func (w *world) showJob(_ context.Context, in jobIn) (job, error) {
	if err := w.note("job.show", in); err != nil {
		return job{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	j := job{ID: in.Job, Kind: "index.scan", Title: "Index Photos", State: "done", Done: 10, Total: 20, Bytes: 5000, Seconds: 1.5}
	if states := w.jobs[in.Job]; len(states) > 0 {
		j.State = states[0]
		if len(states) > 1 {
			w.jobs[in.Job] = states[1:]
		}
	}
	if j.State == "failed" {
		j.Error = "the disk is on fire"
	}
	return j, nil
}

func (w *world) entry(name string, id int) sampleEntry {
	p := sdpath.Path{Authority: sdpath.Local, Rel: "data/" + name}
	e := sampleEntry{
		ID: strconv.Itoa(id), Name: name, Path: p.String(), OSPath: "/data/" + name, Kind: "file", Size: 1_234_567, Mode: "0644",
		State: "present", Modified: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
	}
	if !utf8.ValidString(name) || sdpath.Display(name) != name {
		e.Raw, e.RawPath = []byte(name), []byte("/data/"+name)
		e.Name = fmt.Sprintf("%q", name)
	}
	return e
}

func (w *world) list(_ context.Context, in listIn) (listOut, error) {
	if err := w.note("entry.list", in); err != nil {
		return listOut{}, err
	}
	from := 0
	if in.Cursor != "" {
		from, _ = strconv.Atoi(in.Cursor)
	}
	out := listOut{Folder: w.entry("", 1), Total: int64(len(w.entries))}
	to := min(from+w.page, len(w.entries))
	for i, name := range slices.Clone(w.entries[from:to]) {
		out.Items = append(out.Items, w.entry(name, from+i+10))
	}
	if to < len(w.entries) {
		out.Next = strconv.Itoa(to)
	}
	return out, nil
}
