package words

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/stardrive/stardrive/internal/media"
)

// sample is a small file of a format, and what is in it.
type sample struct {
	name, mime string
	b          []byte
	want       []string // parts of the text, in their order
	without    []string // what is not in it
	facts      media.Facts
}

const (
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	odtType  = "application/vnd.oasis.opendocument.text"
	odsType  = "application/vnd.oasis.opendocument.spreadsheet"
	odpType  = "application/vnd.oasis.opendocument.presentation"
	epubType = "application/epub+zip"
)

// pack makes a zip of name, content, name, content …
func pack(pairs ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			panic(err)
		}
		_, _ = w.Write([]byte(pairs[i+1]))
	}
	_ = z.Close()
	return b.Bytes()
}

func tarOf(names ...string) []byte {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	for _, n := range names {
		body := []byte("content of " + n)
		h := &tar.Header{Name: n, Mode: 0o644, Size: int64(len(body))}
		if strings.HasSuffix(n, "/") {
			h.Typeflag, h.Size, body = tar.TypeDir, 0, nil
		}
		if err := t.WriteHeader(h); err != nil {
			panic(err)
		}
		_, _ = t.Write(body)
	}
	_ = t.Close()
	return b.Bytes()
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name = "inner.txt"
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func xzOf(b []byte) []byte {
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

func zst(b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll(b, nil)
}

func deb(data []byte) []byte {
	b := []byte("!<arch>\n")
	for _, m := range []struct {
		name string
		b    []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.xz", xzOf(tarOf("control"))}, {"data.tar.zst", data}} {
		b = fmt.Appendf(b, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", m.name, 0, 0, 0, "100644", len(m.b))
		b = append(b, m.b...)
		if len(m.b)%2 == 1 {
			b = append(b, '\n')
		}
	}
	return b
}

func in(e encoding.Encoding, s string) []byte {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

const (
	japaneseText = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。\n"
	russianText  = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. Все смешалось в доме Облонских. Жена узнала, что муж был в связи с бывшею в их доме француженкою-гувернанткой, и объявила мужу, что не может жить с ним в одном доме.\n"
	germanText   = "Größe und Maß: Die Straße führt über die Brücke, und später gehen wir zurück nach Köln. Übermut tut selten gut.\n"
	englishText  = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.\n"
)

func samples() []sample {
	return append(append(plainSamples(), officeSamples()...), otherSamples()...)
}

func plainSamples() []sample {
	both := japaneseText + englishText
	return []sample{
		{name: "ascii", mime: "text/plain", b: []byte("one two\r\nthree\rfour"), want: []string{"one two\nthree\nfour"}, facts: media.Facts{Lines: 3, Words: 4, Encoding: "utf-8"}},
		{name: "utf-8", mime: "text/plain", b: []byte("\ufeff" + germanText), want: []string{"Größe und Maß", "Köln"}, facts: media.Facts{Encoding: "utf-8", Language: "de", Words: 20}},
		{name: "utf-16le", mime: "text/plain", b: in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), both), want: []string{"吾輩は猫", "best of times"}, facts: media.Facts{Encoding: "utf-16le"}},
		{name: "utf-16be", mime: "text/plain", b: in(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), both), want: []string{"吾輩は猫"}, facts: media.Facts{Encoding: "utf-16be"}},
		{name: "utf-16 without mark", mime: "text/plain", b: in(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), germanText), want: []string{"Größe"}, facts: media.Facts{Encoding: "utf-16le"}},
		{name: "shift-jis", mime: "text/plain", b: in(japanese.ShiftJIS, japaneseText), want: []string{"吾輩は猫である"}, facts: media.Facts{Encoding: "shift_jis"}},
		{name: "euc-jp", mime: "text/plain", b: in(japanese.EUCJP, japaneseText), want: []string{"吾輩は猫である"}, facts: media.Facts{Encoding: "euc-jp"}},
		{name: "iso-2022-jp", mime: "text/plain", b: in(japanese.ISO2022JP, japaneseText), want: []string{"吾輩は猫である"}, facts: media.Facts{Encoding: "iso-2022-jp"}},
		{name: "koi8-r", mime: "text/plain", b: in(charmap.KOI8R, russianText), want: []string{"Все счастливые семьи"}, facts: media.Facts{Encoding: "koi8-r", Language: "ru"}},
		{name: "windows-1251", mime: "text/plain", b: in(charmap.Windows1251, russianText), want: []string{"Все счастливые семьи"}, facts: media.Facts{Encoding: "windows-1251"}},
		{name: "latin-1", mime: "text/plain", b: in(charmap.ISO8859_1, germanText), want: []string{"Größe und Maß"}, facts: media.Facts{Encoding: "windows-1252"}},
		{name: "latin-1, short", mime: "text/plain", b: []byte("caf\xe9"), want: []string{"café"}},
		{name: "go", mime: "text/x-go", b: []byte("package main\n\nfunc main() { println(\"hi\") }\n"), want: []string{"func main()"}, facts: media.Facts{Language: "Go", Lines: 3}},
		{name: "binary", mime: "text/plain", b: []byte("\x7fELF\x00\x01\x02"), without: []string{"ELF"}},
		{name: "markdown", mime: "text/markdown", b: []byte("Intro\n\n## The *title* ##\n\ntext\n"), want: []string{"Intro", "text"}, facts: media.Facts{Title: "The *title"}},
		{name: "markdown, underlined", mime: "text/markdown", b: []byte("The title\n=====\n\ntext\n"), facts: media.Facts{Title: "The title"}},
		{name: "markdown, front matter", mime: "text/markdown", b: []byte("---\ndate: 1\ntitle: \"Of ships\"\n---\n# Other\n"), facts: media.Facts{Title: "Of ships"}},
		{
			name: "html", mime: "text/html", b: []byte(`<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Ships &amp; sails</title><style>b{x}</style><meta name=author content="Ann Lee"></head>
<body><script>alert("no")</script><p>First   <b>bold</b>ly&nbsp;said.</p><p>Second</p><ul><li>one<li>two</ul><table><tr><td>a</td><td>b</td></tr></table><pre>  kept
  as it is</pre><p>un<b>brok</b>en</p></body></html>`),
			want: []string{"First boldly said.\nSecond\none\ntwo\na\tb\n  kept\n  as it is\nunbroken"}, without: []string{"alert", "b{x}", "<"},
			facts: media.Facts{Title: "Ships & sails", Author: "Ann Lee", Language: "en-GB"},
		},
		{name: "html, koi8-r", mime: "text/html", b: append([]byte(`<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>`), in(charmap.KOI8R, "Все счастливые")...), want: []string{"Все счастливые"}, facts: media.Facts{Encoding: "koi8-r"}},
		{name: "srt", mime: "application/x-subrip", b: []byte("1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i> there\nfriend\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}Bye\n"), want: []string{"Hello there\nfriend\nBye"}, without: []string{"00:", "\n2"}},
		{name: "vtt", mime: "text/vtt", b: []byte("WEBVTT\n\nNOTE nothing\n\nid-1\n00:01.000 --> 00:02.000 align:left\n<v Ann>Hello\n"), want: []string{"Hello"}, without: []string{"nothing", "id-1"}},
		{name: "ass", mime: "text/x-ssa", b: []byte("[Script Info]\nTitle: Film\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}Hello,\\Nyou\n"), want: []string{"Hello,\nyou"}, facts: media.Facts{Title: "Film"}},
		{
			name: "ics", mime: "text/calendar", b: []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:12345\r\nSUMMARY:Dinner with\r\n  Ann\\, and Bob\r\nLOCATION:Köln\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
			want: []string{"Dinner with Ann, and Bob", "Köln"}, without: []string{"12345"}, facts: media.Facts{Title: "Dinner with Ann, and Bob", Members: 1},
		},
		{
			name: "vcf", mime: "text/vcard", b: []byte("BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen =\nM=C3=BCller\nitem1.EMAIL;type=INTERNET:j@example.org\nPHOTO:AAAA\nEND:VCARD\n"),
			want: []string{"Jürgen Müller", "j@example.org"}, without: []string{"AAAA"}, facts: media.Facts{Title: "Jürgen Müller", Members: 1},
		},
		{
			name: "rtf", mime: "text/rtf", b: []byte(`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\info{\title Of ships}{\author Ann}{\nofpages3}}\pard Gr\'f6\'dfe {\b bold}\par \u8364?20\tab \u55357?\u56832? end\~x{\*\generator nobody;}{\pict 010203}\par}`),
			want: []string{"Größe bold\n€20\t😀 end x"}, without: []string{"Times", "nobody", "0102"}, facts: media.Facts{Title: "Of ships", Author: "Ann", Pages: 3},
		},
	}
}

const wordNS = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="m"`

func officeSamples() []sample {
	core := `<?xml version="1.0"?><cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>Of ships</dc:title><dc:creator>Ann Lee</dc:creator><dc:language>en_US</dc:language></cp:coreProperties>`
	meta := `<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta><dc:title>Of ships</dc:title><meta:initial-creator>Ann Lee</meta:initial-creator><dc:language>en-GB</dc:language><meta:document-statistic meta:page-count="7" meta:word-count="99"/></office:meta></office:document-meta>`
	odf := func(body string) string {
		return `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:draw="d"><office:body>` + body + `</office:body></office:document-content>`
	}
	ships := media.Facts{Title: "Of ships", Author: "Ann Lee"}
	counted := media.Facts{Title: "Of ships", Author: "Ann Lee", Pages: 7, Words: 99, Language: "en-GB"}
	return []sample{
		{
			name: "docx", mime: docxType, b: pack("docProps/core.xml", core, "docProps/app.xml", "<Properties><Pages>7</Pages><Words>99</Words></Properties>",
				"word/document.xml", `<w:document `+wordNS+`><w:body><w:p><w:r><w:t>Down to the </w:t></w:r><w:r><w:t>sea &amp; back</w:t><w:tab/><w:t>x</w:t></w:r></w:p><w:p><w:r><w:t>again</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:delText>gone</w:delText></w:r></w:p><mc:Fallback><w:p><w:r><w:t>twice</w:t></w:r></w:p></mc:Fallback></w:body></w:document>`,
				"word/footnotes.xml", `<w:footnotes `+wordNS+`><w:p><w:r><w:t>a footnote</w:t></w:r></w:p></w:footnotes>`),
			want: []string{"Down to the sea & back\tx\nagain\na", "b", "a footnote"}, without: []string{"gone", "twice"}, facts: media.Facts{Title: "Of ships", Author: "Ann Lee", Pages: 7, Words: 99, Language: "en-US"},
		},
		{
			name: "pptx", mime: pptxType, b: pack("docProps/core.xml", core, "ppt/slides/slide10.xml", `<p:sld xmlns:a="a"><a:p><a:t>tenth</a:t></a:p></p:sld>`,
				"ppt/slides/slide2.xml", `<p:sld xmlns:a="a"><a:p><a:r><a:t>second</a:t></a:r></a:p></p:sld>`, "ppt/notesSlides/notesSlide1.xml", `<p:n xmlns:a="a"><a:p><a:t>noted</a:t></a:p></p:n>`),
			want: []string{"second\n\ftenth\nnoted"}, facts: media.Facts{Title: "Of ships", Pages: 2},
		},
		{
			name: "xlsx", mime: xlsxType, b: pack("docProps/core.xml", core, "xl/workbook.xml", `<workbook><sheets><sheet name="Prices"/><sheet name="More"/></sheets></workbook>`,
				"xl/sharedStrings.xml", `<sst><si><t>apple</t></si><si><r><t>pe</t></r><r><t>ar</t></r></si></sst>`,
				"xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c t="s"><v>1</v></c><c><f>A1*2</f><v>42.5</v></c></row><row><c t="inlineStr"><is><t>inline</t></is></c><c t="s"><v>0</v></c><c t="s"><v>999</v></c></row></sheetData></worksheet>`,
				"xl/worksheets/sheet2.xml", `<worksheet><sheetData><row><c t="str"><v>text</v></c></row></sheetData></worksheet>`),
			want: []string{"Prices\npear\t42.5\ninline\tapple\n\fMore\ntext"}, without: []string{"A1"}, facts: ships,
		},
		{
			name: "odt", mime: odtType, b: pack("mimetype", odtType, "meta.xml", meta, "content.xml", odf(`<office:text><text:h>Head</text:h><text:p>Down<text:s text:c="2"/>to<text:tab/>the <text:span>sea</text:span><text:line-break/>x</text:p></office:text>`)),
			want: []string{"Head\nDown  to\tthe sea\nx"}, facts: counted,
		},
		{
			name: "ods", mime: odsType, b: pack("meta.xml", meta, "content.xml", odf(`<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>`)),
			want: []string{"a \tb \nc"}, facts: counted,
		},
		{
			name: "odp", mime: odpType, b: pack("content.xml", odf(`<draw:page><text:p>one</text:p></draw:page><draw:page><text:p>two</text:p></draw:page>`)),
			want: []string{"one\n\ftwo"}, facts: media.Facts{Pages: 2},
		},
		{name: "fodt", mime: odtType, b: []byte(`<?xml version="1.0"?><office:document xmlns:office="o" xmlns:text="t" xmlns:dc="d"><office:meta><dc:title>Of ships</dc:title></office:meta><office:body><text:p>flat</text:p></office:body></office:document>`), want: []string{"flat"}, facts: media.Facts{Title: "Of ships"}},
		{
			name: "epub", mime: epubType, b: pack("mimetype", epubType, "META-INF/container.xml", `<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>`,
				"OEBPS/content.opf", `<package xmlns:dc="d"><metadata><dc:title>Of ships</dc:title><dc:creator>Ann Lee</dc:creator><dc:language>en</dc:language></metadata><manifest><item id="b" href="text/b%20b.xhtml"/><item id="a" href="text/a.xhtml"/><item id="x" href="../../../etc/passwd"/></manifest><spine><itemref idref="b"/><itemref idref="a"/><itemref idref="x"/><itemref idref="none"/></spine></package>`,
				"OEBPS/text/a.xhtml", `<html><head><title>Chapter</title></head><body><p>second</p></body></html>`, "OEBPS/text/b b.xhtml", `<html><body><p>first</p></body></html>`),
			want: []string{"first\n\fsecond"}, facts: media.Facts{Title: "Of ships", Author: "Ann Lee", Language: "en"},
		},
		{name: "fb2", mime: "application/x-fictionbook+xml", b: []byte(`<?xml version="1.0" encoding="windows-1251"?><FictionBook><description><title-info><author><first-name>Ann</first-name><last-name>Lee</last-name></author><book-title>Of ships</book-title><lang>en</lang></title-info></description><body><p>Down to <em>the</em> sea</p></body><binary>AAAA</binary></FictionBook>`), want: []string{"Down to the sea"}, without: []string{"AAAA"}, facts: ships},
	}
}

func otherSamples() []sample {
	letter := "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: ann@example.org\r\nSubject: =?iso-8859-1?B?R3L832U=?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=XX\r\n\r\npreamble\r\n" +
		"--XX\r\nContent-Type: multipart/alternative; boundary=YY\r\n\r\n--YY\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nViele Gr=FC=\r\n=DFe\r\n--YY\r\nContent-Type: text/html\r\n\r\n<p>again</p>\r\n--YY--\r\n" +
		"--XX\r\nContent-Type: application/pdf; name=\"=?utf-8?q?Stra=C3=9Fe.pdf?=\"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJDREVG\r\n--XX--\r\n"
	only := "Subject: bare\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+aGVsbG88L3A+\n"
	members := []string{"docs/", "docs/of ships.txt", "docs/größe.md"}
	listed := []string{"docs/of ships.txt\ndocs/größe.md"}
	two := media.Facts{Members: 2}
	return []sample{
		{name: "eml", mime: "message/rfc822", b: []byte(letter), want: []string{"Jürgen", "Viele Grüße", "Straße.pdf"}, without: []string{"again", "QUJD", "preamble", "ABCDEF"}, facts: media.Facts{Title: "Grüße", Author: "Jürgen <j@example.org>", Members: 1}},
		{name: "eml, html alone", mime: "message/rfc822", b: []byte(only), want: []string{"hello"}, without: []string{"<p>"}, facts: media.Facts{Title: "bare"}},
		{name: "eml out of a mailbox", mime: "message/rfc822", b: []byte("From a@b Mon Jan 1\n" + only), want: []string{"hello"}, facts: media.Facts{Title: "bare"}},
		{name: "text named eml", mime: "message/rfc822", b: []byte("Dear Ann,\nno headers here\n"), want: []string{"Dear Ann", "no headers"}},
		{name: "emlx", mime: "message/rfc822", b: []byte("123\n" + only), want: []string{"hello"}, facts: media.Facts{Title: "bare"}},
		{name: "mbox", mime: "application/mbox", b: []byte("From a@b Mon\n" + only + "\nFrom c@d Tue\nSubject: second\n\n>From here on\nFrom within\n"), want: []string{"bare", "hello", "\f", "second", "From here on\nFrom within"}, facts: two},
		{name: "zip", mime: "application/zip", b: pack("docs/", "", "docs/of ships.txt", "aaaa", "docs/größe.md", "bb"), want: listed, facts: media.Facts{Members: 2, Unpacked: 6}},
		{name: "zip, names of old", mime: "application/zip", b: pack(string(in(charmap.CodePage437, "Größe über Maß.txt")), ""), want: []string{"Größe über Maß.txt"}},
		{name: "tar", mime: "application/x-tar", b: tarOf(members...), want: listed, facts: two},
		{name: "tar.gz", mime: "application/gzip", b: gz(tarOf(members...)), want: listed, facts: two},
		{name: "tar.xz", mime: "application/x-xz", b: xzOf(tarOf(members...)), want: listed, facts: two},
		{name: "tar.zst", mime: "application/zstd", b: zst(tarOf(members...)), want: listed, facts: two},
		{name: "gz", mime: "application/gzip", b: gz([]byte("a letter of two lines\nand some words\n")), want: []string{"inner.txt", "some words"}, facts: media.Facts{Members: 1, Words: 9, Encoding: "utf-8"}},
		{name: "deb", mime: "application/vnd.debian.binary-package", b: deb(zst(tarOf(members...))), want: listed, facts: two},
	}
}

func derive(t *testing.T, mime string, b []byte) (media.Answer, error) {
	t.Helper()
	kind := ""
	if mime == "text/x-go" {
		kind = "code"
	}
	return Derive(t.Context(), media.Ask{Name: "name", MIME: mime, Kind: kind}, media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))})
}
