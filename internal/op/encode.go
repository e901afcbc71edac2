package op

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// encode writes a result. Empty lists are [], never null; a field with
// omitempty is left out where encoding/json would leave it out; times are UTC,
// whatever year they hold. Text that is not valid UTF-8 gets U+FFFD in place of
// the bad bytes: a type that must not lose bytes (a file name) carries them
// beside the text as []byte.
func encode(v any) ([]byte, error) {
	return json.Marshal(v,
		jsonv1.OmitEmptyWithLegacySemantics(true),
		jsontext.AllowInvalidUTF8(true),
		json.Deterministic(true),
		json.WithMarshalers(json.MarshalToFunc(encodeTime)),
	)
}

func encodeTime(enc *jsontext.Encoder, t time.Time) error {
	return enc.WriteToken(jsontext.String(t.UTC().Format(time.RFC3339Nano)))
}
