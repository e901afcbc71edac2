package picture

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/media"
)

const (
	maxText     = 4 << 10 // bytes of a caption
	maxKeywords = 200
)

// tags are what a picture says of itself: EXIF by name, the rest by name of its
// standard.
type tags struct {
	exif, iptc, xmp map[string]any
}

// readFacts fills in what a picture says of itself, and returns its orientation
// as EXIF has it. What cannot be read is left out.
func readFacts(format imagemeta.ImageFormat, from []media.Source, facts *media.Facts) (orientation int) {
	t := tags{map[string]any{}, map[string]any{}, map[string]any{}}
	for _, src := range from {
		t.read(format, src)
	}
	t.photo(facts)
	t.place(facts)
	t.words(facts)
	orientation = int(number(t.exif["Orientation"]))
	if orientation < 1 || orientation > 8 {
		orientation = 1
	}
	return orientation
}

// read takes what a picture says of itself, but for what is known already.
func (t tags) read(format imagemeta.ImageFormat, src media.Source) {
	_, err := imagemeta.Decode(imagemeta.Options{
		R:           section(src),
		ImageFormat: format,
		Sources:     imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		HandleTag: func(tag imagemeta.TagInfo) error {
			// The numbers of two tags of a place stand for something else there.
			if tag.Source == imagemeta.EXIF && strings.HasSuffix(tag.Namespace, "InteroperabilityIFD") {
				return nil
			}
			to := map[imagemeta.Source]map[string]any{imagemeta.EXIF: t.exif, imagemeta.IPTC: t.iptc, imagemeta.XMP: t.xmp}[tag.Source]
			if _, have := to[tag.Tag]; !have && to != nil {
				to[tag.Tag] = tag.Value
			}
			return nil
		},
	})
	_ = err // damage in what is told costs what stands behind it, not the picture
}

// photo fills in when and how it was taken.
func (t tags) photo(f *media.Facts) {
	f.Taken = t.taken()
	f.Camera = camera(text(t.exif["Make"]), text(t.exif["Model"]))
	f.Lens = text(t.exif["LensModel"])
	if seconds := number(t.exif["ExposureTime"]); seconds > 0 {
		f.Exposure = exposure(seconds)
	}
	f.Aperture = tidy(number(t.exif["FNumber"]))
	f.ISO = int(number(t.exif["ISO"]))
	f.Focal = tidy(number(t.exif["FocalLength"]))
	f.Flash = int(number(t.exif["Flash"]))&1 != 0
	if stars := int(number(t.xmp["Rating"])); stars >= 1 && stars <= 5 {
		f.Rating = stars
	}
}

// taken returns when a picture was taken. Where no zone is told, as of most
// cameras, the clock's time is given as if it were UTC: the same on every device.
func (t tags) taken() time.Time {
	for _, name := range []string{"DateTimeOriginal", "DateTimeDigitized", "CreateDate", "DateTime", "ModifyDate"} {
		zone := map[string]string{"DateTimeOriginal": "OffsetTimeOriginal", "DateTimeDigitized": "OffsetTimeDigitized",
			"CreateDate": "OffsetTimeDigitized"}[name]
		if zone == "" {
			zone = "OffsetTime"
		}
		if at, ok := parseTime(text(t.exif[name]) + text(t.exif[zone])); ok {
			return at
		}
		if at, ok := parseTime(text(t.exif[name])); ok {
			return at
		}
	}
	for _, name := range []string{"DateTimeOriginal", "DateCreated", "CreateDate"} {
		if at, ok := parseTime(text(t.xmp[name])); ok {
			return at
		}
	}
	if at, ok := parseTime(text(t.iptc["DateCreated"]) + " " + text(t.iptc["TimeCreated"])); ok {
		return at
	}
	at, _ := parseTime(text(t.iptc["DateCreated"]))
	return at
}

// parseTime takes the ways in which EXIF, XMP and IPTC write a time.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{
		"2006:01:02 15:04:05", "2006:01:02 15:04:05Z07:00", "2006-01-02T15:04:05", time.RFC3339,
		"2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05", "20060102 150405", "20060102 150405-0700",
		"20060102 15:04:05-07:00", "2006:01:02", "2006-01-02", "20060102",
	} {
		at, err := time.Parse(layout, s)
		if err == nil && at.Year() > 1800 && at.Year() < 3000 {
			return at, true
		}
	}
	return time.Time{}, false
}

// place fills in where it was taken.
func (t tags) place(f *media.Facts) {
	lat, hasLat := t.exif["GPSLatitude"].(float64)
	long, hasLong := t.exif["GPSLongitude"].(float64)
	if !hasLat || !hasLong {
		lat, hasLat = t.xmp["GPSLatitude"].(float64)
		long, hasLong = t.xmp["GPSLongitude"].(float64)
	}
	// Receivers without a fix write 0, 0, or numbers that are none.
	if !hasLat || !hasLong || math.IsNaN(lat+long) || math.Abs(lat) > 90 || math.Abs(long) > 180 || lat == 0 && long == 0 {
		return
	}
	if strings.HasPrefix(text(t.exif["GPSLatitudeRef"]), "S") {
		lat = -math.Abs(lat)
	}
	if strings.HasPrefix(text(t.exif["GPSLongitudeRef"]), "W") {
		long = -math.Abs(long)
	}
	lat, long = math.Round(lat*1e7)/1e7, math.Round(long*1e7)/1e7 // a centimetre
	f.Latitude, f.Longitude = &lat, &long
	if height, ok := t.exif["GPSAltitude"]; ok {
		h := tidy(number(height))
		if number(t.exif["GPSAltitudeRef"]) == 1 {
			h = -h
		}
		f.Altitude = &h
	}
}

// words fills in what people have written about it.
func (t tags) words(f *media.Facts) {
	f.Title = first(text(t.xmp["Title"]), text(t.iptc["ObjectName"]), text(t.iptc["Headline"]))
	f.Caption = first(text(t.xmp["Description"]), text(t.iptc["Caption-Abstract"]), text(t.exif["ImageDescription"]))
	f.Author = first(text(t.xmp["Creator"]), text(t.iptc["By-line"]), text(t.exif["Artist"]))
	seen := map[string]bool{}
	for _, v := range []any{t.xmp["Subject"], t.iptc["Keywords"]} {
		for _, word := range list(v) {
			if word != "" && !seen[word] && len(f.Keywords) < maxKeywords {
				seen[word] = true
				f.Keywords = append(f.Keywords, word)
			}
		}
	}
}

// camera joins maker and model, which often names the maker again.
func camera(maker, model string) string {
	name, _, _ := strings.Cut(maker, " ")
	if maker == "" || model != "" && strings.HasPrefix(strings.ToLower(model), strings.ToLower(name)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

// exposure writes seconds as photographers do.
func exposure(seconds float64) string {
	if seconds < 0.3 {
		return "1/" + strconv.Itoa(int(math.Round(1/seconds)))
	}
	return strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64)
}

// tidy rounds to three digits behind the point, and turns what is no number, or
// no sensible one, into 0.
func tidy(v float64) float64 {
	if math.IsNaN(v) || math.Abs(v) > 1e7 {
		return 0
	}
	return math.Round(v*1000) / 1000
}

// number makes a number of a tag's value, 0 of what is none.
func number(v any) float64 {
	switch v := v.(type) {
	case interface{ Float64() float64 }:
		if f := v.Float64(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case float64:
		return v
	case float32:
		return float64(v)
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint8:
		return float64(v)
	case uint16:
		return float64(v)
	case uint32:
		return float64(v)
	case int32:
		return float64(v)
	case int16:
		return float64(v)
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case []uint16: // such as two speeds of film
		if len(v) > 0 {
			return float64(v[0])
		}
	}
	return 0
}

// text makes words of a tag's value: valid UTF-8, of a bounded length, without
// what programs fill the field up with.
func text(v any) string {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case []string:
		s = strings.Join(v, ", ")
	case int, uint16, uint32:
		s = fmt.Sprint(v)
	default:
		return ""
	}
	s, _, _ = strings.Cut(s, "\x00")
	if len(s) > maxText {
		s = s[:maxText]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return strings.TrimSpace(s)
}

// list makes a list of a tag's value.
func list(v any) []string {
	switch v := v.(type) {
	case []string:
		out := make([]string, 0, min(len(v), maxKeywords))
		for _, s := range v[:min(len(v), maxKeywords)] {
			out = append(out, text(s))
		}
		return out
	case string:
		return []string{text(v)}
	}
	return nil
}

// first returns the first that is not empty.
func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
