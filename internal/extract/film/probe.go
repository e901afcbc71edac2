package film

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/extract/mp4"
	"github.com/stardrive/stardrive/internal/media"
)

// probed is what ffprobe says, as far as it is of use.
type probed struct {
	Format struct {
		Duration string            `json:"duration"`
		BitRate  string            `json:"bit_rate"`
		Tags     map[string]string `json:"tags"`
	} `json:"format"`
	Streams []stream `json:"streams"`
}

type stream struct {
	Type       string            `json:"codec_type"`
	Codec      string            `json:"codec_name"`
	Width      int               `json:"width"`
	Height     int               `json:"height"`
	Rate       string            `json:"avg_frame_rate"`
	SampleRate string            `json:"sample_rate"`
	Channels   int               `json:"channels"`
	Duration   string            `json:"duration"`
	Tags       map[string]string `json:"tags"`
	Sides      []struct {
		Rotation float64 `json:"rotation"`
	} `json:"side_data_list"`
	Is struct {
		Picture int `json:"attached_pic"`
	} `json:"disposition"`
}

// parse reads what ffprobe says.
func parse(out []byte) (p probed, err error) {
	return p, json.Unmarshal(out, &p)
}

// video returns the first stream of pictures that move; nil if there is none.
func (p probed) video() *stream {
	for i := range p.Streams {
		if s := &p.Streams[i]; s.Type == "video" && s.Is.Picture == 0 {
			return s
		}
	}
	return nil
}

// cover reports whether there is a picture that does not move.
func (p probed) cover() bool {
	for _, s := range p.Streams {
		if s.Type == "video" && s.Is.Picture != 0 {
			return true
		}
	}
	return false
}

// fill writes into the facts what ffprobe knows, and leaves the rest.
func (p probed) fill(f *media.Facts) {
	set(&f.Duration, millis(number(p.Format.Duration)))
	set(&f.Bitrate, int64(number(p.Format.BitRate)))
	tags := lower(p.Format.Tags)
	if v := p.video(); v != nil {
		set(&f.VideoCodec, v.Codec)
		if v.Width > 0 && v.Height > 0 {
			f.Width, f.Height = v.Width, v.Height
			if v.turned() {
				f.Width, f.Height = v.Height, v.Width
			}
		}
		set(&f.FrameRate, millis(fraction(v.Rate)))
		if f.Duration == 0 {
			f.Duration = millis(number(v.Duration))
		}
		for name, value := range lower(v.Tags) {
			if _, have := tags[name]; !have {
				tags[name] = value
			}
		}
	}
	for _, s := range p.Streams {
		if s.Type == "audio" {
			set(&f.AudioCodec, s.Codec)
			set(&f.SampleRate, int(number(s.SampleRate)))
			set(&f.Channels, s.Channels)
			break
		}
	}
	told(f, tags)
}

// told fills in the tags, unless that was told before.
func told(f *media.Facts, tags map[string]string) {
	keep := func(to *string, names ...string) {
		for _, name := range names {
			if *to == "" {
				*to = strings.TrimSpace(tags[name])
			}
		}
	}
	keep(&f.Title, "title")
	keep(&f.Artist, "artist", "album_artist")
	keep(&f.Album, "album")
	keep(&f.Genre, "genre")
	keep(&f.Caption, "comment", "description", "synopsis")
	if f.Camera == "" {
		f.Camera = camera(tags["com.apple.quicktime.make"], tags["com.apple.quicktime.model"])
	}
	if f.Year == 0 {
		year, _, _ := strings.Cut(tags["date"], "-")
		if n, err := strconv.Atoi(year); err == nil && n > 1800 && n < 3000 {
			f.Year = n
		}
	}
	for _, name := range []string{"com.apple.quicktime.creationdate", "creation_time"} {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
			if at, err := time.Parse(layout, tags[name]); err == nil && f.Taken.IsZero() && at.Year() > 1970 {
				f.Taken = at
			}
		}
	}
	for _, name := range []string{"com.apple.quicktime.location.iso6709", "location"} {
		if f.Latitude == nil {
			if lat, long, alt, ok := mp4.Place(tags[name]); ok {
				f.Latitude, f.Longitude, f.Altitude = lat, long, alt
			}
		}
	}
}

// turned reports whether what is shown is as wide as what is stored is high.
func (s *stream) turned() bool {
	for _, side := range s.Sides {
		if math.Mod(math.Abs(side.Rotation), 180) == 90 {
			return true
		}
	}
	return false
}

// camera joins maker and model, which may name the maker.
func camera(maker, model string) string {
	if maker == "" || strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

func lower(tags map[string]string) map[string]string {
	out := make(map[string]string, len(tags))
	for k, v := range tags {
		out[strings.ToLower(k)] = v
	}
	return out
}

// set sets to v, unless v is nothing.
func set[T comparable](to *T, v T) {
	var zero T
	if v != zero {
		*to = v
	}
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		return 0
	}
	return f
}

// fraction reads a number such as 30000/1001.
func fraction(s string) float64 {
	over, under, _ := strings.Cut(s, "/")
	if d := number(under); d > 0 {
		return number(over) / d
	}
	return 0
}
