package embed

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/stardrive/stardrive/internal/errs"
)

// bertConfig is the part of a model's config.json that its shape depends on.
type bertConfig struct {
	Type       string  `json:"model_type"`
	Width      int     `json:"hidden_size"`
	Layers     int     `json:"num_hidden_layers"`
	Heads      int     `json:"num_attention_heads"`
	Inner      int     `json:"intermediate_size"`
	Positions  int     `json:"max_position_embeddings"`
	Vocab      int     `json:"vocab_size"`
	Types      int     `json:"type_vocab_size"`
	Activation string  `json:"hidden_act"`
	Epsilon    float64 `json:"layer_norm_eps"`
	Places     string  `json:"position_embedding_type"`
}

// check refuses what is not a BERT, and sizes no such model has.
func (c *bertConfig) check() error {
	if c.Type != "bert" || c.Activation != "gelu" || c.Places != "" && c.Places != "absolute" {
		return errs.New(errs.Unsupported, "only models of type bert with the activation gelu and absolute positions can be used, and not %.20q, %.20q, %.20q", c.Type, c.Activation, c.Places)
	}
	for _, x := range []struct {
		name   string
		n, max int
	}{
		{"hidden_size", c.Width, maxDim}, {"num_hidden_layers", c.Layers, 64}, {"num_attention_heads", c.Heads, 128},
		{"intermediate_size", c.Inner, 1 << 15}, {"max_position_embeddings", c.Positions, 1 << 13}, {"vocab_size", c.Vocab, 1 << 20}, {"type_vocab_size", c.Types, 16},
	} {
		if x.n < 1 || x.n > x.max {
			return fmt.Errorf("%s is %d, and must be from 1 to %d", x.name, x.n, x.max)
		}
	}
	switch {
	case c.Width%c.Heads != 0:
		return fmt.Errorf("hidden_size %d is no multiple of num_attention_heads %d", c.Width, c.Heads)
	case c.Positions < 3:
		return errors.New("max_position_embeddings leaves no room for a text")
	case !(c.Epsilon > 0 && c.Epsilon < 1):
		return fmt.Errorf("layer_norm_eps is %v, and must be between 0 and 1", c.Epsilon)
	}
	return nil
}

// bert is a model's weights.
type bert struct {
	bertConfig
	words, places, kind []float32
	norm                scaling
	layers              []bertLayer
}

type bertLayer struct {
	query, key, value, mixed linear
	mixedNorm                scaling
	inner, outer             linear
	outerNorm                scaling
}

// linear is a matrix of out rows and in columns, and what is added then.
type linear struct {
	in, out      int
	weight, bias []float32
}

// scaling is what a layer norm multiplies by and adds.
type scaling struct{ weight, bias []float32 }

// loader reads arrays until one is not as it should be.
type loader struct {
	*tensors
	prefix string
	err    error
}

func (l *loader) get(name string, shape ...int) []float32 {
	if l.err != nil {
		return nil
	}
	var out []float32
	out, l.err = l.load(l.prefix+name, shape...)
	return out
}

func (l *loader) linear(name string, in, out int) linear {
	return linear{in, out, l.get(name+".weight", out, in), l.get(name+".bias", out)}
}

func (l *loader) scaling(name string, n int) scaling {
	return scaling{l.get(name+".weight", n), l.get(name+".bias", n)}
}

func loadBERT(c bertConfig, from *tensors) (*bert, error) {
	l := &loader{tensors: from}
	if _, plain := from.dir["embeddings.word_embeddings.weight"]; !plain {
		l.prefix = "bert."
	}
	b := &bert{bertConfig: c}
	b.words = l.get("embeddings.word_embeddings.weight", c.Vocab, c.Width)
	b.places = l.get("embeddings.position_embeddings.weight", c.Positions, c.Width)
	b.kind = l.get("embeddings.token_type_embeddings.weight", c.Types, c.Width)
	b.norm = l.scaling("embeddings.LayerNorm", c.Width)
	for i := range c.Layers {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		b.layers = append(b.layers, bertLayer{
			query:     l.linear(at+"attention.self.query", c.Width, c.Width),
			key:       l.linear(at+"attention.self.key", c.Width, c.Width),
			value:     l.linear(at+"attention.self.value", c.Width, c.Width),
			mixed:     l.linear(at+"attention.output.dense", c.Width, c.Width),
			mixedNorm: l.scaling(at+"attention.output.LayerNorm", c.Width),
			inner:     l.linear(at+"intermediate.dense", c.Width, c.Inner),
			outer:     l.linear(at+"output.dense", c.Inner, c.Width),
			outerNorm: l.scaling(at+"output.LayerNorm", c.Width),
		})
		if l.err != nil {
			break // there may be very few of the many layers
		}
	}
	return b, l.err
}

// forward returns the last states of the pieces, Width numbers each; once ctx
// ended, anything. There are at most Positions ids, each less than Vocab.
func (b *bert) forward(ctx context.Context, ids []int32) []float32 {
	n, w := len(ids), b.Width
	x := make([]float32, n*w)
	for i, id := range ids {
		word, place := b.words[int(id)*w:][:w], b.places[i*w:][:w]
		for j := range word {
			x[i*w+j] = word[j] + place[j] + b.kind[j]
		}
	}
	b.norm.apply(x, b.Epsilon)
	q, k, v, mixed, back := make([]float32, n*w), make([]float32, n*w), make([]float32, n*w), make([]float32, n*w), make([]float32, n*w)
	inner := make([]float32, n*b.Inner)
	for i := range b.layers {
		if ctx.Err() != nil {
			return x
		}
		l := &b.layers[i]
		l.query.apply(q, x)
		l.key.apply(k, x)
		l.value.apply(v, x)
		b.attend(mixed, q, k, v)
		l.mixed.apply(back, mixed)
		add(x, back)
		l.mixedNorm.apply(x, b.Epsilon)
		l.inner.apply(inner, x)
		gelu(inner)
		l.outer.apply(back, inner)
		add(x, back)
		l.outerNorm.apply(x, b.Epsilon)
	}
	return x
}

// attend gives each piece the mean of all values, weighted by how well its query
// goes with their keys, for each head apart.
func (b *bert) attend(out, q, k, v []float32) {
	w, size := b.Width, b.Width/b.Heads
	n := len(q) / w
	clear(out)
	scores := make([]float32, n)
	scale := float32(1 / math.Sqrt(float64(size)))
	for from := 0; from < w; from += size {
		for i := range n {
			query := q[i*w+from:][:size]
			for j := range n {
				scores[j] = scale * dot(query, k[j*w+from:][:size])
			}
			softmax(scores)
			to := out[i*w+from:][:size]
			for j, s := range scores {
				for d, x := range v[j*w+from:][:size] {
					to[d] += s * x
				}
			}
		}
	}
}
