package gen

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ordered is a JSON object whose members keep the order of the text: fields of
// a type stand in the client as they stand in the Go struct.
type ordered[T any] []member[T]

type member[T any] struct {
	name  string
	value T
}

// UnmarshalJSONFrom reads the members one after the other.
func (o *ordered[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return fmt.Errorf("want an object, have %v (%w)", tok, err)
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		m := member[T]{name: name.String()}
		if err := json.UnmarshalDecode(dec, &m.value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	_, err := dec.ReadToken()
	return err
}

// document is what the client needs of an OpenAPI document.
type document struct {
	Paths      ordered[map[string]operation] `json:"paths"`
	Components struct {
		Schemas ordered[schema] `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID        string             `json:"operationId"`
	Summary   string             `json:"summary"`
	Kind      string             `json:"x-stardrive-kind"`
	Request   body               `json:"requestBody"`
	Responses map[string]content `json:"responses"`
}

type body struct {
	Required bool `json:"required"`
	content
}

type content struct {
	Content map[string]struct {
		Schema schema `json:"schema"`
	} `json:"content"`
}

func (c content) json() schema { return c.Content["application/json"].Schema }

// schema is a JSON schema as far as the operation table uses it.
type schema struct {
	Ref         string          `json:"$ref"`
	Type        types           `json:"type"`
	Enum        []string        `json:"enum"`
	AnyOf       []schema        `json:"anyOf"`
	Items       *schema         `json:"items"`
	Properties  ordered[schema] `json:"properties"`
	Additional  *schema         `json:"additionalProperties"`
	Required    []string        `json:"required"`
	Description string          `json:"description"`
	never       bool            // the schema false
}

// plainSchema is schema without its own decoding.
type plainSchema schema

// UnmarshalJSONFrom also reads the schemas true and false.
func (s *schema) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 't', 'f':
		tok, err := dec.ReadToken()
		s.never = err == nil && !tok.Bool()
		return err
	}
	return json.UnmarshalDecode(dec, (*plainSchema)(s))
}

// types is one type or several.
type types []string

// UnmarshalJSONFrom reads a word or a list of words.
func (t *types) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '[' {
		return json.UnmarshalDecode(dec, (*[]string)(t))
	}
	*t = types{""}
	return json.UnmarshalDecode(dec, &(*t)[0])
}

func parse(openapi []byte) (document, error) {
	var d document
	if err := json.UnmarshalRead(bytes.NewReader(openapi), &d); err != nil {
		return d, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return d, nil
}
