package film

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

// Tools runs programs that are not ours, closed in: they read the file in, and
// nothing else. Run fails with errs.Cancelled, with errs.Unavailable if the
// program could not be started, or with what went wrong in it.
type Tools interface {
	Has(program string) bool
	Run(ctx context.Context, program string, args []string, in *os.File, maxOut int64) ([]byte, error)
}

// Look makes what is wanted of a picture, as package picture does, where it may
// crash.
type Look func(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error)

const (
	// input is what a program calls the file that it is given.
	input = "/proc/self/fd/3"

	scenes      = 10  // on a strip
	stripHeight = 144 // pixels

	maxProbed  = 4 << 20 // bytes that ffprobe may say
	maxPicture = 16 << 20

	// formats are those that ffmpeg may take the file for: films and sounds that hold
	// all they are of. Playlists, lists of other files and descriptions of streams, which
	// lead elsewhere, are none of them, nor are formats of games and pictures.
	formats = "mov,matroska,webm,avi,asf,mpeg,mpegts,mpegvideo,m4v,h264,hevc,av1,obu,ivf,flv,live_flv,ogg,rm,mxf,gxf,dv,wtv,nut,nsv,mjpeg,ty,xmv,mv,r3d,swf,yuv4mpegpipe," +
		"mp3,flac,wav,w64,aiff,caf,aac,ac3,eac3,dts,dtshd,truehd,mlp,ape,wv,tta,tak,amr,amrnb,amrwb,au,mpc,mpc8,voc,dsf,iff,shn,spdif,oma,aa,aax,sox,xwma"
)

// reading are the arguments before a file that a program is to read, at a moment of it
// in seconds. Each file has its own.
func reading(at float64) []string {
	args := []string{"-protocol_whitelist", "file,pipe", "-format_whitelist", formats}
	if at > 0 {
		args = append(args, "-ss", seconds(at))
	}
	return append(args, "-i", input)
}

// Complete adds to the answer what ffprobe and ffmpeg know of a film or a sound,
// if they are there and the source is a file. What they print is not trusted: it
// is read as JSON, and pictures go through look. What they cannot read has no
// picture; that is no error. Errors: errs.Cancelled, errs.Unavailable.
func Complete(ctx context.Context, tools Tools, look Look, ask media.Ask, src media.Source, ans *media.Answer) error {
	if src.File == nil || !tools.Has("ffprobe") {
		return nil
	}
	out, err := tools.Run(ctx, "ffprobe", append([]string{"-v", "error", "-print_format", "json", "-show_format", "-show_streams"}, reading(0)...), src.File, maxProbed)
	if err != nil {
		return grave(ctx, err)
	}
	p, err := parse(out)
	if err != nil || len(p.Streams) == 0 {
		return nil
	}
	if ans.Facts == nil {
		ans.Facts = &media.Facts{}
	}
	p.fill(ans.Facts)
	delete(ans.Failed, media.FactsOf)
	delete(ans.Failed, media.TextOf)
	if !tools.Has("ffmpeg") || p.video() == nil && (!p.cover() || len(ans.Pictures) > 0) {
		return nil
	}
	if err := poster(ctx, tools, look, ask, src, ans, p); err != nil {
		return err
	}
	if slices.Contains(ask.Want, media.Strip) && p.video() != nil && ans.Facts.Duration > 1 {
		return strip(ctx, tools, look, src, ans)
	}
	return nil
}

// poster makes the pictures of a film: a scene after a tenth of it, where titles
// are over; else the first.
func poster(ctx context.Context, tools Tools, look Look, ask media.Ask, src media.Source, ans *media.Answer, p probed) error {
	want := slices.DeleteFunc(slices.Clone(ask.Want), func(k media.Kind) bool { return k == media.Strip || k == media.TextOf })
	if len(want) == 0 {
		return nil
	}
	which := "0:V:0" // not a cover
	if p.video() == nil {
		which = "0:v:0"
	}
	var why error
	for _, at := range []float64{ans.Facts.Duration / 10, 0} {
		args := append([]string{"-nostdin", "-v", "error"}, reading(at)...)
		args = append(args, "-map", which, "-frames:v", "1",
			"-vf", `scale=w='trunc(iw*if(sar,sar,1)/2)*2':h=ih,setsar=1,scale=w='min(1024,iw)':h='min(1024,ih)':force_original_aspect_ratio=decrease`,
			"-c:v", "png", "-f", "image2pipe", "-")
		out, err := tools.Run(ctx, "ffmpeg", args, src.File, maxPicture)
		if err != nil {
			if err := grave(ctx, err); err != nil {
				return err
			}
			why = err
			continue
		}
		if len(out) == 0 { // it has no scene there
			continue
		}
		got, err := look(ctx, media.Ask{Kind: "image", MIME: "image/png", Want: want}, inMemory(out))
		if err != nil {
			return err
		}
		take(ans, got)
		return nil
	}
	if why == nil {
		why = fmt.Errorf("ffmpeg finds no scene in it")
	}
	refuse(ans, want, why)
	return nil
}

// strip makes one picture of scenes side by side. The file is opened once for each,
// so that ffmpeg can leap to them.
func strip(ctx context.Context, tools Tools, look Look, src media.Source, ans *media.Answer) error {
	args := []string{"-nostdin", "-v", "error"}
	var graph bytes.Buffer
	for i := range scenes {
		at := ans.Facts.Duration * (float64(i) + 0.5) / scenes
		args = append(args, reading(at)...)
		fmt.Fprintf(&graph, "[%d:V:0]scale=w='trunc(iw*if(sar,sar,1)*%d/ih/2)*2':h=%d,setsar=1[s%d];", i, stripHeight, stripHeight, i)
	}
	for i := range scenes {
		fmt.Fprintf(&graph, "[s%d]", i)
	}
	fmt.Fprintf(&graph, "hstack=inputs=%d", scenes)
	args = append(args, "-filter_complex", graph.String(), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe", "-")
	want := []media.Kind{media.Strip}
	out, err := tools.Run(ctx, "ffmpeg", args, src.File, maxPicture)
	if err != nil {
		refuse(ans, want, err)
		return grave(ctx, err)
	}
	if len(out) == 0 {
		return nil
	}
	got, err := look(ctx, media.Ask{Kind: "video", MIME: "image/jpeg", Want: want}, inMemory(out))
	if err != nil {
		return err
	}
	take(ans, got)
	return nil
}

// take adds pictures, and the colours of the scene.
func take(ans *media.Answer, got media.Answer) {
	for kind, p := range got.Pictures {
		if ans.Pictures == nil {
			ans.Pictures = map[media.Kind]media.Picture{}
		}
		ans.Pictures[kind] = p
		delete(ans.Failed, kind)
	}
	for kind, why := range got.Failed {
		refuse(ans, []media.Kind{kind}, fmt.Errorf("%s", why))
	}
	if got.Facts != nil && got.Facts.Blurhash != "" {
		ans.Facts.Blurhash = got.Facts.Blurhash
	}
}

// refuse says why there are no pictures.
func refuse(ans *media.Answer, kinds []media.Kind, why error) {
	if ans.Failed == nil {
		ans.Failed = map[media.Kind]string{}
	}
	for _, kind := range kinds {
		if kind != media.FactsOf {
			ans.Failed[kind] = why.Error()
		}
	}
}

// grave passes on what is no fault of the file.
func grave(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errs.New(errs.Cancelled, "stopped while looking into a film")
	case errs.Is(err, errs.Unavailable), errs.Is(err, errs.Cancelled):
		return err
	}
	return nil
}

func seconds(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

func inMemory(b []byte) media.Source {
	return media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}
