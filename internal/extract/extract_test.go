package extract

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/worker"
)

// TestMain lets the test program be the worker process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Verb {
		os.Exit(worker.Main(os.Args[2:], Setup))
	}
	goleak.VerifyTestMain(m)
}

func newDecoder(t *testing.T) *Decoder {
	t.Helper()
	pool := worker.New(worker.Options{})
	t.Cleanup(pool.Close)
	return New(Options{Pool: pool})
}

func sourceOf(b []byte) media.Source {
	return media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

var all = []media.Kind{media.FactsOf, media.TextOf, media.Thumb256}

func TestTextIsDerived(t *testing.T) {
	d := newDecoder(t)
	for _, dec := range []media.Decoder{d, d.Hurry()} {
		a, err := dec.Derive(t.Context(), media.Ask{Name: "a.txt", MIME: "text/plain; charset=x", Want: all}, sourceOf([]byte("Grüße\naus Köln\n")))
		if err != nil || a.Text == nil || a.Text.Body != "Grüße\naus Köln" || a.Facts == nil || a.Facts.Lines != 2 || a.Facts.Words != 3 || a.Facts.Encoding != "utf-8" {
			t.Errorf("%+v %+v %v", a.Text, a.Facts, err)
		}
	}
}

// TestNamesAreBytes: names are not always UTF-8, nor is what files say of themselves.
func TestNamesAreBytes(t *testing.T) {
	d := newDecoder(t)
	a, err := d.Derive(t.Context(), media.Ask{Name: "caf\xe9 \xff.txt", MIME: "text/plain", Want: all}, sourceOf([]byte("dear all")))
	if err != nil || a.Text == nil || a.Text.Body != "dear all" {
		t.Errorf("%+v %v", a, err)
	}
	b, err := encode(media.Answer{Facts: &media.Facts{Camera: "caf\xe9"}, Failed: map[media.Kind]string{media.TextOf: "\xff"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, err = decodeAnswer(b); err != nil {
		t.Fatal(err)
	}
	check(media.Ask{Want: all}, &a)
	if a.Facts.Camera != "caf\uFFFD" || a.Failed[media.TextOf] != "\uFFFD" {
		t.Errorf("%+v %+v", a.Facts, a.Failed)
	}
}

// TestPrivateKeysGiveNoText, whatever the file is called and wherever they stand.
func TestPrivateKeysGiveNoText(t *testing.T) {
	d := newDecoder(t)
	for _, c := range []struct {
		kind, mime, text string
		secret           bool
	}{
		{"text", "text/plain", "notes\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", true},
		{"text", "text/plain", "\ufeff-----BEGIN OPENSSH PRIVATE KEY-----\r\nMIIE\r\n", true},
		{"text", "text/markdown", "# How to\n\n    -----BEGIN PGP PRIVATE KEY BLOCK-----\n", true},
		{"config", "application/json", `{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMII"}`, true},
		{"text", "text/plain", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", true},
		{"text", "text/plain", "PuTTY-User-Key-File-3: ssh-ed25519\n", true},
		{"code", "text/html", "<html><body><pre>-----BEGIN EC PRIVATE KEY-----</pre></body></html>", true},
		{"config", "text/x-ini", "[Interface]\n PrivateKey = short\n", true},
		{"text", "text/plain", "on the server: PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n", true},
		{"code", "text/x-go", "o.PrivateKey = key\n", false},
		{"text", "text/plain", "-----BEGIN PUBLIC KEY-----\nMIIE\n", false},
		{"text", "text/plain", "a private key is between BEGIN and END\n", false},
	} {
		a, err := d.Derive(t.Context(), media.Ask{Name: "a", Kind: c.kind, MIME: c.mime, Want: all}, sourceOf([]byte(c.text)))
		if err != nil || (a.Text == nil) != c.secret || a.Failed[media.TextOf] != "" {
			t.Errorf("%.40q: %+v %v", c.text, a.Text, err)
		}
	}
}

func TestOnlyWhatIsWanted(t *testing.T) {
	d := newDecoder(t)
	a, err := d.Derive(t.Context(), media.Ask{MIME: "text/plain", Want: []media.Kind{media.FactsOf}}, sourceOf([]byte("x")))
	if err != nil || a.Text != nil || a.Facts == nil {
		t.Errorf("%+v %v", a, err)
	}
	for _, ask := range []media.Ask{{MIME: "application/x-unheard-of", Want: all}, {Want: all}} {
		a, err := d.Derive(t.Context(), ask, sourceOf([]byte("x")))
		if err != nil || a.Text != nil || a.Facts != nil || len(a.Failed) > 0 {
			t.Errorf("%+v: %+v %v", ask, a, err)
		}
	}
	a, err = d.Derive(t.Context(), media.Ask{MIME: "text/plain", Want: all}, sourceOf(nil))
	if err != nil || a.Text != nil {
		t.Errorf("of nothing: %+v %v", a, err)
	}
}

type broken struct{ err error }

func (b broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }

// TestUnreadableIsNotTheFilesFault: a drive that is gone condemns no file.
func TestUnreadableIsNotTheFilesFault(t *testing.T) {
	gone := errors.New("the drive is gone")
	_, err := newDecoder(t).Derive(t.Context(), media.Ask{MIME: "text/plain", Want: all}, media.Source{ReaderAt: broken{gone}, Size: 10})
	if !errors.Is(err, gone) {
		t.Error(err)
	}
}

// TestAnswersAreNotTrusted: whatever a child says, what goes on is bounded.
func TestAnswersAreNotTrusted(t *testing.T) {
	nan := 0.0
	nan /= nan
	a := media.Answer{
		Facts:    &media.Facts{Title: "a\x00b\xff" + strings.Repeat("x", 1<<20), Latitude: &nan, Keywords: make([]string, 1000)},
		Text:     &media.Text{Body: strings.Repeat("ä", maxText), Title: strings.Repeat("t", 1<<20)},
		Pictures: map[media.Kind]media.Picture{media.Thumb256: {MIME: "text/html", Bytes: []byte("<script>"), Width: 1, Height: 1}, media.Strip: {MIME: "image/png", Bytes: []byte("x"), Width: 1, Height: 1}},
		Failed:   map[media.Kind]string{media.Strip: "x", media.TextOf: strings.Repeat("y", 1<<20)},
	}
	check(media.Ask{Want: all}, &a)
	switch {
	case len(a.Pictures) > 0, len(a.Failed) != 1, len(a.Failed[media.TextOf]) > maxReason:
		t.Errorf("%v %v", a.Pictures, len(a.Failed))
	case len(a.Text.Body) > maxText || !a.Text.Cut || len(a.Text.Title) > maxTitle:
		t.Error("text without bounds")
	case len(a.Facts.Title) > maxFact || !utf8.ValidString(a.Facts.Title) || strings.Contains(a.Facts.Title, "\x00") || a.Facts.Latitude != nil || len(a.Facts.Keywords) > 200:
		t.Error("facts without bounds")
	}
	if _, err := decodeAnswer([]byte{0xa1, 0x04, 0xba, 0x7f, 0xff, 0xff, 0xff}); err == nil {
		t.Error("a promise of two thousand million reasons")
	}
}
