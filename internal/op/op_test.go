package op_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

type mode string

func (mode) Enum() []string { return []string{"shallow", "content", "deep"} }

type rule struct {
	Name   string `json:"name" min:"1" max:"8"`
	Weight int    `json:"weight,omitzero" min:"1" max:"9"`
}

type addIn struct {
	Path   string        `json:"path" cli:"1" jsonschema:"the folder to index"`
	Name   string        `json:"name,omitempty" jsonschema:"a name for people"`
	Mode   mode          `json:"mode,omitempty" jsonschema:"how deep to look"`
	Rules  []rule        `json:"rules,omitempty" cli:"-"`
	Parent ident.EntryID `json:"parent,omitempty"`
	Since  time.Time     `json:"since,omitzero"`
	Raw    []byte        `json:"raw,omitempty"`
	Limit  int64         `json:"limit,omitempty" min:"1" max:"500"`
	Ratio  float64       `json:"ratio,omitempty"`
	All    bool          `json:"all,omitempty"`
	More   []string      `json:"more,omitempty" cli:"rest" max:"2"`
	Small  int8          `json:"small,omitempty"`
	Maybe  *int          `json:"maybe,omitempty"`
}

type addOut struct {
	ID    ident.LocationID `json:"id"`
	In    addIn            `json:"in"`
	Names []string         `json:"names"`
	When  time.Time        `json:"when"`
}

func add() op.Def {
	return op.NewCommand("location.add", "Add a folder", func(_ context.Context, in addIn) (addOut, error) {
		return addOut{ID: 7, In: in, When: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))}, nil
	}, op.Example("stardrive location add ~/Photos"))
}

func TestCall(t *testing.T) {
	out, err := add().Call(t.Context(), []byte(` {"path":"/x","mode":"deep","parent":"12","since":"2026-01-02T00:00:00Z",
		"rules":[{"name":"a","weight":9}],"raw":"AP8=","limit":500,"more":["a","b"],"all":true,"ratio":1e2}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"7","in":{"path":"/x","mode":"deep","rules":[{"name":"a","weight":9}],"parent":"12",` +
		`"since":"2026-01-02T00:00:00Z","raw":"AP8=","limit":500,"ratio":100,"all":true,"more":["a","b"]},` +
		`"names":[],"when":"2026-01-02T02:04:05.000000006Z"}`
	if string(out) != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

// TestI5_StrictRequests holds the refusals, each with the field it blames.
func TestI5_StrictRequests(t *testing.T) {
	for _, c := range []struct{ in, path, words string }{
		{``, "path", "required"},
		{`  `, "path", "required"},
		{`{}`, "path", "required"},
		{`null`, "", "must be an object, not null"},
		{`[]`, "", "must be an object, not a list"},
		{`"x"`, "", "must be an object"},
		{`{"path":"a","PATH":"../../etc"}`, "PATH", `did you mean "path"`},
		{`{"path":"a","path":"b"}`, "path", "twice"},
		{`{"path":"a","p\u0061th":"b"}`, "path", "twice"},
		{`{"path":"a","colour":1}`, "colour", "no such field"},
		{`{"path":"a"}{}`, "", "follows"},
		{`{"path":"a"} x`, "", "follows"},
		{`{"path":`, "", "too early"},
		{`{"path":"a",}`, "", "not valid JSON"},
		{`{path:"a"}`, "", "not valid JSON"},
		{"{\"path\":\"\xff\"}", "", "not valid JSON"},
		{`{"path":"\ud800"}`, "", "not valid JSON"},
		{`{"path":1}`, "path", "must be a text, not a number"},
		{`{"path":null}`, "path", "must be a text, not null"},
		{`{"path":"a","mode":"sideways"}`, "mode", "not one of shallow, content, deep"},
		{`{"path":"a","mode":""}`, "mode", "not one of"},
		{`{"path":"a","limit":0}`, "limit", "at least 1"},
		{`{"path":"a","limit":501}`, "limit", "at most 500"},
		{`{"path":"a","limit":1.5}`, "limit", "whole number"},
		{`{"path":"a","limit":1e1}`, "limit", "whole number"},
		{`{"path":"a","limit":"5"}`, "limit", "must be a whole number, not a text"},
		{`{"path":"a","limit":99999999999999999999}`, "limit", "too large"},
		{`{"path":"a","small":300}`, "small", "at most 127"},
		{`{"path":"a","ratio":1e999}`, "ratio", "too large"},
		{`{"path":"a","all":1}`, "all", "true or false"},
		{`{"path":"a","parent":12}`, "parent", "must be a text"},
		{`{"path":"a","parent":"x"}`, "parent", "not a valid entry id"},
		{`{"path":"a","since":"yesterday"}`, "since", "not a time"},
		{`{"path":"a","raw":"%"}`, "raw", "base64"},
		{`{"path":"a","maybe":null}`, "maybe", "must be a whole number, not null"},
		{`{"path":"a","rules":{}}`, "rules", "must be a list, not an object"},
		{`{"path":"a","rules":null}`, "rules", "must be a list, not null"},
		{`{"path":"a","rules":[{"name":"a"},{"name":""}]}`, "rules[1].name", "not be empty"},
		{`{"path":"a","rules":[{"name":"123456789"}]}`, "rules[0].name", "at most 8 characters"},
		{`{"path":"a","rules":[{}]}`, "rules[0].name", "required"},
		{`{"path":"a","rules":[{"name":"a","Weight":2}]}`, "rules[0].Weight", `did you mean "weight"`},
		{`{"path":"a","more":["1","2","3"]}`, "more", "at most 2 items"},
		{`{"path":"` + strings.Repeat("a", op.MaxInput) + `"}`, "", "larger"},
	} {
		_, err := add().Call(t.Context(), []byte(c.in))
		body := op.ErrorBody{}
		if err != nil {
			body = op.ErrorBodyOf(err)
		}
		if body.Kind != errs.Invalid || body.Path != c.path || !strings.Contains(body.Message, c.words) || body.Op != "location.add" {
			t.Errorf("%.60s: got %+v, want path %q and %q", c.in, body, c.path, c.words)
		}
	}
}

type anyIn struct {
	V json.RawMessage `json:"v"`
}

func TestI5_Depth(t *testing.T) {
	d := op.NewQuery("any.get", "x", func(_ context.Context, in anyIn) (anyIn, error) { return in, nil })
	nest := func(n int) []byte {
		return []byte(`{"v":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`)
	}
	if out, err := d.Call(t.Context(), nest(op.MaxDepth-2)); err != nil || string(out) != string(nest(op.MaxDepth-2)) {
		t.Errorf("allowed depth: %s, %v", out, err)
	}
	for _, n := range []int{op.MaxDepth + 1, 9000, 100_000} {
		if _, err := d.Call(t.Context(), nest(n)); !errs.Is(err, errs.Invalid) {
			t.Errorf("depth %d: %v", n, err)
		}
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	cause := errors.New("no such folder")
	for _, c := range []struct {
		err  error
		want op.ErrorBody
	}{
		{(&errs.Error{Kind: errs.NotFound, Err: cause}).At("/x").Try("Look again."),
			op.ErrorBody{Kind: errs.NotFound, Message: "no such folder", Path: "/x", Op: "a.b", Remedy: "Look again."}},
		{cause, op.ErrorBody{Kind: errs.Internal, Message: "no such folder", Op: "a.b"}},
		{context.Canceled, op.ErrorBody{Kind: errs.Cancelled, Message: "context canceled", Op: "a.b"}},
		{&errs.Error{Op: "a.b", Kind: errs.ApprovalNeeded}, op.ErrorBody{Kind: errs.ApprovalNeeded, Message: "approval needed", Op: "a.b"}},
	} {
		d := op.NewQuery("a.b", "x", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, c.err })
		_, err := d.Call(t.Context(), nil)
		got := op.ErrorBodyOf(err)
		if got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
		if back := op.ErrorBodyOf(got.Err()); back != got {
			t.Errorf("round trip: %+v, want %+v", back, got)
		}
	}
}

func TestOutputMangledNames(t *testing.T) {
	type out struct {
		Name string `json:"name"`
		Raw  []byte `json:"raw,omitempty"`
	}
	d := op.NewQuery("a.b", "x", func(context.Context, struct{}) (out, error) {
		return out{Name: "a\xffb", Raw: []byte("a\xffb")}, nil
	})
	b, err := d.Call(t.Context(), nil)
	if want := "{\"name\":\"a\ufffdb\",\"raw\":\"Yf9i\"}"; err != nil || string(b) != want {
		t.Errorf("got %s, %v; want %s", b, err, want)
	}
}

func TestSchema(t *testing.T) {
	b, err := json.Marshal(add().InSchema())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"path":{"type":"string","description":"the folder to index"}`,
		`"mode":{"type":"string","description":"how deep to look","enum":["shallow","content","deep"]}`,
		`"parent":{"type":"string"}`,
		`"since":{"type":"string","format":"date-time"}`,
		`"raw":{"type":"string","contentEncoding":"base64"}`,
		`"limit":{"type":"integer","minimum":1,"maximum":500}`,
		`"more":{"type":"array","items":{"type":"string"},"maxItems":2}`,
		`"required":["path"]`,
		`"additionalProperties":false`,
	} {
		if !strings.Contains(string(b), part) {
			t.Errorf("schema lacks %s:\n%s", part, b)
		}
	}
}

func TestFields(t *testing.T) {
	d := add()
	if got, want := d.Usage(), "location add PATH [MORE...] [--name NAME] [--mode shallow|content|deep] [--parent PARENT] "+
		"[--since TIME] [--raw RAW] [--limit N] [--ratio N] [--all] [--small N] [--maybe N]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f := d.Positional()[0]
	want := op.Field{Name: "path", Flag: "path", Help: "the folder to index", Type: "string", Required: true, Position: 1}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	if n := len(d.Fields()); n != 13 {
		t.Errorf("%d fields", n)
	}
}

func TestSetNamesAndOrder(t *testing.T) {
	id := func(_ context.Context, in struct{}) (struct{}, error) { return in, nil }
	s := op.NewSet([]op.Def{op.NewQuery("b.a", "x", id)}, []op.Def{op.NewQuery("a.login_link", "x", id, op.Hidden())})
	if got := s.Names(); !slices.Equal(got, []string{"a.login_link", "b.a"}) {
		t.Error(got)
	}
	if d, ok := s.Lookup("a.login_link"); !ok || !d.Hidden || d.Command() != "a login-link" {
		t.Errorf("%+v", d)
	}
	if _, ok := s.Lookup("A.login_link"); ok {
		t.Error("lookup must be exact")
	}
	for d := range s.All() {
		if d.Name == "b.a" {
			t.Error("not in order")
		}
		break
	}
}

func mustPanic(t *testing.T, words string, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), words) {
			t.Errorf("got %v, want a panic about %q", r, words)
		}
	}()
	f()
}

func defineFor[In any]() func() {
	return func() {
		op.NewQuery("a.b", "x", func(context.Context, In) (struct{}, error) { return struct{}{}, nil })
	}
}

func TestBadDefinitionsPanic(t *testing.T) {
	mustPanic(t, "not a struct", defineFor[string]())
	mustPanic(t, "json name", defineFor[struct{ Path string }]())
	mustPanic(t, "json name", defineFor[struct {
		P string `json:"badName"`
	}]())
	mustPanic(t, "seconds", defineFor[struct {
		D time.Duration `json:"d"`
	}]())
	mustPanic(t, "position 1", defineFor[struct {
		A string `json:"a" cli:"2"`
	}]())
	mustPanic(t, "follows an optional", defineFor[struct {
		A string `json:"a,omitempty" cli:"1"`
		B string `json:"b" cli:"2"`
	}]())
	mustPanic(t, "list of strings", defineFor[struct {
		A string `json:"a" cli:"rest"`
	}]())
	mustPanic(t, "no size", defineFor[struct {
		A bool `json:"a" min:"2"`
	}]())
	id := func(_ context.Context, in struct{}) (struct{}, error) { return in, nil }
	mustPanic(t, "bad or repeated", func() { op.NewSet([]op.Def{op.NewQuery("Bad", "x", id)}) })
	mustPanic(t, "bad or repeated", func() { op.NewSet([]op.Def{op.NewQuery("a.b", "x", id), op.NewQuery("a.b", "x", id)}) })
}
