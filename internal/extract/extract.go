// Package extract looks into files: it implements media.Decoder by decoders for
// every format, each of which runs in a worker process. What decoders there are
// stands in one table; each is a function of a media.Ask and the bytes of a file,
// and knows nothing of processes, libraries and places.
//
// Adding a format: a package below this one with a function of type Derive, and a
// row in table.
package extract

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/film"
	"github.com/stardrive/stardrive/internal/extract/members"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/worker"
)

// Derive derives from one file what ask wants of it, as far as the format has it.
// It runs in a child process that has nothing but src: no files, no network, no
// other programs, bounded memory and time. An error is why the file gives
// nothing, in words for people ("is encrypted"); it never panics on purpose.
type Derive func(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error)

// Options of a Decoder.
type Options struct {
	Pool *worker.Pool // required; whoever made it closes it
	Log  *slog.Logger
}

// Decoder implements media.Decoder, media.Hurrier and media.Lacking.
type Decoder struct {
	pool   *worker.Pool
	log    *slog.Logger
	urgent bool
	tools  tools
	ocr    *languages
}

// New makes a decoder; it looks once for the programs that may help.
func New(o Options) *Decoder {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Decoder{pool: o.Pool, log: o.Log, tools: findTools(o.Pool), ocr: &languages{}}
}

// Hurry returns the same decoder with a lane of its own.
func (d *Decoder) Hurry() media.Decoder {
	h := *d
	h.urgent, h.tools.urgent = true, true
	return &h
}

// Archives returns what looks into archives by the same processes.
func (d *Decoder) Archives() members.Reader { return members.Reader{Pool: d.pool, Deadline: deadline} }

// Missing tells which programs are not installed, and what is lost by it.
func (d *Decoder) Missing() []string { return d.tools.missing() }

// Derive implements media.Decoder.
func (d *Decoder) Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	r, ok := new(engines).rowOf(ask) // of it the name alone is used here
	if !ok || src.Size == 0 {
		return media.Answer{}, nil
	}
	answer, err := d.derive(ctx, r, ask, src)
	if err == nil && r.tools {
		err = film.Complete(ctx, d.tools, d.look, ask, src, &answer)
	}
	if err == nil && r.letters {
		err = d.read(ctx, ask, src, &answer)
	}
	var died *worker.Died
	if errors.As(err, &died) {
		d.log.Warn("A decoder was ended", "decoder", r.name, "size", src.Size, "reason", died.Reason)
		return media.Answer{}, poison(died)
	}
	if err != nil {
		return media.Answer{}, err
	}
	check(ask, &answer)
	return answer, nil
}

// poison is how a child that ended for its file is told of.
func poison(died *worker.Died) error {
	if died.Late {
		return &media.Poison{Reason: media.TooLong}
	}
	return &media.Poison{Reason: died.Reason}
}

// look looks into a picture that a program has made of the file.
func (d *Decoder) look(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	r, ok := new(engines).rowOf(ask)
	if !ok {
		return media.Answer{}, errUnknown
	}
	answer, err := d.derive(ctx, r, ask, src)
	if err != nil {
		return media.Answer{}, err
	}
	check(ask, &answer)
	return answer, nil
}

func (d *Decoder) derive(ctx context.Context, r row, ask media.Ask, src media.Source) (media.Answer, error) {
	body, err := encode(ask)
	if err != nil {
		return media.Answer{}, err
	}
	out, err := d.pool.Do(ctx, worker.Ask{Body: body, Source: src, Size: src.Size, Deadline: deadline(src.Size), Urgent: d.urgent, Ready: r.slow})
	if err != nil {
		return media.Answer{}, err
	}
	answer, err := decodeAnswer(out)
	if err != nil {
		return media.Answer{}, &worker.Died{Reason: "what its decoder says makes no sense"}
	}
	return answer, nil
}

// deadline is how long a file may take: what is large may take longer, to an end.
func deadline(size int64) time.Duration {
	const base, most, perSecond = 20 * time.Second, 2 * time.Minute, 4 << 20
	return min(most, base+time.Duration(size/perSecond)*time.Second)
}

// failed says of everything that was wanted why there is none.
func failed(ask media.Ask, why error) media.Answer {
	a := media.Answer{Failed: map[media.Kind]string{}}
	for _, k := range ask.Want {
		a.Failed[k] = why.Error()
	}
	return a
}

// errUnknown: the child has another table than the parent, which cannot be.
var errUnknown = errs.New(errs.Internal, "no decoder for this file")
