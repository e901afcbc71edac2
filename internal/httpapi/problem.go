package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// Problem is the body of every error response (RFC 9457), with the same words
// that the other faces use beside the standard ones.
type Problem struct {
	Title  string `json:"title" jsonschema:"the class of the error in words"`
	Status int    `json:"status" jsonschema:"the HTTP status"`
	Detail string `json:"detail" jsonschema:"the same as message"`
	op.ErrorBody
}

// statusOf is the one table from kinds to HTTP. A volume that cannot do a thing
// is a fact about the request (422), not a failing server (501). A plan that
// waits for a yes is a missing precondition. A cancelled operation may be tried
// again, like one whose volume is away.
func statusOf(k errs.Kind) int {
	switch k {
	case errs.Invalid:
		return http.StatusBadRequest
	case errs.Denied:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.Unsupported:
		return http.StatusUnprocessableEntity
	case errs.Unavailable, errs.Cancelled:
		return http.StatusServiceUnavailable
	case errs.ApprovalNeeded:
		return http.StatusPreconditionRequired
	}
	return http.StatusInternalServerError
}

// refusal is an error of the HTTP layer itself, whose status the kind alone
// does not tell.
type refusal struct {
	status int
	retry  time.Duration // for Retry-After
	err    *errs.Error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(status int, kind errs.Kind, format string, args ...any) *refusal {
	return &refusal{status: status, err: errs.New(kind, format, args...)}
}

// try adds what the user can do about it.
func (r *refusal) try(remedy string) *refusal {
	r.err = r.err.Try(remedy)
	return r
}

// writeProblem answers with err. It never tells more than err's own words: no
// stack, no header of the request.
func writeProblem(w http.ResponseWriter, err error) {
	var p Problem
	if r, ok := err.(*refusal); ok { //nolint:errorlint // refusals are never wrapped
		p.ErrorBody, p.Status = op.ErrorBodyOf(r.err), r.status
		if r.retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(r.retry.Seconds()+1)))
		}
	} else {
		p.ErrorBody = op.ErrorBodyOf(err)
		p.Status = statusOf(p.Kind)
	}
	p.Title, p.Detail = titleOf(p.Kind), p.Message
	b, err := json.Marshal(p)
	if err != nil { // strings and a number cannot fail
		b = nil
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="stardrive"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(p.Status)
	_, _ = w.Write(b) // the client is gone: nothing to tell
}

func titleOf(k errs.Kind) string {
	words := strings.ReplaceAll(string(k), "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
