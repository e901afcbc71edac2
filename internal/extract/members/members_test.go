package members

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/browse/packed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/worker"
)

// TestMain lets the test program be the worker process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Verb {
		os.Exit(worker.Main(os.Args[2:], func(string, []string) worker.Handler { return Answer }))
	}
	goleak.VerifyTestMain(m)
}

func newReader(t *testing.T) Reader {
	t.Helper()
	pool := worker.New(worker.Options{})
	t.Cleanup(pool.Close)
	return Reader{Pool: pool, Deadline: func(int64) time.Duration { return time.Minute }}
}

const hostile = "<img src=x onerror=alert(1)>\u202Etxt.exe"

var texts = map[string]string{"a/first.txt": "one", "a/b/second.txt": "two", hostile: "three", "../out": "four", "caf\xe9": "five"}

func zipped(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range texts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Unix(1_700_000_000, 0)})
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t *testing.T) []byte {
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for name, text := range texts {
		err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644, Format: tar.FormatGNU})
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []io.Closer{w, g} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// sevenZipped is an archive with one text in it, "hello.txt": "hello from 7z\n".
const sevenZipped = "N3q8ryccAASXHIr5DgAAAAAAAAA2AAAAAAAAAKCaCvJoZWxsbyBmcm9tIDd6CgEEBgABCQ4ABwsBAAEBAAwOCgG5OwjpAAgAAAUBERUAaABlAGwAbABvAC4AdAB4AHQAAAAAAA=="

func TestMembersAreListedAndRead(t *testing.T) {
	r := newReader(t)
	for kind, b := range map[string][]byte{"zip": zipped(t), "tar.gz": tarred(t)} {
		src, size := bytes.NewReader(b), int64(len(b))
		all, more, err := r.Members(t.Context(), "a."+kind, src, size)
		if err != nil || more || len(all) != len(texts) {
			t.Fatal(kind, all, more, err)
		}
		for i, m := range all {
			got, err := r.Bytes(t.Context(), "a."+kind, src, size, i)
			want, known := texts[m.Told]
			if strings.HasPrefix(m.Told, "caf") { // its bytes are no UTF-8
				want, known = "five", m.Told != "caf\xe9"
			}
			if err != nil || string(got) != want || !known {
				t.Errorf("%s: %q has %q (%v)", kind, m.Told, got, err)
			}
			if refused := m.Told == "../out"; (m.Refused != "") != refused || (m.Path == "") != refused || m.Folder || m.Size != int64(len(want)) {
				t.Errorf("%s: %+v", kind, m)
			}
		}
		if _, err := r.Bytes(t.Context(), "a."+kind, src, size, len(all)); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: one more: %v", kind, err)
		}
	}
}

func TestSevenZipIsLookedInto(t *testing.T) {
	b, err := base64.StdEncoding.DecodeString(sevenZipped)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	all, _, err := r.Members(t.Context(), "a.7z", bytes.NewReader(b), int64(len(b)))
	if err != nil || len(all) != 1 || all[0].Path != "hello.txt" || all[0].Size != 14 {
		t.Fatal(all, err)
	}
	got, err := r.Bytes(t.Context(), "a.7z", bytes.NewReader(b), int64(len(b)), 0)
	if err != nil || string(got) != "hello from 7z\n" {
		t.Errorf("%q %v", got, err)
	}
}

func TestFault_WhatIsNoArchiveIsRefused(t *testing.T) {
	r := newReader(t)
	whole := zipped(t)
	for name, x := range map[string]struct {
		b    []byte
		kind errs.Kind
		word string
	}{
		"no archive":  {[]byte("just a text, no archive at all"), errs.Unsupported, "no archive"},
		"empty":       {nil, errs.Unsupported, "no archive"},
		"cut":         {whole[:len(whole)/2], errs.Invalid, "damaged"},
		"7z of noise": {append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), bytes.Repeat([]byte{0x41}, 400)...), errs.Invalid, "damaged"},
	} {
		src, size := bytes.NewReader(x.b), int64(len(x.b))
		_, _, err := r.Members(t.Context(), "a", src, size)
		if !errs.Is(err, x.kind) || !strings.Contains(err.Error(), x.word) {
			t.Errorf("%s: %v (%s)", name, err, errs.KindOf(err))
		}
	}
}

// What tells a smaller size than it has is not taken beyond the bound either.
func TestFault_I25_BytesHaveABound(t *testing.T) {
	var b limited
	piece := make([]byte, packed.MaxBytes/4)
	for range 4 {
		if _, err := b.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Write(piece[:1]); !errs.Is(err, errs.Unsupported) || b.Len() != packed.MaxBytes {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// A list that breaks off shows what came before, and says that there is more.
func TestFault_ATarThatBreaksOffIsListedAsFar(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range 50 {
		if err := w.WriteHeader(&tar.Header{Name: fmt.Sprint(i), Size: 1000, Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	half := b.Bytes()[:b.Len()/2-700]
	all, more, err := newReader(t).Members(t.Context(), "a.tar", bytes.NewReader(half), int64(len(half)))
	if err != nil || !more || len(all) < 20 {
		t.Error(len(all), more, err)
	}
}

// A child that was taken over says what it likes: nothing of it is believed that cannot be.
func TestP25_WhatAChildSaysIsNotTrusted(t *testing.T) {
	for _, a := range []reply{{Kind: "denied", Err: "x"}, {Kind: "internal", Err: "\xff" + strings.Repeat("x", 1000)}} {
		if err := told(a); !errs.Is(err, errs.Invalid) || len(err.Error()) > 310 || strings.Contains(err.Error(), "\xff") {
			t.Errorf("%v", err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("PK\x03\x04"), true)
	f.Add([]byte("7z\xbc\xaf\x27\x1c"), false)
	f.Fuzz(func(t *testing.T, b []byte, read bool) {
		if bytes.HasPrefix(b, []byte("7z")) {
			return // takes memory without end, which ends the child
		}
		q := question{Name: "a", Read: read}
		body, err := cbor.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Answer(context.Background(), append([]byte(mark), body...), bytes.NewReader(b), int64(len(b))); err != nil {
			t.Fatal(err)
		}
	})
}
