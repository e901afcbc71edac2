package job

import (
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Names are bytes, and JSON strings are not: a string that is not valid UTF-8
// is stored as {"base64": "…"}, so that a path comes back as it was.
const bytesKey = "base64"

// Encode writes v as JSON in which strings keep any bytes, as names are.
func Encode(v any) ([]byte, error) {
	return json.Marshal(v, json.WithMarshalers(json.MarshalToFunc(encodeString)))
}

// Decode reads what Encode wrote.
func Decode(b []byte, to any) error {
	return json.Unmarshal(b, to, json.WithUnmarshalers(json.UnmarshalFromFunc(decodeString)))
}

func encodeString(enc *jsontext.Encoder, s string) error {
	if utf8.ValidString(s) {
		return enc.WriteToken(jsontext.String(s))
	}
	if n := enc.StackDepth(); n > 0 {
		if k, length := enc.StackIndex(n); k == '{' && length%2 == 0 {
			return errors.New("a map's key must be valid UTF-8")
		}
	}
	for _, t := range []jsontext.Token{jsontext.BeginObject, jsontext.String(bytesKey),
		jsontext.String(base64.StdEncoding.EncodeToString([]byte(s))), jsontext.EndObject} {
		if err := enc.WriteToken(t); err != nil {
			return err
		}
	}
	return nil
}

func decodeString(dec *jsontext.Decoder, s *string) error {
	if dec.PeekKind() != '{' {
		t, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if t.Kind() != '"' {
			return fmt.Errorf("%v is not a string", t)
		}
		*s = t.String()
		return nil
	}
	var m map[string]jsontext.Value
	if err := json.UnmarshalDecode(dec, &m, json.WithUnmarshalers(nil)); err != nil {
		return err
	}
	var text []byte
	if err := json.Unmarshal(m[bytesKey], &text); err != nil { // []byte is base64 in JSON
		return err
	}
	*s = string(text)
	return nil
}
