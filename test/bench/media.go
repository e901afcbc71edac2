package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/extract/pdf"
	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/media"
)

const (
	photos = 6
	pages  = 100
)

// photo makes a photo of 12 million pixels: slopes, waves and the noise of a
// sensor, which is what a decoder has most to do with.
func photo(seed uint64) ([]byte, error) {
	const w, h = 4000, 3000
	random := rand.New(rand.NewPCG(seed, 1))
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	s := float64(seed + 1)
	for y := range h {
		wave := 40 * math.Sin(float64(y)/(90*s))
		for x := range w {
			v := 128 + wave + 40*math.Sin(float64(x)/(70+13*s)) + float64(x-w/2)/80 + random.NormFloat64()*4
			img.Y[y*img.YStride+x] = byte(max(0, min(255, v)))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(110+i%img.CStride/60), byte(120+i/img.CStride/60)
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 88})
	return out.Bytes(), err
}

// pictures measures thumbnails of photos on one core, beside vipsthumbnail.
func (r *run) pictures(ctx context.Context) error {
	dir := filepath.Join(r.Dir, "photos")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var files []string
	var data [][]byte
	size := 0
	for i := range photos {
		name := filepath.Join(dir, fmt.Sprintf("photo%d.jpg", i))
		b, err := os.ReadFile(name)
		if err != nil {
			if b, err = photo(uint64(i)); err != nil {
				return err
			}
			if err := os.WriteFile(name, b, 0o644); err != nil {
				return err
			}
		}
		files, data, size = append(files, name), append(data, b), size+len(b)
	}
	note := fmt.Sprintf("12 MP, %.1f MB each", float64(size)/photos/1e6)
	for _, c := range []struct {
		work string
		want []media.Kind
		vips string
	}{
		{"thumbnail 256 and facts of a photo", []media.Kind{media.FactsOf, media.Thumb256}, "256"},
		{"thumbnails 256, 512, 1024 and facts", []media.Kind{media.FactsOf, media.Thumb256, media.Thumb512, media.Thumb1024}, "1024"},
	} {
		began := time.Now()
		for _, b := range data {
			ans, err := picture.Derive(ctx, media.Ask{Want: c.want}, media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))})
			if err != nil || len(ans.Pictures) != len(c.want)-1 {
				return fmt.Errorf("%v %v", err, ans.Failed)
			}
		}
		ours := time.Since(began) / photos
		row := Row{Work: c.work, Value: ms(ours), Unit: "ms", Ours: fmt.Sprintf("%.1f/s", 1/ours.Seconds()), Budget: 1000. / 6, Goal: 1000. / 15, Note: note}
		if _, err := exec.LookPath("vipsthumbnail"); err == nil {
			began := time.Now()
			args := append([]string{"--vips-concurrency=1", "--size", c.vips, "-o", filepath.Join(r.data, "..", "%s.vips.jpg[Q=82]")}, files...)
			if out, err := exec.CommandContext(ctx, "vipsthumbnail", args...).CombinedOutput(); err != nil {
				return fmt.Errorf("vipsthumbnail: %w: %s", err, out)
			}
			row.Reference = fmt.Sprintf("vipsthumbnail %s: %.1f/s", c.vips, photos/time.Since(began).Seconds())
		}
		r.report.add(row)
	}
	return nil
}

// book is a PDF of many pages of words.
func book() []byte {
	var out bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	out.WriteString("%PDF-1.5\n")
	var kids strings.Builder
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", 4+2*i)
	}
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), pages)
	object("<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>")
	for i := range pages {
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>", 5+2*i)
		var text strings.Builder
		for line := range 45 {
			fmt.Fprintf(&text, "BT /F 11 Tf 50 %d Td (%d.%d The sea at night speaks of birds, and of whoever listens to it long enough to answer.) Tj ET\n", 760-16*line, i, line)
		}
		object("<</Length %d>>stream\n%sendstream", text.Len(), text.String())
	}
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, at)
	return out.Bytes()
}

// documents measures a PDF beside pdftotext, and how long the decoder takes to
// be ready.
func (r *run) documents(ctx context.Context) error {
	data, cache := book(), filepath.Join(r.data, "..", "compiled")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	var ready time.Duration
	var engine pdf.Engine
	for range 2 { // the first compiles
		if err := engine.Close(); err != nil {
			return err
		}
		began := time.Now()
		if err := engine.Prepare(ctx, cache); err != nil {
			return err
		}
		if ready > 0 {
			r.report.add(Row{Work: "PDF decoder ready", Value: ms(time.Since(began)), Unit: "ms", Ours: fmt.Sprintf("%.2f s to compile", ready.Seconds()), Budget: 500, Goal: 150})
		}
		ready = time.Since(began)
	}
	defer engine.Close()
	began := time.Now()
	ans, err := engine.Derive(ctx, media.Ask{Want: []media.Kind{media.FactsOf, media.TextOf, media.Thumb256}}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
	if err != nil || ans.Text == nil || ans.Facts.Pages != pages {
		return fmt.Errorf("%+v: %w", ans.Facts, err)
	}
	ours := time.Since(began)
	row := Row{Work: "a page of a PDF: words, and the first picture", Value: ms(ours) / pages, Unit: "ms", Budget: 20, Goal: 5, Note: fmt.Sprintf("%d pages", pages)}
	if _, err := exec.LookPath("pdftotext"); err == nil {
		name := filepath.Join(r.data, "..", "book.pdf")
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
		began := time.Now()
		if err := exec.CommandContext(ctx, "pdftotext", name, os.DevNull).Run(); err != nil {
			return err
		}
		row.Reference = fmt.Sprintf("pdftotext %.2f ms", ms(time.Since(began))/pages)
	}
	r.report.add(row)
	return nil
}
