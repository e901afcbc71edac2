package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// client speaks to one daemon over its socket. It does not retry what a daemon
// may have received.
type client struct {
	http    *http.Client
	library string
	log     string // the daemon's log, for remedies

	// revive starts a daemon after the one that was there has gone; nil: none is
	// started. It is used once.
	revive func(ctx context.Context) error
}

// newClient dials the data folder's socket on demand. Nothing is sent through a proxy.
func newClient(p config.Layout, library string) *client {
	socket := p.Socket()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &client{library: library, log: p.Log(), http: &http.Client{
		Transport:     &http.Transport{DialContext: dial, MaxIdleConns: 4, IdleConnTimeout: time.Minute, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// health is what GET /v1/health answers.
type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// health asks whether a daemon answers on the socket. While none does, the
// error is errs.Unavailable.
func (c *client) health(ctx context.Context) (health, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var h health
	res, err := c.get(ctx, "/v1/health", nil)
	if err != nil {
		return h, err
	}
	defer res.Close()
	if err := json.NewDecoder(io.LimitReader(res, 1<<16)).Decode(&h); err != nil {
		return h, errs.New(errs.Unavailable, "the socket is answered by something that is not Stardrive: %w", err)
	}
	return h, nil
}

// call runs one operation and returns its result as the daemon wrote it.
func (c *client) call(ctx context.Context, name string, in any) (json.RawMessage, error) {
	body, ok := in.(json.RawMessage)
	if !ok {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, errs.New(errs.Invalid, "%w", err)
		}
		body = b
	}
	req, err := c.request(ctx, http.MethodPost, "/v1/op/"+url.PathEscape(name), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.do(req)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	out, err := io.ReadAll(res)
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	return bytes.TrimSpace(out), nil
}

// get opens a stream: content bytes or events. The caller closes it.
func (c *client) get(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return c.do(req)
}

func (c *client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, body)
	if err != nil {
		return nil, errs.New(errs.Invalid, "%w", err)
	}
	if strings.ContainsFunc(c.library, unicode.IsControl) {
		return nil, errs.New(errs.NotFound, "there is no library of that name").At(c.library)
	}
	if c.library != "" {
		req.Header.Set("Stardrive-Library", c.library)
	}
	return req, nil
}

func (c *client) do(req *http.Request) (io.ReadCloser, error) {
	res, err := c.http.Do(req)
	if revive := c.revive; absent(err) && revive != nil { // it was ending when it said that it is well
		c.revive = nil
		if err := revive(req.Context()); err != nil {
			return nil, err
		}
		again := req.Clone(req.Context())
		if req.GetBody != nil {
			again.Body, _ = req.GetBody() // of bytes in memory
		}
		res, err = c.http.Do(again)
	}
	if err != nil {
		return nil, c.lost(req.Context(), err)
	}
	if res.StatusCode/100 == 2 {
		return res.Body, nil
	}
	defer res.Body.Close()
	return nil, problem(res)
}

// problem reads an RFC 9457 body with our kind in it.
func problem(res *http.Response) error {
	var p op.ErrorBody
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if json.Unmarshal(body, &p) != nil || p.Kind == "" {
		text := strings.TrimSpace(string(body))
		if len(text) > 200 || strings.ContainsAny(text, "<{") {
			text = ""
		}
		return errs.New(kindOfStatus(res.StatusCode), "the daemon answered %s %s", res.Status, text)
	}
	return p.Err()
}

func kindOfStatus(code int) errs.Kind {
	switch code {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return errs.Invalid
	case http.StatusUnauthorized, http.StatusForbidden:
		return errs.Denied
	case http.StatusNotFound:
		return errs.NotFound
	case http.StatusConflict:
		return errs.Conflict
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return errs.Unavailable
	}
	return errs.Internal
}

// lost explains a broken connection; it is the user's Ctrl-C if ctx has ended by it.
func (c *client) lost(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &errs.Error{Kind: errs.Cancelled, Err: errors.New("interrupted")}
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errs.New(errs.Unavailable, "the daemon does not answer").Try("End its process and try again; nothing is lost.")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the daemon ended while it answered")
	}
	kind := errs.Unavailable
	if errs.KindOf(err) == errs.Denied {
		kind = errs.Denied
	}
	return (&errs.Error{Kind: kind, Err: err}).Try("The daemon's log is " + c.log + ".")
}
