package picture

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/net/html/charset"

	"github.com/stardrive/stardrive/internal/media"
)

const (
	maxSVG      = 4 << 20
	maxElements = 100_000
	maxDepth    = 200
)

// tame refuses drawings that are made to grow without bound: parts that show
// other parts, or themselves, again.
func tame(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	depth, inDefs, elements := 0, 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the drawing cannot be read: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			elements++
			if depth++; depth > maxDepth || elements > maxElements {
				return errors.New("the drawing has too many parts")
			}
			if t.Name.Local == "defs" {
				inDefs++
			}
			if t.Name.Local == "use" && inDefs > 0 {
				return errors.New("the drawing is made of parts within parts, which may grow without bound")
			}
		case xml.EndElement:
			depth--
			if t.Name.Local == "defs" {
				inDefs--
			}
		}
	}
}

// openSVG draws a vector picture, as large as is wanted. What it refers to outside
// of itself is not looked at, and neither scripts nor text are known.
func openSVG(_ context.Context, src media.Source, atLeast int) found {
	if src.Size > maxSVG {
		return found{err: errors.New("the drawing is too large")}
	}
	data := make([]byte, src.Size)
	if _, err := src.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		return found{err: err}
	}
	if err := tame(data); err != nil {
		return found{err: err}
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(data), oksvg.IgnoreErrorMode)
	if err != nil {
		return found{err: fmt.Errorf("the drawing cannot be read: %w", err)}
	}
	w, h := icon.ViewBox.W, icon.ViewBox.H
	if !(w > 0 && h > 0) || math.IsInf(w+h, 0) || w/h > 100 || h/w > 100 {
		return found{err: errors.New("the drawing does not say how large it is")}
	}
	scale := float64(atLeast) / max(w, h)
	width, height := max(1, int(math.Round(w*scale))), max(1, int(math.Round(h*scale)))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	icon.SetTarget(0, 0, float64(width), float64(height))
	icon.Draw(rasterx.NewDasher(width, height, rasterx.NewScannerGV(width, height, img, img.Bounds())), 1)
	got := found{img: img}
	if w < 1e6 && h < 1e6 {
		got.width, got.height = max(1, int(math.Round(w))), max(1, int(math.Round(h)))
	}
	return got
}
