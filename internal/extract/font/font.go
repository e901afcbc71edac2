// Package font looks into fonts (TrueType, OpenType and collections of them): what
// they are called, and what their letters look like.
package font

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/media"
)

const (
	maxName = 300 // bytes
	width   = 1024
	height  = 768
	points  = 480
)

// Derive looks into a font. It fails with errs.Cancelled, or with the reason, in
// words for people, why nothing could be had of it.
func Derive(ctx context.Context, ask media.Ask, src media.Source) (ans media.Answer, err error) {
	defer func() {
		if p := recover(); p != nil { // of the library, for damage it did not expect
			ans, err = media.Answer{}, fmt.Errorf("the font is damaged (%v)", p)
		}
		if ctx.Err() != nil {
			ans, err = media.Answer{}, errs.New(errs.Cancelled, "stopped while looking into a font")
		}
	}()
	f, err := open(src)
	if err != nil {
		return media.Answer{}, errors.New("this is no font of a kind that can be read, or it is damaged")
	}
	ans.Facts = &media.Facts{
		Family: name(f, sfnt.NameIDTypographicFamily, sfnt.NameIDFamily),
		Style:  name(f, sfnt.NameIDTypographicSubfamily, sfnt.NameIDSubfamily),
		Title:  name(f, sfnt.NameIDFull),
		Author: name(f, sfnt.NameIDDesigner, sfnt.NameIDManufacturer),
	}
	img, err := specimen(f)
	if err == nil {
		return ans, picture.Show(&ans, ask.Want, img)
	}
	ans.Failed = map[media.Kind]string{}
	for _, kind := range ask.Want {
		if kind != media.FactsOf && kind != media.TextOf && kind != media.Strip {
			ans.Failed[kind] = err.Error()
		}
	}
	return ans, nil
}

// open parses a font, or the first of a collection.
func open(src media.Source) (*sfnt.Font, error) {
	var magic [4]byte
	if _, err := src.ReadAt(magic[:], 0); err != nil {
		return nil, err
	}
	if string(magic[:]) != "ttcf" {
		return sfnt.ParseReaderAt(src)
	}
	all, err := sfnt.ParseCollectionReaderAt(src)
	if err != nil {
		return nil, err
	}
	return all.Font(0)
}

// name returns the first name that the font has.
func name(f *sfnt.Font, ids ...sfnt.NameID) string {
	for _, id := range ids {
		s, err := f.Name(nil, id)
		if s = strings.TrimSpace(strings.ToValidUTF8(s, "")); err == nil && s != "" {
			return s[:min(len(s), maxName)]
		}
	}
	return ""
}

// letters returns two letters of a script that the font has.
func letters(f *sfnt.Font) string {
	for _, s := range []string{"Aa", "Жж", "Ωω", "אב", "عب", "अआ", "กข", "あア", "中文", "한글", "12", "☺★"} {
		has := true
		for _, r := range s {
			if i, err := f.GlyphIndex(nil, r); err != nil || i == 0 {
				has = false
			}
		}
		if has {
			return s
		}
	}
	return ""
}

// specimen draws two letters, black on white, in the middle.
func specimen(f *sfnt.Font) (image.Image, error) {
	text := letters(f)
	if text == "" {
		return nil, errors.New("the font has no letters that are known here")
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for size := float64(points); size >= points/8; size /= 2 {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			return nil, errors.New("the letters of the font cannot be drawn")
		}
		d := font.Drawer{Dst: img, Src: image.Black, Face: face}
		b, _ := d.BoundString(text)
		w, h := b.Max.X-b.Min.X, b.Max.Y-b.Min.Y
		if w <= 0 || h <= 0 {
			return nil, errors.New("the letters of the font are empty")
		}
		if w.Ceil() > width || h.Ceil() > height {
			continue
		}
		d.Dot = fixed.Point26_6{X: (fixed.I(width)-w)/2 - b.Min.X, Y: (fixed.I(height)-h)/2 - b.Min.Y}
		d.DrawString(text)
		return img, nil
	}
	return nil, errors.New("the letters of the font are too large to be drawn")
}
