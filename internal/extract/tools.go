package extract

import (
	"context"
	"os"

	"github.com/stardrive/stardrive/internal/worker"
)

// optional lists the programs that help when they are installed, and what is lost
// without them.
func optional() []struct{ name, lost string } {
	return []struct{ name, lost string }{
		{"ffmpeg", "ffmpeg is not installed: videos have no pictures."},
		{"ffprobe", "ffprobe is not installed: less is known of videos and music."},
		{"tesseract", "tesseract is not installed: the text of scanned pages and photos is not found."},
	}
}

// tools runs programs that are not ours, closed in.
type tools struct {
	pool   *worker.Pool
	paths  map[string]string
	urgent bool
}

func findTools(pool *worker.Pool) tools {
	t := tools{pool: pool, paths: map[string]string{}}
	for _, o := range optional() {
		if path := worker.FindTool(o.name); path != "" && worker.ToolFile != "" {
			t.paths[o.name] = path
		}
	}
	return t
}

func (t tools) missing() []string {
	var out []string
	for _, o := range optional() {
		if t.paths[o.name] == "" {
			out = append(out, o.lost)
		}
	}
	return out
}

// Has tells whether a program can be run.
func (t tools) Has(program string) bool { return t.paths[program] != "" }

// Run runs a program; in is the file, which it opens by the name worker.ToolFile.
// Errors are those of worker.Pool.Tool.
func (t tools) Run(ctx context.Context, program string, args []string, in *os.File, maxOut int64) ([]byte, error) {
	return t.run(ctx, program, worker.Tool{Args: args, In: in, MaxOut: maxOut})
}

func (t tools) run(ctx context.Context, program string, w worker.Tool) ([]byte, error) {
	w.Path, w.Urgent = t.paths[program], t.urgent
	return t.pool.Tool(ctx, w)
}
