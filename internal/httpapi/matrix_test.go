package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// samples holds a request path for every route. A new route needs a line here,
// or the matrix fails.
var samples = map[string]string{
	"POST /v1/op/{name}":             "/v1/op/test.echo",
	"GET /v1/content/{entry}":        "/v1/content/1",
	"GET /v1/content":                "/v1/content?path=/some/file",
	"GET /v1/sidecar/{entry}/{kind}": "/v1/sidecar/4/thumb256",
	"PUT /v1/upload/{upload}/{file}": "/v1/upload/1/1",
	"GET /v1/zip/{id}":               "/v1/zip/abc",
	"GET /v1/openapi.json":           "/v1/openapi.json",
	"GET /v1/events":                 "/v1/events?since=0",
	"GET /v1/health":                 "/v1/health",
	"POST /v1/login":                 "/v1/login",
	"POST /v1/logout":                "/v1/logout",
	"/v1/":                           "/v1/nothing/here",
	"/":                              "/some/page",
	"GET /c/{ticket}/{name}":         "/c/ticket/name",
}

// TestP27_RouteTable compares the routes with the table that reviewers approved.
func TestP27_RouteTable(t *testing.T) {
	s := newWorld(t).Server
	api, previews := s.apiRoutes(), s.previewRoutes()
	got := "# API and interface\n" + api.String() + "\n# Previews\n" + previews.String()
	want, err := os.ReadFile("testdata/routes.txt")
	if err != nil || got != string(want) {
		t.Errorf("the route table changed; if that is meant, write this into testdata/routes.txt:\n%s", got)
	}
}

func TestP27_NoRouteWithoutAccess(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a route without access was registered")
		}
	}()
	var tb table
	tb.add("GET /x", Policy{}, nil)
}

// attempt is one cell of the matrix.
type attempt struct {
	host, from, site, method string
	navigate, login          bool
}

// verdict is what must become of an attempt, told from the policy alone.
func verdict(p Policy, a attempt, ours map[string]bool) int {
	foreign := a.from != "" && a.from != "http://"+a.host
	if a.site == "cross-site" || a.site == "same-site" || a.site == "nonsense" {
		foreign = foreign || !p.Page || a.method != "GET" || !a.navigate || a.from != ""
	}
	switch {
	case !ours[a.host]:
		return http.StatusMisdirectedRequest
	case foreign:
		return http.StatusForbidden
	case p.Access == Session && !a.login:
		return http.StatusUnauthorized
	}
	return 0 // whatever the handler says
}

// TestP26_P27_I1_I2_Matrix tries every route with every Host, Origin,
// Sec-Fetch-Site and method, with and without a login. What is refused must be
// refused with the right status, run nothing, and tell nothing.
func TestP26_P27_I1_I2_Matrix(t *testing.T) {
	w := newWorld(t)
	w.port = "7700"
	o := &origin{hosts: hostsOf("7700"), routes: w.apiRoutes()}
	handler := w.handler(o)
	secret, _, err := w.sessions.login(w.sessions.newToken(w.clock()), false, w.clock())
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{"127.0.0.1:7700": true, "[::1]:7700": true, "localhost:7700": true}
	hosts := []string{"127.0.0.1:7700", "[::1]:7700", "localhost:7700", "evil.example", "localhost:7700.", "localhost.:7700",
		"127.0.0.1", "127.0.0.1:7701", "[::1%25lo]:7700", "0.0.0.0:7700", "2130706433:7700", "127.1:7700", "LOCALHOST:7700", ""}
	origins := []string{"", "SELF", "null", "http://evil.example", "http://127.0.0.1:7701", "http://127.0.0.1",
		"https://127.0.0.1:7700", "http://127.0.0.1:7700.evil.example", "chrome-extension://abcdef", "http://LOCALHOST:7700"}
	sites := []string{"", "same-origin", "none", "same-site", "cross-site", "nonsense"}
	methods := []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}

	dead, cancel := context.WithCancel(t.Context())
	cancel() // streams end at once
	cells := 0
	for _, route := range o.routes.routes {
		path, ok := samples[route.Pattern]
		if !ok {
			t.Fatalf("route %s has no sample", route.Pattern)
		}
		only, _, bound := strings.Cut(route.Pattern, " ")
		for _, method := range methods {
			policy := route.Policy
			if bound && only != method && !(only == "GET" && method == "HEAD") {
				policy = Policy{Access: Session, Body: ignored} // falls through to /v1/
			}
			for _, host := range hosts {
				for _, from := range origins {
					for _, site := range sites {
						for flags := range 4 {
							if flags&1 > 0 && method != "GET" { // only a GET can look like a navigation
								continue
							}
							a := attempt{host, strings.ReplaceAll(from, "SELF", "http://"+host), site, method, flags&1 > 0, flags&2 > 0}
							want := verdict(policy, a, ours)
							before := w.calls.Load()
							got, body := a.do(dead, handler, path, w.cookieName(false)+"="+secret)
							cells++
							refused := got == 421 || got == 403 || got == 401
							if policy.Access == Open && route.Pattern == "POST /v1/login" && got == 401 {
								refused = false
							}
							if want != 0 && got != want || want == 0 && refused {
								t.Fatalf("%s %s: %+v: got %d, want %d", method, path, a, got, want)
							}
							if want != 0 && (strings.Contains(body, canary) || w.calls.Load() != before) {
								t.Fatalf("%s %s: %+v: refused, but leaked or ran: %s", method, path, a, body)
							}
							if route.Pattern == "POST /v1/logout" { // a logout that went through ends the login
								secret, _, _ = w.sessions.login(w.sessions.newToken(w.clock()), false, w.clock())
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d cells", cells)
}

func (a attempt) do(ctx context.Context, h http.Handler, path, cookie string) (int, string) {
	body := ""
	if a.method == "POST" {
		body = "{}"
	}
	r := httptest.NewRequestWithContext(ctx, a.method, path, strings.NewReader(body))
	r.Host = a.host
	for k, v := range map[string]string{"Origin": a.from, "Sec-Fetch-Site": a.site} {
		if v != "" {
			r.Header.Set(k, v)
		}
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.navigate {
		r.Header.Set("Sec-Fetch-Mode", "navigate")
		r.Header.Set("Sec-Fetch-Dest", "document")
	}
	if a.login {
		r.Header.Set("Cookie", cookie)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(deadlined{rec}, r)
	return rec.Code, rec.Body.String()
}
