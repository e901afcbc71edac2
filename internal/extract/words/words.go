// Package words finds the text in documents, and what they say of themselves:
// title, author, language, numbers of words, lines and pages; of archives the
// names of their members. It takes files of strangers: nothing in them makes it
// use more than some hundred MiB of memory, read without end, follow a reference
// out of the file, or panic.
package words

import (
	"context"
	"errors"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

// reader finds the words of one format, and adds them to d. An error is why there
// are none, or no more of them.
type reader func(d *doc, src media.Source) error

// format is a reader and the media types it is for.
type format struct {
	mimes []string
	read  reader
}

func formats() []format {
	return []format{
		{[]string{"text/markdown"}, markdown},
		{[]string{"text/html", "application/xhtml+xml"}, webPage},
		{[]string{"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, docx},
		{[]string{"application/vnd.openxmlformats-officedocument.presentationml.presentation"}, pptx},
		{[]string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, xlsx},
		{[]string{
			"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
			"application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.graphics",
			"application/vnd.sun.xml.writer", "application/vnd.sun.xml.calc",
		}, odf},
		{[]string{"application/msword"}, wordDocument},
		{[]string{"application/vnd.ms-powerpoint"}, oldSlides},
		{[]string{"application/vnd.ms-excel"}, oldSheet},
		{[]string{"application/vnd.ms-outlook"}, outlook},
		{[]string{"application/epub+zip"}, epub},
		{[]string{"application/x-fictionbook+xml"}, fictionBook},
		{[]string{"text/rtf", "application/rtf"}, rtf},
		{[]string{"message/rfc822"}, mail},
		{[]string{"application/mbox"}, mailbox},
		{[]string{"application/x-subrip", "text/vtt", "application/x-subviewer"}, subtitles},
		{[]string{"text/x-ssa"}, substation},
		{[]string{"text/calendar", "text/vcard"}, cards},
		{[]string{
			"application/zip", "application/java-archive", "application/vnd.android.package-archive", "application/x-wheel+zip",
			"application/x-nupkg", "application/x-xpinstall", "application/x-vsix", "application/vnd.comicbook+zip", "application/x-ios-app",
		}, zipMembers},
		{[]string{"application/x-tar", "application/x-rubygem", "application/x-cbt"}, tarMembers},
		{[]string{"application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd", "application/x-crate"}, packedMembers},
		{[]string{"application/x-7z-compressed", "application/x-cb7"}, sevenZipMembers},
		{[]string{"application/vnd.rar", "application/vnd.comicbook-rar"}, rarMembers},
		{[]string{"application/vnd.debian.binary-package"}, debMembers},
	}
}

// Types lists the media types that Derive reads, beside those that begin with
// "text/".
func Types() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.mimes...)
	}
	return append(out, plainTypes()...)
}

// plainTypes are text by another name.
func plainTypes() []string {
	return []string{
		"application/json", "application/yaml", "application/toml", "application/x-ndjson", "application/x-ipynb+json", "application/x-bat",
		"application/x-tex", "application/gpx+xml", "application/vnd.google-earth.kml+xml", "application/geo+json", "application/ttml+xml",
		"application/x-mswinurl", "application/x-desktop", "application/x-cue", "application/javascript", "application/xml", "application/sql",
		"application/postscript",
	}
}

func readerOf(mime string) reader {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	mime = strings.TrimSpace(mime)
	for _, f := range formats() {
		for _, m := range f.mimes {
			if m == mime {
				return f.read
			}
		}
	}
	return plain
}

// Derive is an extract.Derive for everything that is made of words. When the time
// of ctx is up it returns what it has.
func Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	d := newDoc(ctx)
	err := readerOf(ask.MIME)(d, src)
	switch {
	case errors.Is(err, context.Canceled):
		return media.Answer{}, errs.New(errs.Cancelled, "%w", err)
	case errors.Is(err, errFull), errors.Is(err, context.DeadlineExceeded):
		d.cut = true
	case err != nil && d.empty():
		return media.Answer{}, err
	case err != nil: // what there is of a damaged file is better than nothing
		d.cut = true
	}
	d.codeLanguage(ask)
	return d.answer(), nil
}
