package words

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

func TestWordsAreFound(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			a, err := derive(t, s.mime, s.b)
			if err != nil {
				t.Fatal(err)
			}
			text := media.Text{}
			if a.Text != nil {
				text = *a.Text
			}
			rest := text.Body
			for _, w := range s.want {
				_, after, ok := strings.Cut(rest, w)
				if !ok {
					t.Errorf("%q is not in %q", w, text.Body)
				}
				rest = after
			}
			for _, w := range s.without {
				if strings.Contains(text.Body, w) {
					t.Errorf("%q is in %q", w, text.Body)
				}
			}
			if text.Cut {
				t.Error("cut")
			}
			if text.Title != s.facts.Title {
				t.Errorf("title %q", text.Title)
			}
			compare(t, *a.Facts, s.facts)
		})
	}
}

// compare compares what is not zero in want.
func compare(t *testing.T, got, want media.Facts) {
	t.Helper()
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"title", got.Title, want.Title}, {"author", got.Author, want.Author}, {"language", got.Language, want.Language}, {"encoding", got.Encoding, want.Encoding},
		{"pages", got.Pages, want.Pages}, {"words", got.Words, want.Words}, {"lines", got.Lines, want.Lines}, {"members", got.Members, want.Members}, {"unpacked", got.Unpacked, want.Unpacked},
	} {
		if zero := fmt.Sprint(c.want) == "" || fmt.Sprint(c.want) == "0"; !zero && c.got != c.want {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestTypesHaveReaders: what is announced is read by more than the plain reader.
func TestTypesHaveReaders(t *testing.T) {
	seen := map[string]bool{}
	for _, mime := range Types() {
		if seen[mime] || mime != strings.ToLower(mime) {
			t.Errorf("%s is there twice, or in capitals", mime)
		}
		seen[mime] = true
	}
}

// sound checks an answer that may be about anything.
func sound(t interface{ Errorf(string, ...any) }, a media.Answer, err error) {
	if err != nil {
		if a.Text != nil || errs.Is(err, errs.Cancelled) || err.Error() == "" {
			t.Errorf("%v with %v", err, a)
		}
		return
	}
	if a.Facts == nil {
		t.Errorf("no facts")
	}
	if a.Text != nil && (len(a.Text.Body) > maxText || !utf8.ValidString(a.Text.Body) || !utf8.ValidString(a.Text.Title) || strings.ContainsAny(a.Text.Body, "\x00\r")) {
		t.Errorf("bad text of %d bytes", len(a.Text.Body))
	}
}

// TestP32_DamagedFiles: cut at every so many bytes, and flipped.
func TestP32_DamagedFiles(t *testing.T) {
	for _, s := range samples() {
		step := max(1, len(s.b)/15)
		for n := 0; n < len(s.b); n += step {
			a, err := derive(t, s.mime, s.b[:n])
			sound(t, a, err)
		}
	}
	all := samples()
	rapid.Check(t, func(r *rapid.T) {
		s := all[rapid.IntRange(0, len(all)-1).Draw(r, "sample")]
		b := bytes.Clone(s.b)
		for range rapid.IntRange(1, 8).Draw(r, "flips") {
			b[rapid.IntRange(0, len(b)-1).Draw(r, "at")] = rapid.Byte().Draw(r, "byte")
		}
		mime := rapid.SampledFrom([]string{s.mime, s.mime, s.mime, all[rapid.IntRange(0, len(all)-1).Draw(r, "other")].mime}).Draw(r, "as")
		a, err := Derive(context.Background(), media.Ask{MIME: mime}, media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))})
		sound(r, a, err)
	})
}

func FuzzDerive(f *testing.F) {
	all := samples()
	for i, s := range all {
		f.Add(i, s.b)
	}
	f.Fuzz(func(t *testing.T, i int, b []byte) {
		mime := all[uint(i)%uint(len(all))].mime
		a, err := Derive(context.Background(), media.Ask{MIME: mime}, media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))})
		sound(t, a, err)
	})
}

// zeros is a file of endless length.
type pattern string

func (p pattern) ReadAt(b []byte, off int64) (int, error) {
	for i := range b {
		b[i] = p[(off+int64(i))%int64(len(p))]
	}
	return len(b), nil
}

// TestTextIsCut: large files give their beginning, and say so.
func TestTextIsCut(t *testing.T) {
	src := media.Source{ReaderAt: pattern("größer "), Size: 1 << 40}
	a, err := Derive(t.Context(), media.Ask{MIME: "text/plain"}, src)
	if err != nil || !a.Text.Cut || len(a.Text.Body) > maxText || len(a.Text.Body) < maxText-10 || !utf8.ValidString(a.Text.Body) || a.Facts.Encoding != "utf-8" {
		t.Errorf("%v", err)
	}
	if a, err := derive(t, "text/markdown", bytes.Repeat([]byte("x"), maxText)); err != nil || a.Text.Cut {
		t.Errorf("as much as is taken: %v", err)
	}
}

// TestBombs: what unpacks to more than there can be is left, with what was found
// until then, and costs no more than seconds.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<20)
	deep := "<w:document>" + strings.Repeat("<w:p>", 200_000)
	entities := `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><w:document><w:p><w:t>before &b; &x; after</w:t></w:p></w:document>`
	var many []string
	for i := range 3_000 {
		many = append(many, fmt.Sprintf("d/%d", i), "")
	}
	for name, c := range map[string]struct {
		mime string
		b    []byte
		bad  bool // nothing comes of it
	}{
		"a part of zeros":  {docxType, pack("word/document.xml", zeros), true},
		"depth":            {docxType, pack("word/document.xml", deep), true},
		"entities":         {docxType, pack("word/document.xml", entities), false},
		"tar of gzip bomb": {"application/gzip", gz([]byte(zeros)), false},
		"gzip in gzip":     {"application/gzip", gz(gz(gz([]byte(zeros)))), false},
		"many members":     {"application/zip", pack(many...), false},
		"html depth":       {"text/html", []byte(strings.Repeat("<div>", 1<<15)), false},
		"html attribute":   {"text/html", []byte("<p a='" + strings.Repeat("x", 2<<20) + "'>"), true},
		"rtf depth":        {"text/rtf", []byte(`{\rtf1` + strings.Repeat("{", 1<<17)), false},
		"mail parts":       {"message/rfc822", []byte("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain\n\nx\n", 3_000)), false},
		"mail depth":       {"message/rfc822", []byte(strings.Repeat("Content-Type: message/rfc822\n\n", 3_000)), false},
	} {
		began := time.Now()
		a, err := derive(t, c.mime, c.b)
		sound(t, a, err)
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
		if a.Text != nil && strings.Contains(a.Text.Body, "root:") {
			t.Errorf("%s: another file was read", name)
		}
		t.Logf("%-20s %5d KiB %s %v", name, len(c.b)>>10, time.Since(began).Round(time.Millisecond), err)
	}
}

// TestPartsHaveAnEnd: a part, and all of them together, unpack to so much and no
// more.
func TestPartsHaveAnEnd(t *testing.T) {
	long := `<w:document><w:p a="` + strings.Repeat("x", 300<<10) + `"></w:p></w:document>`
	b := pack("word/document.xml", long)
	for _, c := range []struct {
		most, left int64
		ok         bool
	}{{maxMember, maxAll, true}, {100 << 10, maxAll, false}, {maxMember, 100 << 10, false}} {
		z, err := openContainer(media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))})
		if err != nil {
			t.Fatal(err)
		}
		z.most, z.left = c.most, c.left
		d := newDoc(t.Context())
		if err := z.walk(d, "word/document.xml", d.wordMarkup()); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestTimeIsUp: what was found until then is kept.
func TestTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, s := range samples() {
		a, err := Derive(ctx, media.Ask{MIME: s.mime}, media.Source{ReaderAt: bytes.NewReader(s.b), Size: int64(len(s.b))})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", s.name, err)
		}
		if err == nil && a.Text != nil && len(s.want) > 0 && !a.Text.Cut {
			t.Errorf("%s is not called cut", s.name)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Derive(stopped, media.Ask{MIME: "text/plain"}, media.Source{ReaderAt: strings.NewReader("x"), Size: 1}); !errs.Is(err, errs.Cancelled) {
		t.Errorf("%v", err)
	}
}

func TestEncryptedIsSaid(t *testing.T) {
	b := pack("META-INF/manifest.xml", `<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>`, "content.xml", "\x01\x02")
	if _, err := derive(t, odtType, b); !errors.Is(err, errEncrypted) {
		t.Errorf("%v", err)
	}
}

// TestPackedByOthers: archives of the programs that are there.
func TestPackedByOthers(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"one.txt", "größe.txt"} {
		if err := os.WriteFile(filepath.Join(dir, n), bytes.Repeat([]byte(n), 1000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ran := 0
	for _, c := range []struct {
		mime string
		run  []string
	}{
		{"application/x-7z-compressed", []string{"7z", "a", "x"}}, {"application/vnd.rar", []string{"rar", "a", "x"}},
		{"application/x-bzip2", []string{"tar", "cjf", "x"}}, {"application/x-xz", []string{"tar", "cJf", "x"}}, {"application/zip", []string{"zip", "x"}},
	} {
		if _, err := exec.LookPath(c.run[0]); err != nil {
			continue
		}
		cmd := exec.Command(c.run[0], append(c.run[1:], "one.txt", "größe.txt")...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%v: %v %s", c.run, err, out)
			continue
		}
		found, _ := filepath.Glob(filepath.Join(dir, "x*"))
		b, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(found[0])
		a, err := derive(t, c.mime, b)
		if err != nil || a.Text == nil || !strings.Contains(a.Text.Body, "one.txt") || !strings.Contains(a.Text.Body, "größe.txt") || a.Facts.Members != 2 {
			t.Errorf("%v: %+v %v", c.run, a.Text, err)
		}
		ran++
	}
	t.Logf("%d programs", ran)
}

func TestLanguageTags(t *testing.T) {
	for in, want := range map[string]string{"en_US": "en-US", "DE": "de", "": "", "??": "", "x": "", "zh-Hant": "zh-Hant"} {
		if got := tagOf(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if l := LanguageOf(strings.Repeat("4711 / ", 100)); l != "" {
		t.Errorf("numbers are %q", l)
	}
}

func TestCount(t *testing.T) {
	for s, want := range map[string]int{"": 0, "one": 1, " one, two - three ": 3, "吾輩は猫": 4, "it's 3.5": 2} {
		if got := count(s); got != want {
			t.Errorf("%q: %d", s, got)
		}
	}
	if lines("a\nb\r\nc\rd") != 4 || lines("") != 0 || lines("a\n") != 1 || number("-1") != 0 || number(fmt.Sprint(math.MaxInt64)) != 0 {
		t.Error("lines or numbers")
	}
}

var _ io.ReaderAt = pattern("")
