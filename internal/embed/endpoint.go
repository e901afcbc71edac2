package embed

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

// Endpoint names a service on the network that makes vectors the way OpenAI's does
// (POST {Base}/embeddings), as many others do, such as Ollama and llama.cpp on this
// machine. It is sent the texts themselves: only the user may choose one.
type Endpoint struct {
	Base  string      // "https://host/v1"; http is for machines that are sent no key, or this one
	Model string      // the service's name of the model
	Dim   int         // the length of its vectors: Probe tells
	Key   secret.Text // may be empty
	// Timeout bounds each request; 0: half a minute.
	Timeout time.Duration
	// Batch is how many texts a request has at most; 0: 32.
	Batch int
	// Transport is what requests go over; nil: directly, as the system connects, with
	// no proxy. Tests give their own.
	Transport http.RoundTripper
	// Late, unless nil, is called when an answer came that a search had waited for in
	// vain: asked again, it finds it at once. It must be quick.
	Late func()
}

const (
	defaultTimeout = 30 * time.Second
	maxTimeout     = 10 * time.Minute
	defaultBatch   = 32
	maxBatch       = 1024
	maxRedirects   = 3
)

// Remote is an Embedder that asks an Endpoint.
type Remote struct {
	to     Endpoint
	url    string
	name   string
	client *http.Client
	asked  asked
}

// HTTP returns an embedder that asks an endpoint; it connects when it is asked for
// vectors, and not before. Close it when it is not needed any more. It follows no redirect to another host, and believes no
// answer without looking at its size and numbers. Errors: errs.Invalid (the
// endpoint is not well described).
func HTTP(e Endpoint) (*Remote, error) {
	if e.Dim < 1 || e.Dim > maxDim {
		return nil, errs.New(errs.Invalid, "an endpoint needs its number of dimensions, 1 to %d, and not %d", maxDim, e.Dim)
	}
	return newRemote(e)
}

func newRemote(e Endpoint) (*Remote, error) {
	base, err := checkBase(e.Base, e.Key.Reveal() != "")
	if err != nil {
		return nil, err
	}
	if e.Model == "" || len(e.Model) > 200 || strings.ContainsFunc(e.Model, func(r rune) bool { return r < ' ' }) {
		return nil, errs.New(errs.Invalid, "an endpoint needs the name of a model, of at most 200 bytes")
	}
	if strings.ContainsFunc(e.Key.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errs.New(errs.Invalid, "the endpoint's key holds what no key holds").Try("Give the key without spaces and line breaks.")
	}
	if e.Timeout < 0 || e.Timeout > maxTimeout || e.Batch < 0 || e.Batch > maxBatch {
		return nil, errs.New(errs.Invalid, "the timeout must be at most %v, and the batch at most %d", maxTimeout, maxBatch)
	}
	if e.Timeout == 0 {
		e.Timeout = defaultTimeout
	}
	if e.Batch == 0 {
		e.Batch = defaultBatch
	}
	if e.Transport == nil {
		e.Transport = &http.Transport{
			DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  e.Timeout,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2:      true,
		}
	}
	sum := sha256.Sum256([]byte(base.String() + "\n" + e.Model))
	return &Remote{
		to:   e,
		url:  base.String() + "/embeddings",
		name: fmt.Sprintf("http-%d-%s", e.Dim, hex.EncodeToString(sum[:16])),
		client: &http.Client{Transport: e.Transport, Timeout: e.Timeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || r.URL.Scheme != base.Scheme || r.URL.Host != base.Host {
				return errRedirect
			}
			return nil
		}},
	}, nil
}

var errRedirect = errors.New("it redirects to another place")

// checkBase returns the address without a slash at its end.
func checkBase(base string, withKey bool) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || len(base) > 1000 || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		// The address is not repeated: it may hold a password.
		return nil, errs.New(errs.Invalid, "an endpoint needs an address such as https://host/v1, without user, question mark or fragment")
	}
	if withKey && u.Scheme == "http" && !isThisMachine(u.Hostname()) {
		return nil, errs.New(errs.Invalid, "a key would be sent in clear text to %s", u.Host).Try("Use https, or an endpoint that needs no key.")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Dim is as Embedder says.
func (r *Remote) Dim() int { return r.to.Dim }

// Name is as Embedder says. It changes with the address and the model's name: what
// the service itself changes behind them cannot be known.
func (r *Remote) Name() string { return r.name }

// Close ends what is under way for searches, and the connections that wait for a
// next request. It may be used again after that.
func (r *Remote) Close() {
	r.asked.end()
	r.client.CloseIdleConnections()
}
