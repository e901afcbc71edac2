package corpus

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// writeOurs makes files of formats that the packages have no sample of.
func writeOurs(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	koi8, err := charmap.KOI8R.NewEncoder().String(strings.Repeat("В воскресенье мы ели жареный картофель и пили чай на даче у бабушки.\n", 5))
	if err != nil {
		return err
	}
	sjis, err := japanese.ShiftJIS.NewEncoder().String(strings.Repeat("昨日、私は東京の動物園でパンダを見ました。とてもかわいかったです。\n", 5))
	if err != nil {
		return err
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("The quicksilver lantern\r\nstood on the pier.\r\n")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"subtitle.srt": "1\n00:00:01,000 --> 00:00:04,000\nI counted <i>seventeen purple umbrellas</i>.\n\n2\n00:00:05,000 --> 00:00:06,000\nAre you sure?\n",
		"letter.rtf":   `{\rtf1\ansi\deff0{\fonttbl{\f0 Times;}}\f0\fs24 Dear friend,\par we met at the \b cinnamon\b0  harbour.\par}`,
		"koi8.txt":     koi8, "sjis.txt": sjis, "utf16.txt": utf16,
		"mailbox.mbox": "From a@example.net Mon Jan  1 00:00:00 2024\nFrom: a@example.net\nSubject: weather\n\nsun\n\n" +
			"From b@example.net Tue Jan  2 00:00:00 2024\nFrom: b@example.net\nSubject: =?utf-8?q?velvet_thunder?=\n\nrain\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeBroken makes files from the samples that are cut off, or in which bytes
// are others, and files that want to bring down who reads them. It returns how
// many.
func writeBroken(dir string, samples []string) (n int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	rng := rand.New(rand.NewPCG(3, 3))
	put := func(name string, b []byte) {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
			n++
		}
	}
	for _, path := range samples {
		whole, readErr := os.ReadFile(path)
		if readErr != nil {
			return n, readErr
		}
		base := filepath.Base(path)
		for i, part := range []float64{0.02, 0.3, 0.7, 0.99} {
			put(fmt.Sprintf("cut%d-%s", i, base), whole[:int(part*float64(len(whole)))])
		}
		for i := range 6 {
			b := bytes.Clone(whole)
			for range 1 + len(b)/2000 {
				b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
			}
			put(fmt.Sprintf("flipped%d-%s", i, base), b)
		}
	}
	put("huge.png", hugePNG())
	put("billion.docx", zipped("word/document.xml", strings.NewReader(billionLaughs)))
	put("deep.html", []byte(strings.Repeat("<div>", 2_000_000)))
	put("deep.xml", []byte(strings.Repeat("<a>", 2_000_000)))
	put("deep.odt", zipped("content.xml", strings.NewReader(strings.Repeat("<a>", 2_000_000))))
	put("zeros.docx", zipped("word/document.xml", io.LimitReader(zeros{}, 2<<30)))
	put("many.zip", manyMembers(200_000))
	put("deep.pdf", []byte("%PDF-1.4\n1 0 obj\n"+strings.Repeat("[", 3_000_000)+"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"))
	put("long.txt", bytes.Repeat([]byte("x"), 50<<20))
	return n, err
}

const billionLaughs = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">` +
	`<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]><w:document><w:body><w:p><w:t>&f;</w:t></w:p></w:body></w:document>`

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func zipped(name string, r io.Reader) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	w, err := z.Create(name)
	if err == nil {
		_, err = io.Copy(w, r)
	}
	if err != nil || z.Close() != nil {
		panic("a zip in memory cannot be written") // of bytes.Buffer, never
	}
	return b.Bytes()
}

func manyMembers(n int) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("folder/member-%d", i)}); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// hugePNG claims 50,000 × 50,000 pixels in a few bytes.
func hugePNG() []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data))) //nolint:gosec // a few bytes
		body := append([]byte(kind), data...)
		b = append(b, body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	}
	chunk("IHDR", []byte{0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50, 8, 6, 0, 0, 0})
	chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1})
	chunk("IEND", nil)
	return b
}
