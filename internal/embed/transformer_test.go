package embed

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

type golden []struct {
	Text   string
	Vector []float32
}

func (g golden) texts() []string {
	var out []string
	for _, c := range g {
		out = append(out, c.Text)
	}
	return out
}

// agree fails where e's vectors are not those of the reference.
func (g golden) agree(t *testing.T, e Embedder, tolerance float64) {
	t.Helper()
	got, err := e.Embed(context.Background(), g.texts())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range g {
		if len(got[i]) != e.Dim() || len(c.Vector) != e.Dim() {
			t.Fatalf("%q: %d numbers, the reference has %d, Dim is %d", c.Text, len(got[i]), len(c.Vector), e.Dim())
		}
		for j, want := range c.Vector {
			if off := math.Abs(float64(got[i][j] - want)); off > tolerance {
				t.Errorf("%q: number %d is %v, want %v", c.Text, j, got[i][j], want)
				break
			}
		}
	}
}

func TestTransformerAgreesWithTheReference(t *testing.T) {
	e, err := Transformer("testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	readJSON(t, "testdata/tiny.json", &g)
	g.agree(t, e, 2e-6)
	again, err := Transformer("testdata/tiny")
	if err != nil || again.Name() != e.Name() || len(e.Name()) > MaxName {
		t.Errorf("its name is %q, and then %q: %v", e.Name(), again.Name(), err)
	}
	none, err := e.Embed(context.Background(), []string{"", " \xff"})
	if err != nil || none[0][0] != 0 || none[1][0] != 0 {
		t.Errorf("no words have the vectors %v: %v", none, err)
	}
}

// TestRealModel needs the model's own folder, which tools/distill unpacks.
func TestRealModelAgreesWithTheReference(t *testing.T) {
	const folder = "../../tools/distill/minilm-l6-v2"
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no model in %s: tools/distill/distill.py puts it there", folder)
	}
	e, err := Transformer(folder)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	readJSON(t, "testdata/minilm.json", &g)
	g.agree(t, e, 2e-5)
}

func TestTransformerStopsWhenCancelled(t *testing.T) {
	e, err := Transformer("testdata/tiny")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Embed(ctx, []string{"a", "b"}); !errs.Is(err, errs.Cancelled) {
		t.Errorf("%v", err)
	}
}

// folder copies the tiny model; each of changes may alter a file, and nil takes
// it away.
func folder(t *testing.T, changes map[string]func(text string) string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]func(string) string{}
	maps.Copy(files, changes)
	for _, f := range []string{"config.json", "vocab.txt", "model.safetensors"} {
		if _, changed := files[f]; !changed {
			files[f] = func(s string) string { return s }
		}
	}
	for f, change := range files {
		if change == nil {
			continue
		}
		b, _ := os.ReadFile(filepath.Join("testdata/tiny", f)) // some are new
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f), []byte(change(string(b))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func replace(old, with string) func(string) string {
	return func(s string) string {
		if !strings.Contains(s, old) {
			panic("no " + old)
		}
		return strings.Replace(s, old, with, 1)
	}
}

func text(s string) func(string) string { return func(string) string { return s } }

func TestHostileModelFoldersAreRefused(t *testing.T) {
	const weights, config = "model.safetensors", "config.json"
	nan := string(binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN()))))
	for name, c := range map[string]struct {
		file   string
		change func(string) string
		kind   errs.Kind
	}{
		"no configuration":       {config, nil, errs.NotFound},
		"no weights":             {weights, nil, errs.NotFound},
		"no vocabulary":          {"vocab.txt", nil, errs.NotFound},
		"configuration no JSON":  {config, text("{"), errs.Invalid},
		"configuration too long": {config, text(strings.Repeat(" ", maxConfigFile+1)), errs.Invalid},
		"another type":           {config, replace(`"bert"`, `"llama"`), errs.Unsupported},
		"another activation":     {config, replace(`"gelu"`, `"relu"`), errs.Unsupported},
		"width of gigabytes":     {config, replace(`"hidden_size":16`, `"hidden_size":1000000000`), errs.Invalid},
		"width below zero":       {config, replace(`"hidden_size":16`, `"hidden_size":-16`), errs.Invalid},
		"width as text":          {config, replace(`"hidden_size":16`, `"hidden_size":"16"`), errs.Invalid},
		"another width":          {config, replace(`"hidden_size":16`, `"hidden_size":32`), errs.Invalid},
		"heads do not divide":    {config, replace(`"num_attention_heads":4`, `"num_attention_heads":3`), errs.Invalid},
		"too many layers":        {config, replace(`"num_hidden_layers":2`, `"num_hidden_layers":64`), errs.Invalid},
		"huge vocabulary":        {config, replace(`"vocab_size":73`, `"vocab_size":1048576`), errs.Invalid},
		"no places":              {config, replace(`"max_position_embeddings":32`, `"max_position_embeddings":2`), errs.Invalid},
		"epsilon of nothing":     {config, replace(`"layer_norm_eps":1e-12`, `"layer_norm_eps":0`), errs.Invalid},
		"weights empty":          {weights, text(""), errs.Invalid},
		"weights cut off":        {weights, func(s string) string { return s[:len(s)/2] }, errs.Invalid},
		"directory of terabytes": {weights, func(s string) string { return "\xff\xff\xff\xff\xff\xff\xff\x7f" + s[8:] }, errs.Invalid},
		"directory no JSON":      {weights, func(s string) string { return s[:8] + "x" + s[9:] }, errs.Invalid},
		"offsets below zero":     {weights, replace(`"data_offsets":[0,`, `"data_offsets":[-`), errs.Invalid},
		"another shape":          {weights, replace(`"shape":[73,16]`, `"shape":[16,73]`), errs.Invalid},
		"another type of number": {weights, replace(`"F32"`, `"I64"`), errs.Invalid},
		"half as many bytes":     {weights, replace(`"F32"`, `"F16"`), errs.Invalid},
		"not a number":           {weights, func(s string) string { return s[:len(s)-4] + nan }, errs.Invalid},
		"vocabulary too long":    {"vocab.txt", func(s string) string { return s + "more\n" }, errs.Invalid},
		"vocabulary no UTF-8":    {"vocab.txt", replace("dog", "d\xffg"), errs.Invalid},
		"vocabulary no start":    {"vocab.txt", replace("[CLS]", "[XXX]"), errs.Invalid},
		"pooling by the largest": {"1_Pooling/config.json", text(`{"pooling_mode_max_tokens":true}`), errs.Unsupported},
		"a dense layer":          {"2_Dense/config.json", text(`{}`), errs.Unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := Transformer(folder(t, map[string]func(string) string{c.file: c.change}))
			if e != nil || !errs.Is(err, c.kind) || errs.RemedyOf(err) == "" {
				t.Errorf("%v (%q, remedy %q), want %s", err, errs.KindOf(err), errs.RemedyOf(err), c.kind)
			}
		})
	}
}

func TestTransformerMinds(t *testing.T) {
	embed := func(changes map[string]func(string) string, s string) (string, []float32) {
		e, err := Transformer(folder(t, changes))
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.Embed(context.Background(), []string{s})
		if err != nil {
			t.Fatal(err)
		}
		return e.Name(), v[0]
	}
	name, mean := embed(nil, "the dog")
	for what, changes := range map[string]map[string]func(string) string{
		"the first piece alone": {"1_Pooling/config.json": text(`{"pooling_mode_cls_token":true}`)},
		"fewer pieces":          {"sentence_bert_config.json": text(`{"max_seq_length":3}`)},
		"capitals":              {"tokenizer_config.json": text(`{"do_lower_case":false}`)},
	} {
		other, v := embed(changes, "the Dog")
		if other == name || v[0] == mean[0] {
			t.Errorf("%s: nothing changed", what)
		}
	}
	if _, lower := embed(nil, "THE DOG"); lower[0] != mean[0] {
		t.Error("capitals count")
	}
}

func TestHalf(t *testing.T) {
	for bits, want := range map[uint16]float32{0: 0, 0x3c00: 1, 0xc000: -2, 0x3555: 0.33325195, 0x0001: 5.9604645e-08, 0x7bff: 65504, 0x8400: -6.1035156e-05} {
		if got := half(bits); got != want {
			t.Errorf("%#x is %v, want %v", bits, got, want)
		}
	}
	if !math.IsInf(float64(half(0xfc00)), -1) || !math.IsNaN(float64(half(0x7c01))) {
		t.Error("what is no number")
	}
}

// FuzzWeights lays bytes over the weights' file, its directory above all.
func FuzzWeights(f *testing.F) {
	f.Add(0, []byte{255, 255, 255}, 1<<20)
	f.Add(8, []byte(`{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}`), 1<<20)
	f.Add(60, []byte("9999999"), 20000)
	whole, err := os.ReadFile("testdata/tiny/model.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at int, patch []byte, length int) {
		if at < 0 || at > len(whole) || length < 0 {
			return
		}
		b := []byte(string(whole))
		copy(b[at:], patch)
		e, err := Transformer(folder(t, map[string]func(string) string{"model.safetensors": text(string(b[:min(length, len(b))]))}))
		if err != nil {
			if kind := errs.KindOf(err); kind != errs.Invalid {
				t.Fatalf("%s: %v", kind, err)
			}
			return
		}
		if _, err := e.Embed(context.Background(), []string{"the dog"}); err != nil {
			t.Fatal(err)
		}
	})
}

// BenchmarkTransformer needs the model's own folder, as the test does.
func BenchmarkTransformer(b *testing.B) {
	e, err := Transformer("../../tools/distill/minilm-l6-v2")
	if err != nil {
		b.Skip(err)
	}
	words := strings.Fields(strings.Repeat("this program copies the photographs of a camera into folders by day ", 10))
	for b.Loop() {
		if _, err := e.Embed(context.Background(), []string{strings.Join(words, " ")}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(words))*float64(b.N)/b.Elapsed().Seconds(), "words/s")
}
