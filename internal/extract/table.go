package extract

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/extract/film"
	"github.com/stardrive/stardrive/internal/extract/font"
	"github.com/stardrive/stardrive/internal/extract/pdf"
	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/extract/sound"
	"github.com/stardrive/stardrive/internal/extract/words"
	"github.com/stardrive/stardrive/internal/media"
)

// row is one decoder and what it is for.
type row struct {
	name    string
	mimes   []string // media types; "text/" stands for all that begin so
	kinds   []string // in the words of package filekind, where no type decides
	derive  Derive
	tools   bool   // programs of others may know more: film.Complete
	slow    string // to start: what Setup gets ready; "" if nothing
	letters bool   // there may be letters to read in it: OCR
}

// engines are what decoders keep between files, in a child process. The zero
// value is ready to use.
type engines struct {
	pdf     pdf.Engine
	picture picture.Reader
}

// table lists the decoders. An exact media type comes before the beginning of
// one, and that before a kind; within each the first row counts.
func (e *engines) table() []row {
	return []row{
		{
			name:    "heif",
			mimes:   []string{"image/heic", "image/heif", "image/avif"},
			derive:  e.picture.Derive,
			slow:    readyHEIF,
			letters: true,
		},
		{
			name:    "picture",
			mimes:   []string{"image/"},
			kinds:   []string{"image"},
			derive:  e.picture.Derive,
			letters: true,
		},
		{
			name:   "pdf",
			mimes:  []string{"application/pdf"},
			derive: e.pdf.Derive,
			slow:   readyPDF,
		},
		{
			name:   "sound",
			mimes:  []string{"audio/", "application/ogg"},
			kinds:  []string{"audio"},
			derive: sound.Derive,
			tools:  true,
		},
		{
			name:   "font",
			mimes:  []string{"font/"},
			kinds:  []string{"font"},
			derive: font.Derive,
		},
		{
			name:   "film",
			mimes:  []string{"video/", "application/mxf", "application/vnd.rn-realmedia"},
			kinds:  []string{"video"},
			derive: film.Derive,
			tools:  true,
		},
		{
			name:   "words",
			mimes:  append(words.Types(), "text/"),
			kinds:  []string{"text", "code", "config", "subtitle"},
			derive: words.Derive,
		},
	}
}

// rowOf finds the decoder for a file.
func (e *engines) rowOf(ask media.Ask) (row, bool) {
	mime, _, _ := strings.Cut(strings.ToLower(ask.MIME), ";")
	mime = strings.TrimSpace(mime)
	rows := e.table()
	for _, fits := range []func(r row) bool{
		func(r row) bool { return mime != "" && slices.Contains(r.mimes, mime) },
		func(r row) bool {
			return slices.ContainsFunc(r.mimes, func(m string) bool { return strings.HasSuffix(m, "/") && strings.HasPrefix(mime, m) })
		},
		func(r row) bool { return slices.Contains(r.kinds, ask.Kind) },
	} {
		if i := slices.IndexFunc(rows, fits); i >= 0 {
			return rows[i], true
		}
	}
	return row{}, false
}
