package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestE16SecretsDoNotShow(t *testing.T) {
	const word = "correct horse"
	s := New(word)
	type inside struct {
		Public  Text
		private Text
		Pointer *Text
		Map     map[string]Text
	}
	in := inside{s, s, &s, map[string]Text{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n"+verb+"\n"+verb+"\n"+verb+"\n", s, &s, in, &in)
	}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "secret", s, "in", in)
	}
	all := out.String()
	for _, shown := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), fmt.Sprint([]byte(word))} {
		if strings.Contains(all, shown) {
			t.Errorf("a secret shows: %q in\n%s", shown, all)
		}
	}
	if !strings.Contains(all, Hidden) {
		t.Error(all)
	}
}

func TestItself(t *testing.T) {
	s := New("correct horse")
	if s.Reveal() != "correct horse" || !s.Equal(New("correct horse")) || s.Equal(New("x")) || (Text{}).Reveal() != "" || !(Text{}).Equal(New("")) {
		t.Error("a secret is not itself")
	}
}
