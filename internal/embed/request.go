package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

const (
	maxAnswerHead = 64 << 10 // of an answer, beside its numbers
	maxNumber     = 32       // bytes of a number in an answer
	maxComplaint  = 200      // bytes of what a service says of an error that are told
)

// Probe asks an endpoint for the vector of one word, and returns its length. Of e,
// Dim does not count. Errors: as of HTTP, and of Embed.
func Probe(ctx context.Context, e Endpoint) (dim int, err error) {
	x, err := newRemote(e)
	if err != nil {
		return 0, err
	}
	defer x.Close()
	x.to.Dim = 0
	v, err := x.request(ctx, []string{"word"})
	if err != nil {
		return 0, err
	}
	return len(v[0]), nil
}

// Embed is as Embedder says. What the service does not do in time, or refuses for
// now, is errs.Unavailable; a key it does not know, errs.Denied; a model or text it
// does not take, and an answer that is none, errs.Invalid.
func (r *Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for len(texts) > 0 {
		n := min(len(texts), r.to.Batch)
		some, err := r.askFor(ctx, texts[:n])
		if err != nil {
			return nil, err
		}
		out, texts = append(out, some...), texts[n:]
	}
	return out, nil
}

// askFor asks for the texts that have a word; services refuse the others.
func (r *Remote) askFor(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var ask []string
	var place []int
	for i, t := range texts {
		t = strings.ToValidUTF8(t, "")
		if strings.ContainsFunc(t, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }) {
			ask, place = append(ask, t), append(place, i)
		}
		out[i] = make([]float32, r.to.Dim)
	}
	if len(ask) == 0 {
		return out, errs.In("embed", ctx.Err())
	}
	answers, err := r.request(ctx, ask)
	if err != nil {
		return nil, err
	}
	for i, v := range answers {
		out[place[i]] = v
	}
	return out, nil
}

// request makes one request. Where Dim is 0, vectors of any one length will do.
func (r *Remote) request(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(map[string]any{"model": r.to.Model, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, errs.In("embed", err)
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return nil, errs.In("embed", err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept", "application/json")
	if k := r.to.Key.Reveal(); k != "" {
		q.Header.Set("Authorization", "Bearer "+k)
	}
	answer, err := r.client.Do(q)
	if err != nil {
		return nil, r.unreachable(ctx, err)
	}
	defer answer.Body.Close()
	dim := r.to.Dim
	if dim == 0 {
		dim = maxDim
	}
	most := int64(maxAnswerHead) + int64(len(texts))*int64(dim)*maxNumber
	text, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	switch {
	case err != nil:
		return nil, r.unreachable(ctx, err)
	case answer.StatusCode != http.StatusOK:
		return nil, r.complaint(answer.StatusCode, text)
	case int64(len(text)) > most:
		return nil, r.nonsense("the answer has more than %d bytes", most)
	}
	return r.vectors(text, len(texts))
}

// vectors reads an answer to n texts.
func (r *Remote) vectors(text []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int      `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, r.nonsense("the answer cannot be read: %w", err)
	}
	if len(answer.Data) != n {
		return nil, r.nonsense("there are %d vectors for %d texts", len(answer.Data), n)
	}
	out := make([][]float32, n)
	dim := r.to.Dim
	for i, d := range answer.Data {
		if d.Index != nil {
			i = *d.Index
		}
		if i < 0 || i >= n || out[i] != nil {
			return nil, r.nonsense("one text has no vector, and another one two")
		}
		if dim == 0 {
			dim = len(d.Embedding)
		}
		if len(d.Embedding) != dim || dim < 1 || dim > maxDim {
			return nil, r.nonsense("a vector has %d numbers, and not %d", len(d.Embedding), dim)
		}
		normalize(d.Embedding)
		out[i] = d.Embedding
	}
	return out, nil
}

// nonsense is an answer that is none.
func (r *Remote) nonsense(format string, args ...any) error {
	err := errs.New(errs.Invalid, format, args...).At(r.url).Try("Check the endpoint's address and the name of its model.")
	return errs.In("embed", err)
}

// unreachable is the error of a request that got no answer.
func (r *Remote) unreachable(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return errs.In("embed", ctx.Err())
	case errors.Is(err, errRedirect):
		return r.nonsense("the endpoint sends us to another place, where we do not go")
	}
	return errs.In("embed", errs.New(errs.Unavailable, "the endpoint gives no answer: %w", err).At(r.url).Try("Check that it runs and can be reached; what waits is tried again."))
}

// complaint is the error of an answer with a bad status.
func (r *Remote) complaint(status int, text []byte) error {
	kind, remedy := errs.Unavailable, "Try again later."
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		kind, remedy = errs.Denied, "Check the endpoint's key."
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
	default:
		if status < 500 {
			kind, remedy = errs.Invalid, "Check the endpoint's address and the name of its model."
		}
	}
	return errs.In("embed", errs.New(kind, "the endpoint answers %d %s: %s", status, http.StatusText(status), r.excerpt(text)).At(r.url).Try(remedy))
}

// excerpt is the beginning of what a service says, without the key if it repeats
// that, and without signs that a terminal would obey.
func (r *Remote) excerpt(text []byte) string {
	s := string(text)
	if k := r.to.Key.Reveal(); k != "" {
		s = strings.ReplaceAll(s, k, secret.Hidden)
	}
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }), " ")
	if len(s) > maxComplaint {
		s = strings.ToValidUTF8(s[:maxComplaint], "") + "…"
	}
	return s
}
