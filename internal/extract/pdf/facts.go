package pdf

import (
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium/requests"

	"github.com/stardrive/stardrive/internal/media"
)

const maxField = 1 << 10 // bytes of a title and the like

// facts reads what the document says of itself.
func (d document) facts() *media.Facts {
	f := &media.Facts{
		Pages: d.pages, Title: d.meta("Title"), Author: d.meta("Author"), Subject: d.meta("Subject"), Taken: parseDate(d.meta("CreationDate")),
	}
	for _, word := range strings.FieldsFunc(d.meta("Keywords"), func(r rune) bool { return r == ',' || r == ';' }) {
		if word = strings.TrimSpace(word); word != "" && len(f.Keywords) < 100 {
			f.Keywords = append(f.Keywords, word)
		}
	}
	return f
}

// meta reads one field; empty if it is not there, or cannot be read.
func (d document) meta(name string) string {
	got, err := d.in.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: d.ref, Tag: name})
	if err != nil {
		return ""
	}
	s := got.Value
	if len(s) > maxField {
		s = s[:maxField]
	}
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", ""))
}

// parseDate takes a date as PDF has it: D:YYYYMMDDHHmmSSOHH'mm', of which all
// behind the year may be missing. Zero: it is none.
func parseDate(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	s = strings.ReplaceAll(s, "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405-0700", "20060102150405-07", "20060102150405", "200601021504", "20060102", "200601", "2006"} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 1800 {
			return at
		}
	}
	// What stands behind a whole time and is no zone.
	if len(s) > 14 {
		return parseDate(s[:14])
	}
	return time.Time{}
}
