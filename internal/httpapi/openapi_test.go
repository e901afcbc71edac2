package httpapi

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

var update = flag.Bool("update", false, "write the golden files")

type indexMode string

func (indexMode) Enum() []string { return []string{"shallow", "content", "deep"} }

type location struct {
	ID      ident.LocationID `json:"id" jsonschema:"the location's id"`
	Name    string           `json:"name" jsonschema:"its name, for people"`
	Mode    indexMode        `json:"mode" jsonschema:"how deep it is indexed"`
	Files   int64            `json:"files" jsonschema:"number of files"`
	Indexed time.Time        `json:"last_indexed,omitzero" jsonschema:"when the last scan ended"`
	Job     *job             `json:"job,omitempty" jsonschema:"the scan that runs"`
}

type job struct {
	ID    ident.JobID       `json:"id"`
	Rate  float64           `json:"rate"`
	Extra map[string]string `json:"extra"`
}

type locationPage struct {
	Items []location `json:"items"`
	Next  string     `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

type addIn struct {
	Path  string    `json:"path" cli:"1" jsonschema:"the folder to index"`
	Mode  indexMode `json:"mode,omitempty" jsonschema:"how deep to index"`
	Limit int       `json:"limit,omitempty" min:"1" max:"500" jsonschema:"how many"`
	Raw   []byte    `json:"raw,omitempty" cli:"-"`
}

// sample is the set of the golden document, which the generator's tests read too.
func sample() *op.Set {
	return op.NewSet([]op.Def{
		op.NewCommand("location.add", "Add a folder to the library",
			func(context.Context, addIn) (location, error) { return location{}, nil }, op.Example("stardrive location add ~/Photos --wait")),
		op.NewQuery("location.list", "List the locations",
			func(context.Context, struct{}) (locationPage, error) { return locationPage{}, nil }),
		op.NewQuery("daemon.login_link", "Make a login link",
			func(context.Context, struct{}) (struct {
				URL string `json:"url"`
			}, error) {
				return struct {
					URL string `json:"url"`
				}{}, nil
			}),
	})
}

// TestOpenAPI_Golden compares the document with the one that was read by people.
func TestOpenAPI_Golden(t *testing.T) {
	got, err := OpenAPI(sample(), "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/openapi.json")
	if err != nil || string(got) != string(want) {
		t.Errorf("differs from testdata/openapi.json (run with -update and read the difference)\n%s", got)
	}
}

// TestOpenAPI_References: every reference leads somewhere, every component is
// a schema that resolves, and every answer of a route is described.
func TestOpenAPI_References(t *testing.T) {
	b, err := OpenAPI(sample(), "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]*jsonschema.Schema
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(b), `"$ref": "`)[1:] {
		ref, _, _ := strings.Cut(part, `"`)
		if d.Components.Schemas[strings.TrimPrefix(ref, op.RefPrefix)] == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	}
	w := newWorld(t)
	for _, r := range w.apiRoutes().routes {
		method, path, ok := strings.Cut(r.Pattern, " ")
		if !ok || path == "/v1/openapi.json" || path == "/v1/op/{name}" {
			continue
		}
		if d.Paths[path][strings.ToLower(method)] == nil {
			t.Errorf("%s is not described", r.Pattern)
		}
	}
}

func TestOpenAPI_Served(t *testing.T) {
	w := start(t)
	resp, body := send(t, w.client(t, true), "GET", "http://any/v1/openapi.json", "")
	if resp.StatusCode != 200 || !strings.Contains(body, `"/v1/op/entry.echo"`) || !json.Valid([]byte(body)) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}
