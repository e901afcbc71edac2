package op_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/op"
)

type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type thing struct {
	ID   string    `json:"id" jsonschema:"its id"`
	Mode mode      `json:"mode" jsonschema:"how deep"`
	When time.Time `json:"when"`
}

type hit struct {
	thing
	Score float64 `json:"score"`
	Best  *match  `json:"best" jsonschema:"the best one"`
	Next  *match  `json:"next,omitempty"`
}

type match struct {
	Word string `json:"word"`
}

func (match) TypeName() string { return "SearchMatch" }

func sampleSet() *op.Set {
	type listIn struct {
		Mode mode `json:"mode,omitempty"`
	}
	return op.NewSet([]op.Def{
		op.NewQuery("thing.list", "List things", func(context.Context, listIn) (page[thing], error) { return page[thing]{}, nil }),
		op.NewQuery("thing.find", "Find things", func(context.Context, struct{}) (page[hit], error) { return page[hit]{}, nil }),
		op.NewCommand("thing.add", "Add a thing", func(context.Context, struct{}) (thing, error) { return thing{}, nil }),
	})
}

func TestComponents(t *testing.T) {
	c, err := sampleSet().Components()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Names(), []string{"Hit", "Mode", "SearchMatch", "Thing", "ThingFindOut", "ThingListIn", "ThingListOut"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, want := range map[string]string{
		"Mode": `{"type":"string","enum":["shallow","content","deep"]}`,
		"ThingListOut": `{"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/Thing"}},` +
			`"next":{"type":"string"}},"required":["items","next"],"additionalProperties":false}`,
		"Hit": `{"type":"object","properties":{"id":{"type":"string","description":"its id"},` +
			`"mode":{"$ref":"#/components/schemas/Mode","description":"how deep"},"when":{"type":"string","format":"date-time"},` +
			`"score":{"type":"number"},"best":{"description":"the best one","anyOf":[{"$ref":"#/components/schemas/SearchMatch"},{"type":"null"}]},` +
			`"next":{"$ref":"#/components/schemas/SearchMatch"}},"required":["best","id","mode","score","when"],"additionalProperties":false}`,
	} {
		if got, err := json.Marshal(c.Schemas[name]); err != nil || string(got) != want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", name, got, err, want)
		}
	}
	d, _ := sampleSet().Lookup("thing.find")
	if out, err := d.Call(t.Context(), nil); err != nil || string(out) != `{"items":[],"next":""}` {
		t.Errorf("%s, %v", out, err)
	}
	for d := range sampleSet().All() {
		if _, err := c.Schema(d.In); err != nil {
			t.Error(err)
		}
	}
}

// TestComponentNamesAreWords: whatever a Go type is called, its public name can
// stand in a reference and in TypeScript.
func TestComponentNamesAreWords(t *testing.T) {
	type local struct {
		A mode `json:"a"`
	}
	get := func(context.Context, struct{}) (page[local], error) { return page[local]{}, nil }
	in := func(context.Context, local) (page[struct {
		B int `json:"b"`
	}], error) {
		return page[struct {
			B int `json:"b"`
		}]{}, nil
	}
	c, err := op.NewSet([]op.Def{op.NewQuery("a.x", "x", get), op.NewQuery("a.y", "y", get), op.NewQuery("a.z", "z", in), op.NewQuery("a.zz", "z", in)}).Components()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Names() {
		if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(n) {
			t.Errorf("%q", n)
		}
	}
}

func TestEmbeddedFieldsArePromoted(t *testing.T) {
	d := op.NewQuery("a.b", "x", func(context.Context, struct{}) (hit, error) {
		return hit{thing: thing{ID: "1", Mode: "deep"}, Score: 2}, nil
	})
	want := `{"id":"1","mode":"deep","when":"0001-01-01T00:00:00Z","score":2,"best":null}`
	if out, err := d.Call(t.Context(), nil); err != nil || string(out) != want {
		t.Errorf("got %s, %v; want %s", out, err, want)
	}
}
