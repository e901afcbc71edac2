// Package sound looks into music and recordings: their tags, how long they are
// and how they are coded, and the picture of a cover. It plays nothing and decodes
// no sound; what it knows stands in heads and at the ends of files.
package sound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dhowden/tag"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/media"
)

const maxField = 4 << 10 // bytes of a tag

// Derive looks into a sound. It fails with errs.Cancelled, or with the reason, in
// words for people, why nothing could be had of it. Pictures are those of its
// cover; without one there are none.
func Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	facts := &media.Facts{}
	known := measure(ctx, src, facts)
	meta := tags(src)
	if ctx.Err() != nil {
		return media.Answer{}, errs.New(errs.Cancelled, "stopped while looking into a sound")
	}
	if meta != nil {
		fill(facts, meta)
	}
	if !known && facts.Title == "" && facts.Artist == "" && facts.Album == "" {
		return media.Answer{}, errors.New("this is no sound of a kind that can be read, or it is damaged")
	}
	if facts.Bitrate == 0 && facts.Duration > 1 {
		facts.Bitrate = int64(float64(src.Size) * 8 / facts.Duration)
	}
	facts.Duration = math.Round(facts.Duration*1000) / 1000
	ans := media.Answer{Facts: facts}
	if meta == nil {
		return ans, nil
	}
	if p := meta.Picture(); p != nil && len(p.Data) > 0 {
		if err := cover(ctx, &ans, ask, p.Data); err != nil {
			return media.Answer{}, err
		}
	}
	return ans, nil
}

// tags reads what is told of the music; nil if nothing is.
func tags(src media.Source) (meta tag.Metadata) {
	defer func() {
		if p := recover(); p != nil { // of the library, for damage it did not expect
			meta = nil
		}
	}()
	meta, err := tag.ReadFrom(io.NewSectionReader(src, 0, src.Size))
	if err != nil {
		return nil
	}
	return meta
}

func fill(f *media.Facts, meta tag.Metadata) {
	f.Title, f.Artist, f.Album, f.Genre = text(meta.Title()), text(meta.Artist()), text(meta.Album()), text(meta.Genre())
	if f.Artist == "" {
		f.Artist = text(meta.AlbumArtist())
	}
	track, _ := meta.Track()
	if s, ok := meta.Raw()["tracknumber"].(string); ok && track == 0 { // of Vorbis, such as 3/9
		s, _, _ = strings.Cut(s, "/")
		track, _ = strconv.Atoi(strings.TrimSpace(s))
	}
	if track > 0 && track < 100_000 {
		f.Track = track
	}
	if year := meta.Year(); year > 1000 && year <= time.Now().Year()+10 {
		f.Year = year
	}
	if composer := text(meta.Composer()); composer != f.Artist {
		f.Author = composer
	}
	f.Caption = text(meta.Comment())
}

func text(s string) string {
	if len(s) > maxField {
		s = s[:maxField]
	}
	return strings.TrimSpace(strings.ToValidUTF8(strings.Trim(s, "\x00"), "\ufffd"))
}

// cover makes pictures of the cover. A cover that cannot be shown is the reason
// why there are none, and no more.
func cover(ctx context.Context, ans *media.Answer, ask media.Ask, data []byte) error {
	of, err := picture.Derive(ctx, media.Ask{Want: ask.Want}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
	if errs.Is(err, errs.Cancelled) {
		return err
	}
	if err != nil {
		of.Failed = map[media.Kind]string{}
		for _, kind := range ask.Want {
			if kind == media.Thumb256 || kind == media.Thumb512 || kind == media.Thumb1024 {
				of.Failed[kind] = fmt.Sprintf("the cover: %v", err)
			}
		}
	}
	ans.Pictures, ans.Failed = of.Pictures, of.Failed
	if of.Facts != nil {
		ans.Facts.Blurhash = of.Facts.Blurhash
	}
	return nil
}
