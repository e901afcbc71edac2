package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Access says who may use a route.
type Access int

// There is no default: the zero Access is refused at registration.
const (
	_       Access = iota
	Open           // anybody on this machine
	Session        // the owner: socket peer, bearer token or login cookie
	Ticket         // whoever holds the signed ticket in the path; checked by the handler
)

func (a Access) String() string {
	return [...]string{"none", "open", "session", "ticket"}[a]
}

// Policy says who may use a route and what a request to it may look like.
type Policy struct {
	Access Access
	Body   int64 // largest body in bytes; 0: a body is refused; ignored: nobody reads it
	Bytes  bool  // the body is bytes (application/octet-stream), else JSON
	Page   bool  // a page of the interface: a link on another site may lead here
}

// ignored is the Body of routes that answer without looking at it.
const ignored = -1

func (p Policy) String() string {
	s := fmt.Sprintf("%s body=%d", p.Access, p.Body)
	if p.Bytes {
		s += " bytes"
	}
	if p.Page {
		s += " page"
	}
	return s
}

// Route is one line of the route table.
type Route struct {
	Pattern string // as net/http knows it: "POST /v1/op/{name}"
	Policy  Policy
	serve   handler
}

// handler answers a request that its route's policy let pass. A returned error
// is written as a problem; nothing may have been written before.
type handler func(w http.ResponseWriter, r *http.Request) error

// table is the list of routes of one origin.
type table struct{ routes []Route }

// add is the only way to make a route.
func (t *table) add(pattern string, p Policy, h handler) {
	if p.Access < Open || p.Access > Ticket {
		panic("httpapi: route " + pattern + " names no access")
	}
	if strings.HasPrefix(pattern, "GET ") && p.Body != 0 {
		panic("httpapi: route " + pattern + " takes a body")
	}
	t.routes = append(t.routes, Route{pattern, p, h})
}

// String is the snapshot of the table that reviewers read.
func (t *table) String() string {
	lines := make([]string, len(t.routes))
	for i, r := range t.routes {
		lines[i] = fmt.Sprintf("%-28s %s\n", r.Pattern, r.Policy)
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
