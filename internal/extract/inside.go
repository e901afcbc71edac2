package extract

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"github.com/stardrive/stardrive/internal/extract/members"
	"github.com/stardrive/stardrive/internal/extract/words"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/worker"
)

// Setup is the worker.Setup of the child processes: it gets ready what is slow to
// start, and keeps it from one file to the next.
func Setup(folder string, ready []string) worker.Handler {
	e := new(engines)
	for _, name := range ready { // what cannot be got ready makes the first file wait
		switch name {
		case readyPDF:
			_ = e.pdf.Prepare(context.Background(), folder)
		case readyHEIF:
			_ = e.picture.Prepare(context.Background(), folder)
		}
	}
	return e.handle
}

// What Setup gets ready.
const (
	readyPDF  = "pdf"
	readyHEIF = "heif"
)

func (e *engines) handle(ctx context.Context, body []byte, src io.ReaderAt, size int64) ([]byte, error) {
	if members.Asked(body) {
		read := &waits{ReaderAt: src}
		ctx, stop := within(ctx, deadline(size), read)
		defer stop()
		return members.Answer(ctx, body, read, size)
	}
	ask, err := decodeAsk(body)
	if err != nil {
		return nil, err
	}
	r, ok := e.rowOf(ask)
	if !ok {
		return nil, errUnknown
	}
	read := &waits{ReaderAt: src}
	ctx, stop := within(ctx, deadline(size), read)
	defer stop()
	answer, err := r.derive(ctx, ask, media.Source{ReaderAt: read, Size: size})
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	switch {
	case late:
		tooLong(ask, &answer, err)
	case err != nil:
		answer = failed(ask, err)
	}
	return encode(answer)
}

// tooLong says of an answer that was broken off why not all is in it. What was
// made in time stays.
func tooLong(ask media.Ask, a *media.Answer, err error) {
	if a.Failed == nil {
		a.Failed = map[media.Kind]string{}
	}
	for _, k := range ask.Want {
		made := k == media.FactsOf && a.Facts != nil || k == media.TextOf && a.Text != nil || len(a.Pictures[k].Bytes) > 0
		if !made && (err != nil || a.Failed[k] != "") {
			a.Failed[k] = media.TooLong
		}
	}
}

func encode(v any) ([]byte, error) {
	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339Nano}.EncMode()
	if err != nil {
		return nil, err
	}
	return mode.Marshal(v)
}

// decodeAsk reads what the parent asked. Names of files are bytes, not always UTF-8.
func decodeAsk(b []byte) (ask media.Ask, err error) {
	mode, err := cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil {
		return ask, err
	}
	return ask, mode.Unmarshal(b, &ask)
}

// decodeAnswer reads what a child said, which is not trusted. Text of files is
// not always UTF-8: check cleans it.
func decodeAnswer(b []byte) (a media.Answer, err error) {
	mode, err := cbor.DecOptions{
		MaxNestedLevels: 8, MaxArrayElements: 4096, MaxMapPairs: 256,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, UTF8: cbor.UTF8DecodeInvalid,
	}.DecMode()
	if err != nil {
		return a, err
	}
	return a, mode.Unmarshal(b, &a)
}

// Bounds of an answer.
const (
	maxText   = 4 << 20 // bytes of Text.Body
	maxTitle  = 1 << 10
	maxReason = 300
	maxFact   = 4 << 10
)

// check takes out of an answer what was not wanted or cannot be.
func check(ask media.Ask, a *media.Answer) {
	wanted := map[media.Kind]bool{}
	for _, k := range ask.Want {
		wanted[k] = true
	}
	for k, p := range a.Pictures {
		if !wanted[k] || p.MIME != "image/jpeg" && p.MIME != "image/png" || len(p.Bytes) == 0 || p.Width <= 0 || p.Height <= 0 {
			delete(a.Pictures, k)
		}
	}
	for k, why := range a.Failed {
		if !wanted[k] {
			delete(a.Failed, k)
			continue
		}
		a.Failed[k] = clean(why, maxReason)
	}
	if !wanted[media.FactsOf] {
		a.Facts = nil
	}
	if !wanted[media.TextOf] {
		a.Text = nil
	}
	if t := a.Text; t != nil {
		t.Cut = t.Cut || len(t.Body) > maxText
		t.Body, t.Title, t.Language = clean(t.Body, maxText), clean(t.Title, maxTitle), clean(t.Language, 35)
		if strings.TrimSpace(t.Body) == "" && t.Title == "" || words.Secret(ask.Kind, t.Title+"\n"+t.Body) {
			a.Text = nil
		}
	}
	if f := a.Facts; f != nil {
		checkFacts(f)
	}
}

func checkFacts(f *media.Facts) {
	for _, s := range []*string{
		&f.Blurhash, &f.Perceptual, &f.Camera, &f.Lens, &f.Exposure, &f.Caption, &f.VideoCodec, &f.AudioCodec, &f.Artist, &f.Album, &f.Genre,
		&f.Title, &f.Author, &f.Subject, &f.Language, &f.Encoding, &f.Family, &f.Style,
	} {
		*s = strings.TrimSpace(clean(*s, maxFact))
	}
	f.Keywords = f.Keywords[:min(len(f.Keywords), 200)]
	for i := range f.Keywords {
		f.Keywords[i] = clean(f.Keywords[i], maxTitle)
	}
	for _, p := range []**float64{&f.Latitude, &f.Longitude, &f.Altitude} {
		if *p != nil && (**p != **p || **p > 1e6 || **p < -1e6) {
			*p = nil
		}
	}
}

// clean makes s valid UTF-8 of at most n bytes, without NULs.
func clean(s string, n int) string {
	s = strings.ToValidUTF8(s[:min(len(s), n)], "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "")
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return s
}
