package corpus

import (
	"context"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/extract/picture"
	"github.com/stardrive/stardrive/internal/extract/sound"
	"github.com/stardrive/stardrive/internal/media"
)

// told is what exiftool and ffprobe tell of a file, in their words.
type told struct {
	SourceFile  string
	ImageWidth  float64
	ImageHeight float64
	Orientation float64
	Model       any    // of some cameras it looks like a number
	Taken       string `json:"DateTimeOriginal"`
	Latitude    any    `json:"GPSLatitude"`
}

// TestMediaAsOthersTell compares what is known of the pictures and sounds below the
// folders of MEDIA (else CORPUS; apart by colons) with exiftool and ffprobe.
func TestMediaAsOthersTell(t *testing.T) {
	folders := os.Getenv("MEDIA")
	if folders == "" {
		folders = os.Getenv("CORPUS")
	}
	if folders == "" {
		t.Skip("neither MEDIA nor CORPUS names a folder")
	}
	for _, program := range []string{"exiftool", "ffprobe"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed")
		}
	}
	pictures, sounds := mediaFiles(strings.Split(folders, ":"))
	t.Logf("%d pictures, %d sounds", len(pictures), len(sounds))
	var reader picture.Reader
	defer reader.Close()
	for _, x := range exiftool(t, pictures) {
		ans, err := look(t, reader.Derive, x.SourceFile)
		if err != nil {
			t.Logf("%s: %v", x.SourceFile, err) // exiftool tells the size of damaged files, too
			continue
		}
		f := ans.Facts
		if x.Orientation > 4 {
			x.ImageWidth, x.ImageHeight = x.ImageHeight, x.ImageWidth
		}
		// Raw samples have a border that some count and some do not.
		turned := strings.HasSuffix(x.SourceFile, ".avif") // of which exiftool does not tell
		if !turned && math.Abs(x.ImageWidth-float64(f.Width)) > 16 || !turned && math.Abs(x.ImageHeight-float64(f.Height)) > 16 {
			t.Errorf("%s: %v × %v, not %d × %d", x.SourceFile, x.ImageWidth, x.ImageHeight, f.Width, f.Height)
		}
		if strings.HasSuffix(x.SourceFile, ".png") { // some hide EXIF in compressed text, which is not read
			continue
		}
		if strings.Trim(x.Taken, " :0") != "" && !strings.HasPrefix(x.Taken, f.Taken.Format("2006:01:02 15:04:05")) {
			t.Errorf("%s: taken %s, not %s", x.SourceFile, x.Taken, f.Taken)
		}
		if model, ok := x.Model.(string); ok && !strings.HasSuffix(f.Camera, strings.TrimSpace(model)) {
			t.Errorf("%s: camera %s, not %s", x.SourceFile, model, f.Camera)
		}
		if lat, ok := x.Latitude.(float64); ok && lat != 0 && (f.Latitude == nil || math.Abs(math.Abs(*f.Latitude)-math.Abs(lat)) > 1e-4) {
			t.Errorf("%s: latitude %v, not %v", x.SourceFile, lat, f.Latitude)
		}
	}
	for _, name := range sounds {
		ans, err := look(t, sound.Derive, name)
		out, probeErr := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-i", name).Output()
		var x struct {
			Format struct {
				Duration json.Number `json:"duration"`
			} `json:"format"`
		}
		if probeErr != nil || json.Unmarshal(out, &x) != nil {
			continue
		}
		want, _ := x.Format.Duration.Float64()
		if err != nil || math.Abs(ans.Facts.Duration-want) > 0.1+want/50 {
			t.Errorf("%s: %v s, not %+v: %v", name, want, ans.Facts, err)
		}
	}
}

// mediaFiles finds pictures and sounds by their names.
func mediaFiles(folders []string) (pictures, sounds []string) {
	for _, folder := range folders {
		_ = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil //nolint:nilerr // what cannot be read is not compared
			}
			switch ext := strings.ToLower(filepath.Ext(path)); {
			case slices.Contains(strings.Fields(".jpg .jpeg .png .gif .webp .tif .tiff .bmp .heic .avif .cr2 .nef .arw .dng .rw2 .orf .raf .pef"), ext):
				pictures = append(pictures, path)
			case slices.Contains(strings.Fields(".mp3 .flac .ogg .oga .opus .m4a .wav .aiff"), ext):
				sounds = append(sounds, path)
			}
			return nil
		})
	}
	return pictures, sounds
}

func exiftool(t *testing.T, files []string) (all []told) {
	for batch := range slices.Chunk(files, 500) {
		args := append([]string{"-json", "-n", "-ImageWidth", "-ImageHeight", "-Orientation", "-Model", "-DateTimeOriginal", "-GPSLatitude", "--"}, batch...)
		out, _ := exec.CommandContext(t.Context(), "exiftool", args...).Output() // it fails where one of the files is damaged
		var some []told
		if err := json.Unmarshal(out, &some); err != nil {
			t.Fatalf("exiftool: %v", err)
		}
		all = append(all, some...)
	}
	return all
}

func look(t *testing.T, derive func(context.Context, media.Ask, media.Source) (media.Answer, error), name string) (media.Answer, error) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return derive(t.Context(), media.Ask{Want: []media.Kind{media.FactsOf}, Name: filepath.Base(name)}, media.Source{ReaderAt: f, Size: st.Size()})
}
