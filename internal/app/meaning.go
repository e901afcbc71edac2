package app

import (
	"bytes"
	"os"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

// embedder makes vectors of texts as the settings want it; nil: nothing does.
// What cannot be had is told in the log, and the built-in model takes its place.
func (d *daemon) embedder() embed.Embedder {
	m := d.settings.Meaning
	e, err := chosen(m)
	if err != nil {
		d.log.Warn("The model of the settings cannot be used, and the built-in one is", "model", m.Model, "error", err)
		return embed.Static()
	}
	return e
}

func chosen(m config.Meaning) (embed.Embedder, error) {
	switch m.Model {
	case "off":
		return nil, nil
	case "folder":
		return embed.Transformer(m.Folder)
	case "endpoint":
		e := embed.Endpoint{Base: m.Base, Model: m.Name, Dim: m.Dim}
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
