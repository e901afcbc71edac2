package app

import (
	"bytes"
	"context"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

// checkTime is how long the doctor waits for an endpoint.
const checkTime = 3 * time.Second

// embedder makes vectors of texts as the settings want it; nil: nothing does.
// What cannot be had is told in the log, and the built-in model takes its place.
// late is called when an endpoint answered what a search did not wait for.
func (d *daemon) embedder(late func()) embed.Embedder {
	m := d.settings.Meaning
	e, err := chosen(m, late)
	if err != nil {
		d.log.Warn("The model of the settings cannot be used, and the built-in one is", "model", m.Model, "error", err)
		return embed.Static()
	}
	return e
}

func chosen(m config.Meaning, late func()) (embed.Embedder, error) {
	switch m.Model {
	case "off":
		return nil, nil
	case "folder":
		return embed.Transformer(m.Folder)
	case "endpoint":
		e := embed.Endpoint{Base: m.Base, Model: m.Name, Dim: m.Dim, Late: late}
		if m.KeyFile != "" {
			key, err := os.ReadFile(m.KeyFile)
			if err != nil {
				return nil, errs.New(errs.KindOf(err), "the key of the endpoint cannot be read: %w", err).At(m.KeyFile)
			}
			e.Key = secret.New(string(bytes.TrimSpace(key)))
		}
		return embed.HTTP(e)
	}
	return embed.Static(), nil
}

// checkMeaning tells for the doctor how what makes vectors does.
func (r *runtime) checkMeaning(ctx context.Context) (good string, err error) {
	switch e := r.meaning.(type) {
	case nil:
		return "is switched off", nil
	case *embed.Remote:
		ctx, stop := context.WithTimeout(ctx, checkTime)
		defer stop()
		took, err := e.Check(ctx)
		if err != nil && ctx.Err() != nil {
			err = errs.New(errs.Unavailable, "the endpoint gives no answer within %v; searches find by names and words meanwhile", checkTime).
				Try("Check that it runs and can be reached; it stands in config.json as meaning.base.")
		}
		return "the endpoint answers in " + took.Round(time.Millisecond).String(), err
	}
	return "is there: " + r.meaning.Name(), nil
}

// closeMeaning ends what was asked of an endpoint, once nobody asks any more.
func (r *runtime) closeMeaning() {
	if e, ok := r.meaning.(*embed.Remote); ok {
		e.Close()
	}
}
