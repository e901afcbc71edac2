package op_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// FuzzI5_OneReading feeds arbitrary bytes. Whatever is accepted must mean the
// same to a careless reader: encoding/json, which ignores case and repetition,
// decodes it to the same values that the operation saw.
func FuzzI5_OneReading(f *testing.F) {
	for _, s := range []string{
		`{"path":"a"}`, `{"path":"a","PATH":"b"}`, `{"path":"a","path":"b"}`, `{"path":"a","limit":5,"more":["x"]}`,
		`{"path":"\u00e9","rules":[{"name":"a","weight":3}],"since":"2026-01-02T00:00:00Z"}`, `{}`, `nul`, "{\"path\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	d := add()
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := d.Call(t.Context(), in)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("%q: kind %s: %v", in, errs.KindOf(err), err)
			}
			return
		}
		var careless addIn
		if err := json.Unmarshal(in, &careless); err != nil {
			t.Fatalf("accepted %q, encoding/json refuses: %v", in, err)
		}
		var got addOut
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(careless)
		b, _ := json.Marshal(got.In)
		if !bytes.Equal(a, b) {
			t.Fatalf("%q: op saw %s, a careless reader %s", in, b, a)
		}
	})
}
