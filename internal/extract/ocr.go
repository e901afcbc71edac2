package extract

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/words"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/worker"
)

// Bounds of reading letters in pictures.
const (
	ocrProgram   = "tesseract"
	ocrDeadline  = 2 * time.Minute
	ocrMaxFile   = 64 << 20 // bytes
	ocrMaxPixels = 60_000_000
	ocrMinSide   = 40 // pixels: an icon has no text
	ocrSure      = 50 // percent: of a photo of leaves it is never that sure
	ocrLanguages = 4  // at once: each takes time
)

// languages are those that tesseract can read here, asked for once.
type languages struct {
	mu    sync.Mutex
	asked bool
	arg   string
}

// read finds the letters in a picture, where that is wanted and can be done. What
// it finds, or why it cannot, goes into a. An error ends the whole ask.
func (d *Decoder) read(ctx context.Context, ask media.Ask, src media.Source, a *media.Answer) error {
	if !ask.OCR || !slices.Contains(ask.Want, media.TextOf) || a.Text != nil || src.File == nil || src.Size > ocrMaxFile || !d.tools.Has(ocrProgram) {
		return nil
	}
	if f := a.Facts; f != nil && (f.Width < ocrMinSide || f.Height < ocrMinSide || f.Width*f.Height > ocrMaxPixels) {
		return nil
	}
	lang, err := d.ocr.list(ctx, d.tools)
	if err != nil || lang == "" {
		return err
	}
	out, err := d.tools.run(ctx, ocrProgram, worker.Tool{Args: []string{worker.ToolFile, "stdout", "-l", lang, "tsv"}, In: src.File, Deadline: ocrDeadline})
	switch {
	case errs.Is(err, errs.Cancelled), errs.Is(err, errs.Unavailable):
		return err
	case err != nil:
		if a.Failed == nil {
			a.Failed = map[media.Kind]string{}
		}
		a.Failed[media.TextOf] = "its letters cannot be read: " + err.Error()
	default:
		if body := ocrText(string(out)); body != "" {
			a.Text = &media.Text{Body: body, Language: words.LanguageOf(body)}
			delete(a.Failed, media.TextOf)
		}
	}
	return nil
}

// list returns the languages as tesseract wants them; "" if it has none.
func (l *languages) list(ctx context.Context, t tools) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked {
		return l.arg, nil
	}
	out, err := t.run(ctx, ocrProgram, worker.Tool{Args: []string{"--list-langs"}})
	var told *worker.ToolError
	if err != nil && !errors.As(err, &told) {
		if errs.Is(err, errs.Cancelled) || errs.Is(err, errs.Unavailable) {
			return "", err
		}
	}
	var names []string
	for i, name := range strings.Fields(afterFirstLine(string(out))) {
		if name != "osd" && name != "equ" && i < 200 && !strings.HasPrefix(name, "-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	l.asked, l.arg = true, strings.Join(names[:min(len(names), ocrLanguages)], "+")
	return l.arg, nil
}

func afterFirstLine(s string) string {
	_, rest, _ := strings.Cut(s, "\n")
	return rest
}

// ocrText makes text of tesseract's table: the words it is sure of, in their
// lines. Columns: level, page, block, paragraph, line, word, four of the place,
// confidence, text.
func ocrText(table string) string {
	var b strings.Builder
	last, letters := "", 0
	for line := range strings.Lines(table) {
		f := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 12)
		if len(f) < 12 || f[0] != "5" {
			continue
		}
		sure, err := strconv.ParseFloat(f[10], 64)
		word := strings.TrimSpace(f[11])
		if err != nil || sure < ocrSure || word == "" {
			continue
		}
		switch place := strings.Join(f[1:5], "."); {
		case last == "":
			last = place
		case place != last:
			last = place
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
		letters += len(word)
	}
	if letters < 3 {
		return ""
	}
	return b.String()
}
