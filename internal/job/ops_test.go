package job_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/op"
)

// call runs an operation and decodes its answer.
func call(t *testing.T, set *op.Set, name, in string) (map[string]any, error) {
	t.Helper()
	d, ok := set.Lookup(name)
	if !ok {
		t.Fatalf("no operation %s", name)
	}
	b, err := d.Call(t.Context(), []byte(in))
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func TestOps(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{}, count, g.def("wait"))
	set := op.NewSet(w.Ops())
	w.serve()
	w.wait(w.enqueue("count", countArgs{9}, job.Enqueue{}), job.Done)
	w.enqueue("wait", struct{}{}, job.Enqueue{})
	<-g.running

	s, err := call(t, set, "job.show", `{"job":"1"}`)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]any{"id": "1", "kind": "count", "title": "Count", "state": "done", "done": 9.0, "total": 9.0, "warnings": 3.0} {
		if s[k] != v {
			t.Errorf("show: %s is %v, want %v", k, s[k], v)
		}
	}
	for _, k := range []string{"step", "bytes", "rate", "eta", "current", "created", "started", "finished", "seconds"} {
		if _, ok := s[k]; !ok {
			t.Errorf("show: no %s", k)
		}
	}
	page, err := call(t, set, "job.list", `{"limit":1}`)
	if err != nil || len(page["items"].([]any)) != 1 || page["next"] != "2" {
		t.Errorf("list: %v, %v", page, err)
	}
	page, err = call(t, set, "job.list", `{"limit":1,"cursor":"2","state":["done","failed"]}`)
	if err != nil || page["items"].([]any)[0].(map[string]any)["id"] != "1" {
		t.Errorf("list: %v, %v", page, err)
	}
	page, err = call(t, set, "job.warnings", `{"job":"1","limit":2}`)
	if err != nil || page["total"] != 3.0 || page["next"] != 2.0 || page["items"].([]any)[1].(map[string]any)["number"] != 2.0 {
		t.Errorf("warnings: %v, %v", page, err)
	}
	page, err = call(t, set, "job.warnings", `{"job":"1","limit":2,"cursor":2}`)
	if _, more := page["next"]; err != nil || more || len(page["items"].([]any)) != 1 {
		t.Errorf("warnings: %v, %v", page, err)
	}
	if _, err := call(t, set, "job.pause", `{"job":"2"}`); err != nil {
		t.Error(err)
	}
	w.until(2, job.Paused)
	if s, err := call(t, set, "job.resume", `{"job":"2"}`); err != nil || s["state"] != "queued" && s["state"] != "running" {
		t.Errorf("resume: %v, %v", s, err)
	}
	if _, err := call(t, set, "job.cancel", `{"job":"2"}`); err != nil {
		t.Error(err)
	}
	w.until(2, job.Cancelled)
	for name, kind := range map[string]errs.Kind{
		`job.show {"job":"77"}`:           errs.NotFound,
		`job.show {"job":7}`:              errs.Invalid,
		`job.cancel {"job":"1"}`:          errs.Conflict,
		`job.list {"state":["nonsense"]}`: errs.Invalid,
		`job.list {"limit":5000}`:         errs.Invalid,
	} {
		name, in, _ := strings.Cut(name, " ")
		_, err := call(t, set, name, in)
		w.kind(err, kind)
	}
}

// A job bears a name of its own, whatever bytes it was made of, also after a restart.
func TestTitle(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	own := w.enqueue("count", countArgs{0}, job.Enqueue{Title: "Count the sheep\xff"})
	plain := w.enqueue("count", countArgs{0}, job.Enqueue{})
	w.serve()
	for id, want := range map[ident.JobID]string{own: "Count the sheep\uFFFD", plain: "Count"} {
		w.wait(id, job.Done)
		if s, err := w.Get(t.Context(), id); err != nil || s.Title != want {
			t.Errorf("job %d is called %q, %v; want %q", id, s.Title, err, want)
		}
	}
}
