package film

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

var all = []media.Kind{media.FactsOf, media.TextOf, media.Thumb256, media.Strip}

// fake is programs that say what they are told to.
type fake struct {
	lacks  string
	probe  string
	scene  func(args string) ([]byte, error)
	asked  []string
	failed error
}

func (f *fake) Has(program string) bool { return program != f.lacks && f.lacks != "all" }

func (f *fake) Run(_ context.Context, program string, args []string, _ *os.File, _ int64) ([]byte, error) {
	said := program + " " + strings.Join(args, " ")
	f.asked = append(f.asked, said)
	switch {
	case f.failed != nil:
		return nil, f.failed
	case program == "ffprobe":
		return []byte(f.probe), nil
	}
	return f.scene(said)
}

// look answers with pictures of the wanted kinds that hold what was to be seen.
func look(_ context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	b := make([]byte, src.Size)
	if _, err := src.ReadAt(b, 0); err != nil {
		return media.Answer{}, err
	}
	if string(b) == "bad" {
		return media.Answer{Failed: map[media.Kind]string{media.Thumb256: "it is damaged"}}, nil
	}
	ans := media.Answer{Facts: &media.Facts{Blurhash: "hash", Width: 1, Perceptual: "0"}, Pictures: map[media.Kind]media.Picture{}}
	for _, k := range ask.Want {
		if k != media.FactsOf {
			ans.Pictures[k] = media.Picture{MIME: "image/jpeg", Bytes: b, Width: 1, Height: 1}
		}
	}
	return ans, nil
}

const probe = `{"streams":[
 {"codec_type":"video","codec_name":"mjpeg","width":300,"height":300,"disposition":{"attached_pic":1}},
 {"codec_type":"video","codec_name":"hevc","width":1920,"height":1080,"avg_frame_rate":"30000/1001","disposition":{"attached_pic":0},
  "side_data_list":[{"side_data_type":"Display Matrix","rotation":-90}],"tags":{"creation_time":"2024-05-06T07:08:09.000000Z"}},
 {"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":2}],
 "format":{"duration":"100.5","bit_rate":"8000000","tags":{"title":"Sea","com.apple.quicktime.make":"Apple","com.apple.quicktime.model":"iPhone 15",
  "com.apple.quicktime.location.ISO6709":"+48.2082+016.3738+171.000/","com.apple.quicktime.creationdate":"2024-05-06T09:08:09+0200","DATE":"2024-05-06"}}}`

func complete(t *testing.T, f *fake, ans *media.Answer) error {
	t.Helper()
	file, err := os.Open("film.go") // any file: nobody reads it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return Complete(context.Background(), f, look, media.Ask{Want: all}, media.Source{ReaderAt: file, Size: 100, File: file}, ans)
}

func TestComplete(t *testing.T) {
	f := &fake{probe: probe, scene: func(args string) ([]byte, error) {
		if strings.Contains(args, "hstack") {
			return []byte("strip"), nil
		}
		return []byte("scene"), nil
	}}
	ans := media.Answer{Failed: map[media.Kind]string{media.FactsOf: "no idea"}}
	if err := complete(t, f, &ans); err != nil {
		t.Fatal(err)
	}
	x := ans.Facts
	if x.Duration != 100.5 || x.Bitrate != 8e6 || x.VideoCodec != "hevc" || x.AudioCodec != "aac" || x.SampleRate != 48000 || x.Channels != 2 ||
		x.Width != 1080 || x.Height != 1920 || x.FrameRate != 29.97 || x.Title != "Sea" || x.Camera != "Apple iPhone 15" || x.Year != 2024 ||
		x.Taken.Format(time.RFC3339) != "2024-05-06T09:08:09+02:00" || x.Latitude == nil || *x.Altitude != 171 || x.Blurhash != "hash" || x.Perceptual != "" {
		t.Errorf("%+v", x)
	}
	if string(ans.Pictures[media.Thumb256].Bytes) != "scene" || string(ans.Pictures[media.Strip].Bytes) != "strip" || len(ans.Failed) != 0 {
		t.Errorf("%+v %v", ans.Pictures, ans.Failed)
	}
	for _, asked := range f.asked {
		inputs := strings.Count(asked, " -i ")
		if inputs == 0 || strings.Count(asked, "-protocol_whitelist file,pipe -format_whitelist "+formats) != inputs || strings.Contains(asked, "film.go") ||
			strings.HasPrefix(asked, "ffmpeg") && !strings.Contains(asked, "-nostdin") {
			t.Error(asked)
		}
	}
	if !strings.Contains(f.asked[1], "-ss 10.050 -i "+input) || strings.Count(f.asked[2], "-i "+input) != scenes {
		t.Errorf("%q", f.asked)
	}
}

// real runs the programs of this machine.
type real struct{}

func (real) Has(program string) bool { _, err := exec.LookPath(program); return err == nil }

func (real) Run(ctx context.Context, program string, args []string, in *os.File, _ int64) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.ExtraFiles = []*os.File{in}
	return cmd.Output()
}

// TestFault_E15_FilesThatLeadElsewhere: what names other files or addresses is not
// followed, whatever it is called, even where nothing else would hold ffmpeg back.
func TestFault_E15_FilesThatLeadElsewhere(t *testing.T) {
	if !(real{}).Has("ffprobe") || !(real{}).Has("ffmpeg") {
		t.Skip("ffmpeg and ffprobe are not installed")
	}
	dir := t.TempDir()
	film := filepath.Join(dir, "film.mkv")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=2:size=64x48:rate=10", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	body, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		film bool
	}{
		"itself":   {string(body), true},
		"HLS":      {"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://" + film + "\n#EXT-X-ENDLIST\n", false},
		"a list":   {"ffconcat version 1.0\nfile film.mkv\n", false},
		"DASH":     {`<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="video/webm"><Representation id="1"><BaseURL>` + film + `</BaseURL></Representation></AdaptationSet></Period></MPD>`, false},
		"a stream": {"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n", false},
	} {
		path := filepath.Join(dir, "other.mkv")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var ans media.Answer
		err = Complete(t.Context(), real{}, look, media.Ask{Want: all}, media.Source{ReaderAt: file, Size: int64(len(c.text)), File: file}, &ans)
		if err != nil || (ans.Facts != nil) != c.film || (len(ans.Pictures) == 2) != c.film {
			t.Errorf("%s: %+v, %d pictures, %v, %v", name, ans.Facts, len(ans.Pictures), ans.Failed, err)
		}
		file.Close()
	}
}

// What is not there, or does not work, costs pictures and no more.
func TestLess(t *testing.T) {
	fails := errors.New("moov atom not found")
	for name, c := range map[string]struct {
		f      fake
		failed bool
	}{
		"no programs":     {f: fake{lacks: "all"}},
		"no ffmpeg":       {f: fake{lacks: "ffmpeg", probe: probe}},
		"probe fails":     {f: fake{failed: fails}},
		"probe babbles":   {f: fake{probe: "<html>"}},
		"nothing in it":   {f: fake{probe: "{}"}},
		"sound alone":     {f: fake{probe: `{"streams":[{"codec_type":"audio"}]}`}},
		"ffmpeg fails":    {f: fake{probe: probe, scene: func(string) ([]byte, error) { return nil, fails }}, failed: true},
		"no scene":        {f: fake{probe: probe, scene: func(string) ([]byte, error) { return nil, nil }}, failed: true},
		"a scene is none": {f: fake{probe: probe, scene: func(string) ([]byte, error) { return []byte("bad"), nil }}, failed: true},
	} {
		var ans media.Answer
		if err := complete(t, &c.f, &ans); err != nil || len(ans.Pictures) > 0 || (ans.Failed[media.Thumb256] != "") != c.failed {
			t.Errorf("%s: %v %+v", name, err, ans)
		}
	}
	var ans media.Answer
	if err := Complete(context.Background(), &fake{}, look, media.Ask{Want: all}, media.Source{Size: 1}, &ans); err != nil || ans.Facts != nil {
		t.Errorf("of no file: %v", err)
	}
	// What is no fault of the file is told.
	if err := complete(t, &fake{failed: errs.New(errs.Unavailable, "no more processes")}, &ans); !errs.Is(err, errs.Unavailable) {
		t.Errorf("unavailable: %v", err)
	}
	// Where ten percent of it is not, the first scene is.
	f := &fake{probe: probe, scene: func(args string) ([]byte, error) {
		if strings.Contains(args, "-ss") {
			return nil, nil
		}
		return []byte("first"), nil
	}}
	if err := complete(t, f, &ans); err != nil || string(ans.Pictures[media.Thumb256].Bytes) != "first" {
		t.Errorf("the first scene: %v %+v", err, ans)
	}
}

// A head of an MP4, as phones write it, without any program.
func TestDerive(t *testing.T) {
	data, err := os.ReadFile("testdata/turned.mp4")
	if err != nil {
		t.Fatal(err)
	}
	ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data))
	f := ans.Facts
	if err != nil || f == nil || math.Abs(f.Duration-1) > 0.05 || f.VideoCodec != "h264" || f.AudioCodec != "aac" || f.Width != 64 || f.Height != 96 || f.FrameRate != 10 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, data := range [][]byte{nil, []byte("no film"), data[:100], bytes.Repeat([]byte{0}, 1000)} {
		if ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data)); err != nil || ans.Facts != nil {
			t.Errorf("%d bytes: %+v, %v", len(data), ans, err)
		}
	}
}

func TestFault_P32_WhateverFfprobeSays(t *testing.T) {
	for _, s := range []string{
		"{}", "null", "[]", `{"format":{"duration":"NaN","tags":{"date":"-","location":"x","creation_time":"never"}},"streams":[{"codec_type":"video","avg_frame_rate":"1/0"}]}`,
		`{"format":{"duration":"1e308"},"streams":[{"codec_type":"video","width":-5}]}`,
	} {
		p, err := parse([]byte(s))
		if err != nil {
			continue
		}
		var f media.Facts
		p.fill(&f)
		if math.IsNaN(f.Duration) || f.Duration > 1e9 || f.FrameRate != 0 || f.Width < 0 {
			t.Errorf("%s: %+v", s, f)
		}
	}
}
