package httpapi

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// loginToken makes a login link and returns its token.
func (w *world) loginToken(t *testing.T) string {
	t.Helper()
	link, err := w.LoginLink()
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link, w.Addresses().HTTP+"/#login=")
	if !ok || len(token) < 40 {
		t.Fatalf("bad link %s", link)
	}
	return token
}

func (w *world) logIn(t *testing.T, c *http.Client, token string) (*http.Response, string) {
	return send(t, c, "POST", w.Addresses().HTTP+"/v1/login", `{"token":"`+token+`"}`)
}

func TestLogin(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	token := w.loginToken(t)
	resp, body := w.logIn(t, c, token)
	if resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	ck := resp.Cookies()[0]
	port := base[strings.LastIndex(base, ":")+1:]
	if ck.Name != "__Host-stardrive-"+port || !ck.HttpOnly || !ck.Secure || ck.SameSite != http.SameSiteStrictMode ||
		ck.Path != "/" || ck.Domain != "" || strings.Contains(body, ck.Value) || len(ck.Value) < 40 {
		t.Errorf("cookie %s, body %s", ck.Raw, body)
	}
	cookie := "Cookie: " + ck.Name + "=" + ck.Value
	echo := func(headers ...string) int {
		resp, _ := send(t, c, "POST", base+"/v1/op/test.echo", "{}", headers...)
		return resp.StatusCode
	}
	for want, headers := range map[int][][]string{
		200: {{cookie}, {bearer}, {cookie, "Origin: " + base, "Sec-Fetch-Site: same-origin"}},
		401: {{}, {"Cookie: " + ck.Name + "=x"}, {"Cookie: " + ck.Name + "1=" + ck.Value}, {"Authorization: Bearer x"},
			{"Authorization: Basic " + testToken}, {"Authorization: Bearer " + testToken + "x"}, {cookie, "Authorization: Bearer x"}},
		403: {{cookie, "Origin: http://evil.example"}, {cookie, "Origin: null"}},
	} {
		for _, h := range headers {
			if got := echo(h...); got != want {
				t.Errorf("%v: got %d, want %d", h, got, want)
			}
		}
	}
	if resp, _ := w.logIn(t, c, token); resp.StatusCode != 401 {
		t.Errorf("a token was used twice: %d", resp.StatusCode)
	}
	if resp, _ := send(t, c, "POST", base+"/v1/logout", "{}", cookie); resp.StatusCode != 200 || !strings.Contains(resp.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("logout: %d %v", resp.StatusCode, resp.Header)
	}
	if got := echo(cookie); got != 401 {
		t.Errorf("after logout: %d", got)
	}
}

func TestLoginExpires(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	token := w.loginToken(t)
	w.pass(loginLife)
	if resp, _ := w.logIn(t, c, token); resp.StatusCode != 401 {
		t.Errorf("an old token was accepted: %d", resp.StatusCode)
	}
	resp, _ := w.logIn(t, c, w.loginToken(t))
	cookie := "Cookie: " + resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
	for _, step := range []struct {
		d    time.Duration
		want int
	}{{0, 200}, {sessionLife - time.Second, 200}, {time.Second, 401}} {
		w.pass(step.d)
		if resp, _ := send(t, c, "POST", base+"/v1/op/test.echo", "{}", cookie); resp.StatusCode != step.want {
			t.Errorf("after %s: got %d, want %d", step.d, resp.StatusCode, step.want)
		}
	}
}

func TestLoginGuessing(t *testing.T) {
	w := start(t)
	c := w.client(t, false)
	for i := range loginBurst + 3 {
		resp, _ := w.logIn(t, c, "guess")
		want := 401
		if i >= loginBurst {
			want = 429
		}
		if resp.StatusCode != want || (want == 429) != (resp.Header.Get("Retry-After") != "") {
			t.Errorf("guess %d: %d %v", i, resp.StatusCode, resp.Header)
		}
	}
	w.pass(2 * loginRefresh)
	if resp, _ := w.logIn(t, c, w.loginToken(t)); resp.StatusCode != 200 {
		t.Errorf("after a pause: %d", resp.StatusCode)
	}
}

func TestLoginBounds(t *testing.T) {
	s := newSessions()
	now := time.Unix(1e9, 0)
	first := s.newToken(now)
	for i := range maxLogins {
		s.newToken(now.Add(time.Duration(i+1) * time.Second))
	}
	if _, _, err := s.login(first, now); err == nil || len(s.tokens) != maxLogins {
		t.Errorf("%d tokens, %v", len(s.tokens), err)
	}
	oldest, _, err := s.login(s.newToken(now), now)
	if err != nil {
		t.Fatal(err)
	}
	done := s.find(oldest, now).done
	for i := range maxSessions {
		later := now.Add(time.Duration(i+1) * time.Second)
		if _, _, err := s.login(s.newToken(later), later); err != nil {
			t.Fatal(err)
		}
	}
	if s.find(oldest, now) != nil || len(s.open) != maxSessions {
		t.Errorf("%d sessions", len(s.open))
	}
	select {
	case <-done:
	default:
		t.Error("the session that gave way was not ended")
	}
}
