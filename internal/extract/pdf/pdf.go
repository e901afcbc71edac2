package pdf

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/media"
)

const (
	maxPages = 2000    // that are read
	maxBody  = 4 << 20 // bytes of text
	// atOnce is the longest piece of a page's text that is fetched at once.
	atOnce = 1 << 20
)

// Derive looks into a PDF. It fails with errs.Cancelled, errs.Unavailable, or with
// the reason, in words for people, why nothing could be had of it. It looks at
// ctx between pages, and returns what it has when time is up.
func (e *Engine) Derive(ctx context.Context, ask media.Ask, src media.Source) (ans media.Answer, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	in, err := e.instance(ctx)
	if err != nil {
		return media.Answer{}, err
	}
	defer func() {
		_ = in.Close()
		if p := recover(); p != nil {
			ans, err = media.Answer{}, fmt.Errorf("the PDF is damaged (%v)", p)
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			ans, err = media.Answer{}, errs.New(errs.Cancelled, "stopped while reading a PDF")
		}
	}()
	d, err := open(in, src)
	if err != nil {
		return media.Answer{}, err
	}
	ans = media.Answer{Facts: d.facts(), Failed: map[media.Kind]string{}}
	if err := d.show(&ans, ask.Want); err != nil {
		for _, kind := range ask.Want {
			if kind == media.Thumb256 || kind == media.Thumb512 || kind == media.Thumb1024 {
				ans.Failed[kind] = err.Error()
			}
		}
	}
	if slices.Contains(ask.Want, media.TextOf) {
		text, err := d.text(ctx)
		switch {
		case err != nil:
			ans.Failed[media.TextOf] = err.Error()
		case text.Body != "" || text.Title != "":
			ans.Text = text
		}
	}
	return ans, nil
}

// document is an open PDF.
type document struct {
	in    pdfium.Pdfium
	ref   references.FPDF_DOCUMENT
	pages int
}

func open(in pdfium.Pdfium, src media.Source) (document, error) {
	if src.Size <= 0 {
		return document{}, errors.New("the file is empty")
	}
	d := document{in: in}
	opened, err := in.OpenDocument(&requests.OpenDocument{FileReader: io.NewSectionReader(src, 0, src.Size), FileReaderSize: src.Size})
	switch {
	case errors.Is(err, pdferrors.ErrPassword):
		return d, errors.New("the PDF is protected by a password")
	case errors.Is(err, pdferrors.ErrSecurity):
		return d, errors.New("the PDF is encrypted in a way that cannot be read")
	case err != nil:
		return d, errors.New("the PDF is damaged, or none")
	}
	d.ref = opened.Document
	count, err := in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil || count.PageCount <= 0 {
		return d, errors.New("the PDF has no pages")
	}
	d.pages = count.PageCount
	return d, nil
}

func (d document) page(i int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: i}}
}

// text reads the words, a form feed between pages. A page that cannot be read is
// an empty one; when none could be, that is the error.
func (d document) text(ctx context.Context) (*media.Text, error) {
	out := &media.Text{Title: d.meta("Title"), Cut: d.pages > maxPages}
	var body strings.Builder
	bad := 0
	var last error
	for i := range min(d.pages, maxPages) {
		if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) && i > 0 {
			out.Cut = true
			break
		} else if err != nil {
			return nil, err
		}
		page, err := d.pageText(i)
		if err != nil {
			bad, last = bad+1, err
		}
		if i > 0 {
			body.WriteByte('\f')
		}
		if body.Len()+len(page) > maxBody {
			body.WriteString(page[:maxBody-body.Len()])
			out.Cut = true
			break
		}
		body.WriteString(page)
	}
	if bad > 0 && bad == min(d.pages, maxPages) {
		return nil, fmt.Errorf("no page of the PDF can be read: %w", last)
	}
	out.Body = strings.TrimRight(strings.ToValidUTF8(body.String(), ""), "\f\n ")
	return out, nil
}

// pageText reads the words of one page.
func (d document) pageText(i int) (string, error) {
	loaded, err := d.in.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: d.page(i)})
	if err != nil {
		return "", err
	}
	defer func() { _, _ = d.in.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: loaded.TextPage}) }()
	count, err := d.in.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: loaded.TextPage})
	if err != nil || count.Count <= 0 {
		return "", err
	}
	got, err := d.in.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: loaded.TextPage, Count: min(count.Count, atOnce)})
	if err != nil {
		return "", err
	}
	return tidy(got.Text), nil
}

// tidy makes lines end as they do elsewhere, and words whole that a line's end
// has parted: PDFium marks such a hyphen as U+0002 or U+FFFE.
func tidy(s string) string {
	return strings.NewReplacer("\u0002\r\n", "", "\ufffe\r\n", "", "\u0002", "", "\ufffe", "", "\r\n", "\n", "\r", "\n", "\f", "\n", "\x00", "").Replace(s)
}

// show renders the first page.
func (d document) show(ans *media.Answer, want []media.Kind) error {
	pixels := 0
	for kind, size := range map[media.Kind]int{media.FactsOf: 256, media.Thumb256: 256, media.Thumb512: 512, media.Thumb1024: 1024} {
		if slices.Contains(want, kind) {
			pixels = max(pixels, size)
		}
	}
	if pixels == 0 {
		return nil
	}
	rendered, err := d.in.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: d.page(0), Width: pixels, Height: pixels, Document: &d.ref, RenderForm: true, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT,
	})
	if err != nil {
		return errors.New("the first page cannot be drawn")
	}
	defer rendered.Cleanup()
	page := rendered.Result.RenderedImage
	if page == nil || page.Bounds().Empty() {
		return errors.New("the first page has no size")
	}
	paper := image.NewRGBA(page.Bounds())
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(paper, paper.Rect, page, page.Bounds().Min, draw.Over)
	return picture.Show(ans, want, paper)
}
