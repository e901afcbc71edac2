package embed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	maxConfigFile = 1 << 20
	maxVocabFile  = 32 << 20
	maxLength     = 512 // pieces a transformer looks at: the work grows with their square
	folderRemedy  = "Name the folder of a BERT sentence transformer, with config.json, vocab.txt and model.safetensors, such as all-MiniLM-L6-v2."
)

// transformer is a sentence transformer of the BERT family.
type transformer struct {
	*bert
	*wordPiece
	name       string
	start, end int32
	length     int  // pieces it looks at, the marks of begin and end included
	firstOnly  bool // the vector of the first piece stands for the text, not their mean
}

// Transformer opens a sentence transformer in a folder, as published for
// sentence-transformers: a BERT model (config.json, vocab.txt, model.safetensors)
// whose pooling is the mean or the first piece. It reads the whole model, which
// takes about a second and four bytes of memory for each weight. To embed is work
// for the processors: some 10 ms a word on one core for a model of the size of
// MiniLM-L6; it uses as many cores as there are, up to one a text. Longer texts
// than the model was made for are cut off.
//
// Errors: errs.NotFound (a file is missing), errs.Invalid (a file is damaged, or
// does not fit the others), errs.Unsupported (another kind of model).
func Transformer(folder string) (Embedder, error) {
	t, err := openTransformer(folder)
	if err == nil {
		return t, nil
	}
	kind := errs.Invalid
	var known *errs.Error
	if errors.As(err, &known) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		kind = errs.KindOf(err)
	}
	return nil, errs.New(kind, "the model cannot be used: %w", err).At(folder).Try(folderRemedy)
}

func openTransformer(folder string) (*transformer, error) {
	sum := sha256.New()
	var config bertConfig
	if err := readConfig(folder, "config.json", &config, sum); err != nil {
		return nil, err
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	t := &transformer{length: min(config.Positions, maxLength)}
	if err := t.readSetup(folder, sum); err != nil {
		return nil, err
	}
	if err := t.readVocab(folder, config.Vocab, sum); err != nil {
		return nil, fmt.Errorf("vocab.txt: %w", err)
	}
	f, err := openRegular(filepath.Join(folder, "model.safetensors"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	from, err := readTensors(f)
	if err == nil {
		t.bert, err = loadBERT(config, from)
	}
	if err == nil {
		_, err = io.Copy(sum, io.NewSectionReader(f, 0, maxModelFile))
	}
	if err != nil {
		return nil, fmt.Errorf("model.safetensors: %w", err)
	}
	t.name = fmt.Sprintf("bert-%d-%s", config.Width, hex.EncodeToString(sum.Sum(nil)[:12]))
	return t, nil
}

// readSetup reads how the model wants its texts, and what becomes of its answer.
// The files are optional; what they usually say is taken then.
func (t *transformer) readSetup(folder string, sum io.Writer) error {
	var length struct {
		Max int `json:"max_seq_length"`
	}
	var pooling struct {
		Mean  *bool `json:"pooling_mode_mean_tokens"`
		First bool  `json:"pooling_mode_cls_token"`
		Max   bool  `json:"pooling_mode_max_tokens"`
		Sqrt  bool  `json:"pooling_mode_mean_sqrt_len_tokens"`
	}
	var tokens struct {
		Lower *bool `json:"do_lower_case"`
	}
	for file, to := range map[string]any{"sentence_bert_config.json": &length, "1_Pooling/config.json": &pooling, "tokenizer_config.json": &tokens} {
		if err := readConfig(folder, file, to, io.Discard); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "2_Dense")); err == nil {
		return errs.New(errs.Unsupported, "it has another layer after the pooling")
	}
	mean := !pooling.First && pooling.Mean == nil || pooling.Mean != nil && *pooling.Mean
	if pooling.Max || pooling.Sqrt || mean == pooling.First {
		return errs.New(errs.Unsupported, "its pooling is neither the mean nor the first piece")
	}
	if length.Max > 2 {
		t.length = min(t.length, length.Max)
	}
	t.firstOnly = pooling.First
	t.wordPiece = &wordPiece{cased: tokens.Lower != nil && !*tokens.Lower}
	_, err := fmt.Fprintf(sum, "%d %t %t\n", t.length, t.firstOnly, t.cased)
	return err
}

func (t *transformer) readVocab(folder string, most int, sum io.Writer) error {
	text, err := readSmall(filepath.Join(folder, "vocab.txt"), maxVocabFile)
	if err != nil {
		return err
	}
	vocab := strings.TrimSuffix(string(text), "\n")
	if n := strings.Count(vocab, "\n") + 1; n > most {
		return fmt.Errorf("it has %d pieces, and the model only %d", n, most)
	}
	cased := t.cased
	if t.wordPiece, err = newWordPiece(vocab); err != nil {
		return err
	}
	t.cased = cased
	var start, end bool
	t.start, start = t.first[startPiece]
	t.end, end = t.first[endPiece]
	if !start || !end {
		return errors.New("it lacks " + startPiece + " or " + endPiece)
	}
	_, err = sum.Write(text)
	return err
}

// readConfig reads a small JSON file.
func readConfig(folder, file string, to any, sum io.Writer) error {
	text, err := readSmall(filepath.Join(folder, filepath.FromSlash(file)), maxConfigFile)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err == nil {
		_, err = sum.Write(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// openRegular opens a file that is one: a pipe would make us wait for ever.
func openRegular(path string) (*os.File, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", filepath.Base(path))
	}
	return os.Open(path)
}

func readSmall(path string, most int64) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("it has more than the %d bytes allowed", most)
	}
	return b, err
}

func (t *transformer) Dim() int     { return t.Width }
func (t *transformer) Name() string { return t.name }

// Embed is as Embedder says; only a cancelled context makes it fail.
func (t *transformer) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(len(texts), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := range next {
				out[i] = t.embed(ctx, texts[i])
			}
		})
	}
	for i := range texts {
		next <- i
	}
	close(next)
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, errs.In("embed", err)
	}
	return out, nil
}

// embed returns the vector of one text; once ctx ended, anything.
func (t *transformer) embed(ctx context.Context, text string) []float32 {
	ids := []int32{t.start}
	t.pieces(text, func(id int32) bool {
		ids = append(ids, id)
		return len(ids) < t.length-1
	})
	v := make([]float32, t.Width)
	if len(ids) == 1 {
		return v
	}
	states := t.forward(ctx, append(ids, t.end))
	if t.firstOnly {
		states = states[:t.Width]
	}
	for i, x := range states {
		v[i%t.Width] += x
	}
	normalize(v)
	return v
}
