// Package film looks into films: how long they are, how they are coded and what
// their tags tell, a picture of a scene, and a strip of several. What stands in
// the boxes of MP4, QuickTime and Matroska it reads itself (Derive), where a crash costs no
// more than one file. For all else it asks ffmpeg and ffprobe, where they are
// installed (Complete): others start those, closed in; here is known only what to
// ask them and how to read what they say. Without them there is no picture of a
// film, which is no error.
package film

import (
	"context"
	"math"

	"github.com/stardrive/stardrive/internal/extract/mp4"
	"github.com/stardrive/stardrive/internal/media"
)

// Derive reads what a film says in its head. Of one that is neither MP4 nor
// Matroska, or says nothing, it returns nothing.
func Derive(_ context.Context, _ media.Ask, src media.Source) (media.Answer, error) {
	m, ok := mp4.Read(src, src.Size)
	if !ok {
		if f, ok := matroska(src); ok {
			return media.Answer{Facts: f}, nil
		}
		return media.Answer{}, nil
	}
	f := &media.Facts{Duration: millis(m.Duration), Taken: m.Created, Latitude: m.Latitude, Longitude: m.Longitude, Altitude: m.Altitude}
	f.Camera = camera(m.Maker, m.Model)
	for _, t := range m.Tracks {
		f.Duration = max(f.Duration, millis(t.Duration))
		switch {
		case t.Handler == "vide" && f.VideoCodec == "" && t.Codec != "jpeg" && t.Codec != "mjpa" && t.Codec != "png":
			f.VideoCodec = codec(t.Codec)
			f.Width, f.Height = t.Width, t.Height
			if t.Turned%180 == 90 {
				f.Width, f.Height = t.Height, t.Width
			}
			if t.Duration > 0 && t.Samples > 1 {
				f.FrameRate = millis(float64(t.Samples) / t.Duration)
			}
		case t.Handler == "soun" && f.AudioCodec == "":
			f.AudioCodec, f.SampleRate, f.Channels = codec(t.Codec), t.SampleRate, t.Channels
		}
	}
	if f.Duration > 1 {
		f.Bitrate = int64(float64(src.Size) * 8 / f.Duration)
	}
	return media.Answer{Facts: f}, nil
}

// codec gives what stands in a box the name by which it is known.
func codec(box string) string {
	names := map[string]string{
		"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "dvh1": "hevc", "dvhe": "hevc", "av01": "av1", "vp09": "vp9", "vp08": "vp8",
		"mp4v": "mpeg4", "s263": "h263", "apch": "prores", "apcn": "prores", "apcs": "prores", "apco": "prores", "ap4h": "prores",
		"mp4a": "aac", "ac-3": "ac3", "ec-3": "eac3", "Opus": "opus", "fLaC": "flac", "alac": "alac", ".mp3": "mp3", "sowt": "pcm", "twos": "pcm",
		"lpcm": "pcm", "in24": "pcm", "samr": "amr_nb",
	}
	return names[box]
}

// millis rounds to three digits behind the point; what is no number becomes 0.
func millis(v float64) float64 {
	if math.IsNaN(v) || v < 0 || v > 1e9 {
		return 0
	}
	return math.Round(v*1000) / 1000
}
