//go:build !windows

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// samplePlan is what the sample daemon knows of the one plan.
type samplePlan struct {
	ID        string       `json:"id"`
	Action    string       `json:"action"`
	Title     string       `json:"title"`
	State     string       `json:"state"`
	Summary   planSummary  `json:"summary"`
	Warnings  []string     `json:"warnings"`
	Confirm   string       `json:"confirm,omitempty"`
	Items     int64        `json:"items"`
	Undecided int64        `json:"undecided"`
	Done      int64        `json:"done"`
	Failed    int64        `json:"failed"`
	Skipped   int64        `json:"skipped"`
	Job       string       `json:"job,omitempty"`
	Undoable  bool         `json:"undoable"`
	Error     string       `json:"error,omitempty"`
	ErrorKind errs.Kind    `json:"error_kind,omitempty"`
	list      []planItem   // its items
	ends      string       // the state that its commit ends in
	failures  []sampleFail // of it
}

type sampleFail struct {
	Path    string    `json:"path"`
	Kind    errs.Kind `json:"kind"`
	Message string    `json:"message"`
	Skipped bool      `json:"skipped"`
}

type copyIn struct {
	Sources     []string `json:"sources" cli:"rest" jsonschema:"what to copy"`
	Destination string   `json:"destination" jsonschema:"where to"`
	Conflict    string   `json:"conflict,omitempty" jsonschema:"what to do with names that are taken"`
}

type trashIn struct {
	Sources []string `json:"sources" cli:"rest" jsonschema:"what to remove"`
}

type planRef struct {
	Plan      string  `json:"plan" cli:"1"`
	Conflicts bool    `json:"conflicts,omitempty"`
	Cursor    string  `json:"cursor,omitempty"`
	Limit     int64   `json:"limit,omitempty"`
	Choice    string  `json:"choice,omitempty"`
	Items     []int64 `json:"items,omitempty"`
	Wait      float64 `json:"wait,omitempty"`
	Confirm   string  `json:"confirm,omitempty"`
}

// planOps are the operations of plans, all about the one plan of the world.
func (w *world) planOps() []op.Def {
	makes := func(d op.Def) op.Def { d.Kind = op.Action; return d }
	about := func(name string, change func(p *samplePlan, in planRef) error) op.Def {
		return op.NewCommand(name, "Do "+name, func(_ context.Context, in planRef) (samplePlan, error) {
			if err := w.note(name, in); err != nil {
				return samplePlan{}, err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			err := change(w.plan, in)
			return *w.plan, err
		})
	}
	look := func(*samplePlan, planRef) error { return nil }
	return []op.Def{
		makes(op.NewCommand("files.copy", "Copy", func(_ context.Context, in copyIn) (samplePlan, error) { return *w.plan, w.note("files.copy", in) })),
		makes(op.NewCommand("files.trash", "Remove", func(_ context.Context, in trashIn) (samplePlan, error) { return *w.plan, w.note("files.trash", in) })),
		makes(op.NewCommand("files.destroy", "Destroy", func(_ context.Context, in trashIn) (samplePlan, error) { return *w.plan, w.note("files.destroy", in) })),
		about("plan.show", look),
		about("plan.discard", func(p *samplePlan, _ planRef) error { p.State = "discarded"; return nil }),
		about("plan.choose", func(p *samplePlan, in planRef) error {
			for i := range p.list {
				if it := &p.list[i]; it.Conflict != "" && it.Choice == "" && (len(in.Items) == 0 || in.Items[0] == it.N) {
					it.Choice = in.Choice
					p.Undecided--
				}
			}
			return nil
		}),
		about("plan.commit", func(p *samplePlan, in planRef) error {
			if in.Confirm != p.Confirm {
				return errs.New(errs.Conflict, "another phrase")
			}
			if p.State = p.ends; p.Job != "" && in.Wait < 60 {
				p.State = "committing"
			}
			p.Done, p.Undoable = 3, true
			return nil
		}),
		op.NewQuery("plan.items", "Items", func(_ context.Context, in planRef) (items[planItem], error) {
			return items[planItem]{Items: w.plan.list}, w.note("plan.items", in)
		}),
		op.NewQuery("plan.failures", "Failures", func(_ context.Context, in planRef) (items[sampleFail], error) {
			return items[sampleFail]{Items: w.plan.failures}, w.note("plan.failures", in)
		}),
	}
}

func newPlan() *samplePlan {
	return &samplePlan{ID: "12", Action: "files.copy", Title: "Copy 2 files to /b", State: "planned", Items: 2, ends: "done", Warnings: []string{"no owners there"},
		Summary: planSummary{Files: 2, Bytes: 3000, Write: 3000},
		list:    []planItem{{N: 1, Verb: "copy", From: "sd://local/a/x%FF", To: "sd://local/b/x%FF"}, {N: 2, Verb: "copy", From: "sd://local/a/y", To: "sd://local/b/y"}}}
}

// typed runs a command line at a terminal on which somebody types.
func typed(t *testing.T, w *world, data, keys string, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	s := newShell(Deps{Version: "1.0", Ops: w.ops(), Serve: fakeServe, Stdin: strings.NewReader(keys), Stdout: &out, Stderr: &stderr, Env: func(string) string { return "" }})
	s.screen.in = true
	root := s.root()
	root.SetArgs(append([]string{"--data", data}, args...))
	err := root.ExecuteContext(t.Context())
	_ = s.stdout.Flush()
	s.fail(err)
	return result{exitCode(err), out.String(), stderr.String()}
}

func (w *world) called(name string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if strings.HasPrefix(c, name+" ") {
			n++
		}
	}
	return n
}

func TestPromise_P5_NothingHappensWithoutAYes(t *testing.T) {
	for _, tt := range []struct {
		name, keys string
		args       []string
		code       int
		state      string
	}{
		{"preview", "", []string{"cp", "/a/x", "/b", "--preview"}, 7, "planned"},
		{"preview as JSON", "", []string{"cp", "/a/x", "/b", "--preview", "--json"}, 7, "planned"},
		{"no terminal", "", []string{"--json", "cp", "/a/x", "/b"}, 7, "planned"},
		{"no", "n\n", []string{"cp", "/a/x", "/b"}, 130, "discarded"},
		{"nothing typed", "", []string{"cp", "/a/x", "/b"}, 130, "planned"},
		{"yes", "y\n", []string{"cp", "/a/x", "/b"}, 0, "done"},
		{"--yes", "", []string{"cp", "/a/x", "/b", "--yes"}, 0, "done"},
		{"commit", "yes\n", []string{"plan", "commit", "12"}, 0, "done"},
	} {
		w, data := fake(t)
		w.plan = newPlan()
		r := typed(t, w, data, tt.keys, tt.args...)
		if r.code != tt.code || w.plan.State != tt.state {
			t.Errorf("%s: exit %d, the plan is %s\n%s%s", tt.name, r.code, w.plan.State, r.out, r.stderr)
		}
		w.close()
	}
}

func TestAPlanIsShownInPlainWords(t *testing.T) {
	w, data := fake(t)
	w.plan = newPlan()
	w.plan.Items, w.plan.Summary.Destroyed = 1002, 2
	r := line(t, w, data, "cp", "a/x", "a/y", "/b", "--preview")
	for _, want := range []string{"Copy 2 files to /b\n", "copy /a/x\\xff → /b/x\\xff\n", "… and 1,000 more: stardrive plan items 12", "2 DESTROYED for good", "! no owners there"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not in\n%s", want, r.out)
		}
	}
	if !strings.Contains(w.calls[0], `"destination":"/b"`) || strings.Contains(w.calls[0], `"sources":["a/x"`) {
		t.Errorf("asked for %s", w.calls[0])
	}
	w.plan = newPlan()
	r = line(t, w, data, "cp", "/a/x", "/b", "--preview", "--json")
	var p struct {
		ID    string
		Items []planItem
	}
	if err := json.Unmarshal([]byte(r.out), &p); err != nil || p.ID != "12" || len(p.Items) != 2 {
		t.Errorf("%v: %s", err, r.out)
	}
}

func TestPromise_P8_APhraseIsTyped(t *testing.T) {
	for _, tt := range []struct {
		keys string
		args []string
		code int
	}{
		{"", []string{"rm", "--permanent", "/a", "--yes"}, 7},
		{"", []string{"rm", "--permanent", "/a", "--yes", "--confirm", "delete 1,234 files"}, 0},
		{"", []string{"rm", "--permanent", "/a", "--confirm", "delete 1 file"}, 7},
		{"y\n", []string{"rm", "--permanent", "/a"}, 130},
		{"delete 1,234 files\n", []string{"rm", "--permanent", "/a"}, 0},
		{"", []string{"plan", "commit", "12", "--confirm", "delete 1,234 files"}, 0},
	} {
		w, data := fake(t)
		w.plan = newPlan()
		w.plan.Confirm = "delete 1,234 files"
		r := typed(t, w, data, tt.keys, tt.args...)
		if r.code != tt.code || (r.code == 0) != (w.called("plan.commit") == 1) || w.called("files.trash") != 0 {
			t.Errorf("%q %q: exit %d, %d commits\n%s%s", tt.keys, tt.args, r.code, w.called("plan.commit"), r.out, r.stderr)
		}
		w.close()
	}
}

func TestConflictsAreAskedOneByOne(t *testing.T) {
	conflict := func() *samplePlan {
		p := newPlan()
		p.Undecided = 2
		for i := range p.list {
			p.list[i].Conflict, p.list[i].Choices = "a file of that name is there", []string{"skip", "keep-both", "replace"}
		}
		return p
	}
	for _, tt := range []struct {
		keys, first, second string
		code                int
	}{
		{"s\nr\ny\n", "skip", "replace", 0},
		{"what\nkeep-both all\ny\n", "keep-both", "keep-both", 0},
		{"skip\nq\n", "skip", "", 130},
	} {
		w, data := fake(t)
		w.plan = conflict()
		r := typed(t, w, data, tt.keys, "cp", "/a/x", "/b")
		if r.code != tt.code || w.plan.list[0].Choice != tt.first || w.plan.list[1].Choice != tt.second {
			t.Errorf("%q: exit %d, %+v\n%s", tt.keys, r.code, w.plan.list, r.stderr)
		}
		w.close()
	}
	w, data := fake(t)
	w.plan = conflict()
	if r := line(t, w, data, "cp", "/a/x", "/b", "--yes"); r.code != 7 || !strings.Contains(r.stderr, "2 conflicts wait for a choice") || w.called("plan.commit") != 0 {
		t.Errorf("%+v", r)
	}
}

func TestWhatWasNotDoneIsTold(t *testing.T) {
	w, data := fake(t)
	w.plan = newPlan()
	w.plan.ends, w.plan.Failed = "partial", 2
	w.plan.failures = []sampleFail{{"sd://local/a/x", errs.Conflict, "it changed since the preview", false}, {"sd://local/a/z", errs.Conflict, "it is gone", false}}
	r := line(t, w, data, "cp", "/a/x", "/b", "--yes")
	if r.code != 4 || !strings.Contains(r.stderr, "  /a/x: it changed since the preview\n") || !strings.Contains(r.stderr, "plan failures 12") || !strings.Contains(r.out, "2 not done") {
		t.Errorf("%+v", r)
	}
	w.plan.State, w.plan.failures[1].Kind = "planned", errs.Denied
	if r := line(t, w, data, "cp", "/a/x", "/b", "--yes"); r.code != 1 {
		t.Errorf("%+v", r)
	}
}

func TestALongCommitIsFollowed(t *testing.T) {
	w, data := fake(t)
	w.plan = newPlan()
	w.plan.Job = "7"
	w.jobs = map[string][]string{"7": {"running", "done"}}
	r := line(t, w, data, "--json", "cp", "/a/x", "/b", "--yes")
	if w.called("job.show") < 2 || !strings.Contains(r.out, `"id":"12"`) {
		t.Errorf("%+v", r)
	}
}
