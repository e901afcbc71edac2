package app

import (
	"context"
	"log/slog"
	"strings"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract"
	"github.com/stardrive/stardrive/internal/worker"
)

// Work is the program as a worker process, with the arguments after worker.Verb;
// it returns the status to exit with.
func Work(args []string) int { return worker.Main(args, extract.Setup) }

// decoders are the worker processes and what they are used for.
type decoders struct {
	pool *worker.Pool
	*extract.Decoder
}

// newDecoders makes them. In folder they keep what is slow to get ready; it holds
// programs, so it must be nobody else's.
func newDecoders(folder string, log *slog.Logger) decoders {
	if err := durable.Folder(folder); err != nil {
		log.Warn("There is no folder for decoders: they are slow to start", "error", err)
		folder = ""
	}
	pool := worker.New(worker.Options{Folder: folder, Log: log})
	return decoders{pool, extract.New(extract.Options{Pool: pool, Log: log})}
}

// state tells for the doctor how the worker processes are closed in.
func (d decoders) state(ctx context.Context) (good string, err error) {
	if err := d.pool.Probe(ctx); err != nil {
		return "", err
	}
	var stand, lack []string
	for _, w := range d.pool.Walls() {
		if w.Err == "" {
			stand = append(stand, w.Name)
		} else {
			lack = append(lack, w.Name+" ("+w.Err+")")
		}
	}
	good = "run apart, kept in by " + strings.Join(stand, ", ")
	if len(lack) > 0 {
		good += "; without " + strings.Join(lack, ", ")
	}
	if len(stand) == 0 {
		return "", errs.New(errs.Unsupported, "nothing keeps them in: without %s", strings.Join(lack, ", "))
	}
	return good, nil
}
