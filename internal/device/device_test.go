package device

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/secret"
)

var born = time.Date(2026, 11, 23, 4, 5, 6, 7, time.UTC)

func options(dir string) Options {
	return Options{Dir: dir, Hostname: func() (string, error) { return "jamies-mac.example.org", nil }, Now: func() time.Time { return born }}
}

func mustOpen(t *testing.T, dir string) *Device {
	t.Helper()
	d, err := Open(options(dir))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFirstAndSecondStart(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, dir)
	i := d.Info()
	if i.ID != d.ID() || i.Name != "jamies-mac" || i.Slug != "jamies-mac" || !i.Created.Equal(born) || len(i.ID) != 52 {
		t.Errorf("%+v", i)
	}
	again := mustOpen(t, dir)
	if again.Info() != i {
		t.Errorf("%+v, then %+v", i, again.Info())
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	// The key signs, and the id is its public half.
	message := []byte("hello")
	sig, err := again.Signer().Sign(nil, message, &ed25519.Options{})
	if err != nil {
		t.Fatal(err)
	}
	public, err := PublicKey(d.ID())
	if err != nil || !ed25519.Verify(public, message, sig) {
		t.Error("the signature is not the device's", err)
	}
	_ = tls.Certificate{PrivateKey: d.Signer()}
}

func TestKeyFileIsDocumentedAndReadByOthers(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, dir)
	b, err := os.ReadFile(filepath.Join(dir, KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "This is the private key") {
		t.Errorf("%.40s", b)
	}
	block, _ := pem.Decode(b)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil || ID(key.(ed25519.PrivateKey).Public().(ed25519.PublicKey)) != d.ID() {
		t.Error(err)
	}
}

func TestRename(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, dir)
	i, err := d.Rename(t.Context(), "  Jamie’s Laptop ")
	if err != nil || i.Name != "Jamie’s Laptop" || i.Slug != "jamies-laptop" || i.ID != d.ID() {
		t.Fatalf("%+v, %v", i, err)
	}
	if again := mustOpen(t, dir).Info(); again != i {
		t.Errorf("%+v", again)
	}
	for _, bad := range []string{"", "  ", "a\nb", "\xff", "a\u202eb", strings.Repeat("x", 101)} {
		if _, err := d.Rename(t.Context(), bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if d.Info() != i {
		t.Error("a refused name changed something")
	}
}

func TestDamageNeverMakesANewIdentity(t *testing.T) {
	other := mustOpen(t, t.TempDir())
	rsaLike := "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	tests := []struct {
		name   string
		damage func(t *testing.T, key, info string)
		kind   errs.Kind
	}{
		{"empty key", write(KeyFile, ""), errs.Invalid},
		{"key is no PEM", write(KeyFile, "hello"), errs.Invalid},
		{"key is no PKCS8", write(KeyFile, rsaLike), errs.Invalid},
		{"key is of another type", write(KeyFile, strings.ReplaceAll(rsaLike, "PRIVATE", "PUBLIC")), errs.Invalid},
		{"key file is huge", write(KeyFile, strings.Repeat("x", maxKeyFile+1)), errs.Invalid},
		{"key is lost", func(t *testing.T, key, _ string) { remove(t, key) }, errs.NotFound},
		{"key is a folder", func(t *testing.T, key, _ string) {
			remove(t, key)
			if err := os.Mkdir(key, 0o700); err != nil {
				t.Fatal(err)
			}
		}, errs.Invalid},
		{"key is another device's", func(t *testing.T, key, _ string) {
			b, err := os.ReadFile(filepath.Join(filepath.Dir(other.path), KeyFile))
			if err != nil {
				t.Fatal(err)
			}
			write(KeyFile, string(b))(t, key, "")
		}, errs.Invalid},
		{"two keys in one file", func(t *testing.T, key, _ string) {
			b, err := os.ReadFile(key)
			if err != nil {
				t.Fatal(err)
			}
			write(KeyFile, string(b)+string(b))(t, key, "")
		}, errs.Invalid},
		{"info is damaged", write(InfoFile, "{"), errs.Invalid},
		{"info is empty", write(InfoFile, ""), errs.Invalid},
		{"info goes on", write(InfoFile, "{}{}"), errs.Invalid},
		{"info has no name", write(InfoFile, `{"id":"`+string(other.ID())+`"}`), errs.Invalid},
		{"info has no id", write(InfoFile, `{"name":"x"}`), errs.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			before := mustOpen(t, dir)
			keyPath, infoPath := filepath.Join(dir, KeyFile), filepath.Join(dir, InfoFile)
			key, _ := os.ReadFile(keyPath)
			tt.damage(t, keyPath, infoPath)
			damaged, _ := os.ReadFile(keyPath)
			_, err := Open(options(dir))
			if !errs.Is(err, tt.kind) {
				t.Fatalf("%v, want %s", err, tt.kind)
			}
			if e := (*errs.Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), dir) || tt.kind != errs.Invalid && errs.RemedyOf(err) == "" {
				t.Errorf("%v; remedy %q", err, errs.RemedyOf(err))
			}
			if now, _ := os.ReadFile(keyPath); !bytes.Equal(now, damaged) {
				t.Error("the key file was touched")
			}
			if len(key) > 300 && strings.Contains(err.Error(), string(key[200:250])) {
				t.Error("the error shows the key")
			}
			// Put back, it is the same device.
			_ = os.RemoveAll(keyPath)
			write(KeyFile, string(key))(t, keyPath, "")
			remove(t, infoPath)
			if d := mustOpen(t, dir); d.ID() != before.ID() {
				t.Error("another device")
			}
		})
	}
}

func write(name, text string) func(t *testing.T, key, info string) {
	return func(t *testing.T, key, _ string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(filepath.Dir(key), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestKeyThatOthersMayRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing here")
	}
	dir := t.TempDir()
	d := mustOpen(t, dir)
	path := filepath.Join(dir, KeyFile)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604, 0o660, 0o610} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(options(dir)); !errs.Is(err, errs.Denied) || !strings.Contains(errs.RemedyOf(err), "chmod 600") {
			t.Errorf("%04o: %v (%s)", mode, err, errs.RemedyOf(err))
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if again := mustOpen(t, dir); again.ID() != d.ID() {
		t.Error("another device")
	}
}

func TestManyFirstStartsMakeOneDevice(t *testing.T) {
	dir := t.TempDir()
	ids := make([]ident.DeviceID, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			d, err := Open(options(dir))
			if err != nil {
				// A device.json without its key cannot be seen: the key comes first.
				t.Error(err)
				return
			}
			ids[i] = d.ID()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatal("several devices:", ids)
		}
	}
}

func TestStaleTemporaryFilesAreSwept(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, KeyFile+".1.tmp"), filepath.Join(dir, KeyFile+".2.tmp")
	for _, f := range []string{old, young} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, born, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir)
	if _, err := os.Lstat(old); err == nil {
		t.Error("the stale one is still there")
	}
	if _, err := os.Lstat(young); err != nil {
		t.Error("another process's was taken away")
	}
}

func TestF9NoHostName(t *testing.T) {
	for host, want := range map[string]string{"": "device", ".": "device", "nas": "nas", "n\x00s": "device"} {
		o := options(t.TempDir())
		o.Hostname = func() (string, error) { return host, nil }
		if d, err := Open(o); err != nil || d.Info().Name != want {
			t.Errorf("%q: %v, %v", host, d, err)
		}
	}
	o := options(t.TempDir())
	o.Hostname = func() (string, error) { return "x", errors.New("none") }
	if d, err := Open(o); err != nil || d.Info().Name != "device" {
		t.Errorf("%v, %v", d, err)
	}
	if _, err := Open(options(filepath.Join(t.TempDir(), "none"))); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Jamie’s Laptop": "jamies-laptop", "Jamie's  Laptop!": "jamies-laptop", "Büro-PC (2)": "buro-pc-2", "Straße": "strasse",
		"東京": "device", "--": "device", "NAS": "nas", "local": "local-device", "Content": "content-device", "ﬁle": "file",
		"été": "ete", "a_b.c": "a-b-c", "  x ": "x",
	} {
		if got := Slug(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestDisplayAndParse(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	shown := Display(d.ID())
	if len(shown) != 8*7+7 || strings.ToUpper(shown) != shown {
		t.Fatal(shown)
	}
	for _, text := range []string{shown, strings.ToLower(shown), strings.ReplaceAll(shown, "-", ""), strings.ReplaceAll(shown, "-", " "),
		" " + shown + "\n", string(d.ID()), strings.NewReplacer("O", "0", "L", "1", "B", "8").Replace(shown)} {
		if id, err := ParseID(text); err != nil || id != d.ID() {
			t.Errorf("%q: %v, %v", text, id, err)
		}
	}
	// Every single mistyped character is noticed.
	plain := []byte(strings.ReplaceAll(shown, "-", ""))
	for i := range plain {
		for _, c := range []byte(strings.ToUpper(alphabet)) {
			if c == plain[i] {
				continue
			}
			wrong := bytes.Clone(plain)
			wrong[i] = c
			if id, err := ParseID(string(wrong)); !errs.Is(err, errs.Invalid) {
				t.Fatalf("%s at %d: %v, %v", wrong, i, id, err)
			}
		}
	}
	for _, bad := range []string{"", "x", shown[:20], shown + "A", string(d.ID()) + "a", "ä" + shown[1:]} {
		if _, err := ParseID(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q was taken", bad)
		}
	}
	// One key, one id: the unused bits of the last character must be 0.
	spelled := string(d.ID()[:51]) + "b"
	if _, err := PublicKey(ident.DeviceID(spelled)); err == nil {
		t.Error("a second spelling was taken")
	}
	if Short(d.ID()) != string(d.ID()[:8]) || Short("abc") != "abc" {
		t.Error(Short(d.ID()))
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("MFZWI3D-BONSGYC-YLTMRWG-C43ENR5-QXGZDMM-FZWI3DP-BONSGYY-LTMRWAD")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil {
			if again, err := ParseID(Display(id)); err != nil || again != id {
				t.Errorf("%q: %v, %v", text, again, err)
			}
		}
	})
}

func TestE16SecretsDoNotShow(t *testing.T) {
	const word = "correct horse"
	s := secret.New(word)
	d := mustOpen(t, t.TempDir())
	seed := d.Signer().seed.Reveal()
	type inside struct {
		Public  secret.Text
		private secret.Text
		Pointer *secret.Text
		Device  *Device
		device  *Device
		Signer  Signer
		List    []secret.Text
		Map     map[string]secret.Text
	}
	in := inside{s, s, &s, d, d, d.Signer(), []secret.Text{s}, map[string]secret.Text{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", &s)
		fmt.Fprintf(&out, verb+"\n", in)
		fmt.Fprintf(&out, verb+"\n", &in)
		fmt.Fprintf(&out, verb+"\n", d)
		fmt.Fprintf(&out, verb+"\n", d.Signer())
	}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "secret", s, "in", in, "device", d, "signer", d.Signer())
	}
	all := out.String()
	for _, shown := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), seed, fmt.Sprintf("%x", seed), fmt.Sprint([]byte(seed)), fmt.Sprint([]byte(word)), fmt.Sprintf("%q", seed)} {
		if strings.Contains(all, shown) {
			t.Errorf("a secret shows: %q in\n%s", shown, all)
		}
	}
	if !strings.Contains(all, "•••") || fmt.Sprint(d) != string(d.ID()) {
		t.Error(all)
	}
}

func TestOps(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	set := op.NewSet(d.Ops())
	call := func(name, in string) string {
		t.Helper()
		def, ok := set.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		out, err := def.Call(t.Context(), []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if out := call("device.rename", `{"name":"NAS <1>"}`); !strings.Contains(out, `"slug":"nas-1"`) {
		t.Error(out)
	}
	if out := call("device.info", `{}`); !strings.Contains(out, string(d.ID())) || !strings.Contains(out, `"created":"2026-11-23T04:05:06.000000007Z"`) {
		t.Error(out)
	}
	def, _ := set.Lookup("device.rename")
	if _, err := def.Call(t.Context(), []byte(`{"name":"\n"}`)); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
}
