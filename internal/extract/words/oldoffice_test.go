package words

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stardrive/stardrive/internal/media"
)

func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func utf16le(s string) (b []byte) {
	for _, c := range utf16.Encode([]rune(s)) {
		b = append(b, le16(int(c))...)
	}
	return b
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// item is a stream of a compound file, or a folder with one stream in it.
type item struct {
	name string
	body []byte
	in   *item
}

// compoundOf makes a compound file. Streams below small bytes are of small sectors.
func compoundOf(small int, items ...item) []byte {
	const sector = 512
	var sectors [][]byte
	var fat []int
	place := func(b []byte) int {
		first := len(sectors)
		for len(b) > 0 {
			s := make([]byte, sector)
			b = b[copy(s, b):]
			sectors, fat = append(sectors, s), append(fat, len(sectors)+1)
		}
		if first == len(sectors) {
			return 0xFFFFFFFE
		}
		fat[len(fat)-1] = 0xFFFFFFFE
		return first
	}
	var minis, miniFAT []byte
	entry := func(name string, kind, right, down, start, size int) []byte {
		e := make([]byte, 128)
		copy(e, utf16le(name))
		copy(e[64:], le16(2*len(name)+2))
		e[66] = byte(kind)
		for i, v := range []int{0xFFFFFFFF, right, down} {
			copy(e[68+4*i:], le32(v))
		}
		copy(e[116:], le32(start))
		copy(e[120:], le32(size))
		return e
	}
	store := func(b []byte) int {
		if len(b) >= small || len(b) == 0 {
			return place(b)
		}
		first := len(minis) / 64
		n := (len(b) + 63) / 64
		minis = append(minis, append(bytes.Clone(b), make([]byte, 64*n-len(b))...)...)
		for i := range n - 1 {
			miniFAT = append(miniFAT, le32(first+i+1)...)
		}
		miniFAT = append(miniFAT, le32(0xFFFFFFFE)...)
		return first
	}
	var dir []byte
	below := []byte{}
	next := 1 + len(items)
	for i, it := range items {
		right := i + 2
		if i == len(items)-1 {
			right = 0xFFFFFFFF
		}
		if it.in != nil {
			dir = append(dir, entry(it.name, 1, right, next, 0, 0)...)
			below = append(below, entry(it.in.name, 2, 0xFFFFFFFF, 0xFFFFFFFF, store(it.in.body), len(it.in.body))...)
			next++
			continue
		}
		dir = append(dir, entry(it.name, 2, right, 0xFFFFFFFF, store(it.body), len(it.body))...)
	}
	root := entry("Root Entry", 5, 0xFFFFFFFF, 1, place(minis), len(minis))
	miniAt := place(miniFAT)
	dirAt := place(joined(root, dir, below))
	tables := 1
	for (len(sectors)+tables)*4 > tables*sector {
		tables++
	}
	fatAt := len(sectors)
	var table []byte
	for _, v := range fat {
		table = append(table, le32(v)...)
	}
	for range tables {
		table = append(table, le32(0xFFFFFFFD)...)
	}
	for len(table) < tables*sector {
		table = append(table, le32(0xFFFFFFFF)...)
	}
	h := make([]byte, sector)
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	copy(h[30:], joined(le16(9), le16(6)))
	copy(h[44:], le32(tables))
	copy(h[48:], le32(dirAt))
	copy(h[56:], joined(le32(small), le32(miniAt), le32(len(miniFAT)/sector+1), le32(0xFFFFFFFE), le32(0)))
	for i := range 109 {
		at := 0xFFFFFFFF
		if i < tables {
			at = fatAt + i
		}
		copy(h[76+4*i:], le32(at))
	}
	return joined(h, bytes.Join(sectors, nil), table)
}

func oldWord(flags int, text string) []byte {
	main := make([]byte, 0x200)
	copy(main, le16(0xA5EC))
	copy(main[0x0A:], le16(flags))
	first, second := []byte("caf\xe9 one\r"), utf16le(text)
	pieces := joined(le32(0), le32(len(first)), le32(len(first)+len(second)/2),
		le16(0), le32(0x40000000|2*len(main)), le16(0), le16(0), le32(len(main)+len(first)), le16(0))
	clx := joined([]byte{1}, le16(3), []byte("abc"), []byte{2}, le32(len(pieces)), pieces)
	copy(main[0x1A2:], joined(le32(7), le32(len(clx))))
	title := "A title\x00"
	about := joined(make([]byte, 44), le32(48), le32(100), le32(2), le32(2), le32(24), le32(14), le32(24+8+len(title)), le32(0x1E), le32(len(title)), []byte(title), le32(3), le32(12))
	return compoundOf(64, item{name: "WordDocument", body: joined(main, first, second)}, item{name: "1Table", body: joined([]byte("before!"), clx)}, item{name: "\x05SummaryInformation", body: about})
}

func oldSlidesOf(texts ...string) []byte {
	record := func(ver, kind int, body []byte) []byte { return joined(le16(ver), le16(kind), le32(len(body)), body) }
	all := record(15, masterSlide, record(0, 4008, []byte("Click to edit")))
	for _, t := range texts {
		all = append(all, record(15, 1006, joined(record(0, 4000, utf16le(t)), record(0, 9999, []byte("x")), record(0, 4008, []byte("narrow"))))...)
	}
	return compoundOf(4096, item{name: "PowerPoint Document", body: all})
}

func oldSheetOf() []byte {
	record := func(kind int, body []byte) []byte { return joined(le16(kind), le16(len(body)), body) }
	return compoundOf(4096, item{name: "Workbook", body: joined(
		record(0x85, joined(make([]byte, 6), []byte{5, 0}, []byte("Sheet"))),
		record(0xFC, joined(make([]byte, 8), le16(5), []byte{0}, []byte("plain"), le16(10), []byte{1}, utf16le("wide "))), // cut here
		record(0x3C, joined([]byte{0}, []byte("width"), le16(4), []byte{8}, le16(1), []byte("rich\x01\x02\x03\x04"), le16(3), []byte{0}, []byte("end"))),
	)})
}

func outlookOf() []byte {
	return compoundOf(4096, item{name: "__substg1.0_0037001F", body: utf16le("The ferry")}, item{name: "__substg1.0_0C1A001E", body: []byte("Jo")}, item{name: "__substg1.0_0C1F001F", body: utf16le("jo@example.org")},
		item{name: "__attach_version1.0_#00000000", in: &item{name: "__substg1.0_3707001F", body: utf16le("map.pdf")}},
		item{name: "__substg1.0_1000001F", body: utf16le(strings.Repeat("It leaves at noon. ", 300))})
}

func look(t testing.TB, mime string, data []byte) (media.Answer, error) {
	t.Helper()
	return Derive(t.Context(), media.Ask{MIME: mime}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
}

func TestOldOffice(t *testing.T) {
	for name, c := range map[string]struct {
		mime  string
		data  []byte
		body  string
		title string
	}{
		"Word":    {"application/msword", oldWord(0x0200, "Two \x13HYPERLINK x\x14links\x15\x07cell\rthree ☂"), "café one\nTwo links\tcell\nthree ☂", "A title"},
		"slides":  {"application/vnd.ms-powerpoint", oldSlidesOf("First\rline", "Zweite ✓"), "First\nline\nnarrow\nZweite ✓\nnarrow", ""},
		"sheet":   {"application/vnd.ms-excel", oldSheetOf(), "Sheet\nplain\nwide width\nrich\nend", ""},
		"Outlook": {"application/vnd.ms-outlook", outlookOf(), "Subject: The ferry\nFrom: Jo <jo@example.org>\n\n" + strings.Repeat("It leaves at noon. ", 300) + "\nmap.pdf", "The ferry"},
	} {
		a, err := look(t, c.mime, c.data)
		if err != nil || a.Text == nil || a.Text.Body != c.body || a.Text.Title != c.title {
			t.Errorf("%s: %+v, %v", name, a.Text, err)
		}
	}
	if a, _ := look(t, "application/msword", oldWord(0x0200, "x")); a.Facts.Pages != 12 {
		t.Errorf("%+v", a.Facts)
	}
	if _, err := look(t, "application/msword", oldWord(0x0300, "secret")); !errors.Is(err, errEncrypted) {
		t.Error(err)
	}
	for _, mime := range []string{"application/msword", "application/vnd.ms-powerpoint", "application/vnd.ms-excel", "application/vnd.ms-outlook"} {
		for _, data := range [][]byte{nil, []byte("no document"), compoundOf(4096, item{name: "other", body: []byte("x")})} {
			if a, err := look(t, mime, data); err == nil || a.Text != nil {
				t.Errorf("%s of %d bytes: %+v", mime, len(data), a.Text)
			}
		}
	}
}

// TestFault_I24_DamagedOldOffice: whatever stands there, it ends, soon.
func TestFault_I24_DamagedOldOffice(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for mime, data := range map[string][]byte{
		"application/msword": oldWord(0x0200, "Two links"), "application/vnd.ms-powerpoint": oldSlidesOf("First", "Second"),
		"application/vnd.ms-excel": oldSheetOf(), "application/vnd.ms-outlook": outlookOf(),
	} {
		for range 60 {
			_, _ = look(t, mime, data[:r.IntN(len(data))])
			b := bytes.Clone(data)
			for range 1 + r.IntN(10) {
				at := r.IntN(len(b))
				if r.IntN(2) == 0 {
					at = r.IntN(512) // its tables
				}
				b[at] = []byte{0, 1, 0x7F, 0x80, 0xFE, 0xFF, byte(r.Uint32())}[r.IntN(7)]
			}
			_, _ = look(t, mime, b)
		}
	}
}
