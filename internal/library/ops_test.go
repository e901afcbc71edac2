package library

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

func TestOps(t *testing.T) {
	m := manager(t, t.TempDir(), func(o *Options) {
		o.Counts = func(_ context.Context, l *Library) (Counts, error) { return Counts{Files: int64(len(l.Name))}, nil }
	})
	set := op.NewSet(m.Ops())
	call := func(ctx context.Context, name, in string) (map[string]any, error) {
		t.Helper()
		d, ok := set.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		b, err := d.Call(ctx, []byte(in))
		if err != nil {
			return nil, err
		}
		var out map[string]any
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out, nil
	}
	must := func(ctx context.Context, name, in string) map[string]any {
		t.Helper()
		out, err := call(ctx, name, in)
		if err != nil {
			t.Fatal(name, err)
		}
		return out
	}
	ctx := t.Context()
	if out := must(ctx, "library.list", "{}"); len(out["items"].([]any)) != 0 || out["next"] != "" {
		t.Error(out)
	}
	if out := must(ctx, "library.info", "{}"); out["name"] != "Home" || out["files"] != 4.0 || out["state"] != "open" || out["default"] != true || out["unique_bytes"] != 0.0 {
		t.Error(out)
	}
	work := must(ctx, "library.create", `{"name":"Work"}`)
	if work["name"] != "Work" || work["id"] == "" || work["created"] != "2026-11-23T04:05:06Z" {
		t.Error(work)
	}
	inHome := op.WithLibrary(ctx, "Home")
	if out := must(inHome, "library.info", "{}"); out["name"] != "Home" {
		t.Error(out)
	}
	if out := must(inHome, "library.info", `{"name":"Work"}`); out["name"] != "Work" {
		t.Error(out)
	}
	if out := must(inHome, "library.rename", `{"name":"House"}`); out["name"] != "House" || out["state"] != "open" {
		t.Error(out)
	}
	must(ctx, "library.remove", `{"name":"House"}`)
	if out := must(ctx, "library.list", "{}"); len(out["items"].([]any)) != 1 {
		t.Error(out)
	}
	for in, kind := range map[string]errs.Kind{`{"name":"none"}`: errs.NotFound, `{}`: errs.Invalid, `{"name":""}`: errs.Invalid, `{"name":"Work","x":1}`: errs.Invalid} {
		if _, err := call(ctx, "library.remove", in); !errs.Is(err, kind) {
			t.Errorf("%s: %v", in, err)
		}
	}
}
