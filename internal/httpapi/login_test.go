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

// TestLoginOfBrowsersThatDropSecureCookies: the same token once more, at once and
// before anybody came with the first cookie, gives a cookie that is not Secure.
func TestLoginOfBrowsersThatDropSecureCookies(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	again := func(token string) (*http.Response, string) {
		return send(t, c, "POST", base+"/v1/login", `{"token":"`+token+`","plain":true}`)
	}
	use := func(name, value string) int {
		resp, _ := send(t, c, "POST", base+"/v1/op/test.echo", "{}", "Cookie: "+name+"="+value)
		return resp.StatusCode
	}
	token := w.loginToken(t)
	first, _ := w.logIn(t, c, token)
	resp, body := again(token)
	if resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	lost, ck := first.Cookies()[0], resp.Cookies()[0]
	if "__Host-"+ck.Name != lost.Name || !ck.HttpOnly || ck.Secure || ck.SameSite != http.SameSiteStrictMode || ck.Path != "/" || ck.Domain != "" {
		t.Errorf("cookie %s", ck.Raw)
	}
	for _, x := range []struct {
		name, value string
		want        int
	}{{ck.Name, ck.Value, 200}, {lost.Name, ck.Value, 401}, {lost.Name, lost.Value, 401}, {ck.Name, lost.Value, 401}} {
		if got := use(x.name, x.value); got != x.want {
			t.Errorf("%s: got %d, want %d", x.name, got, x.want)
		}
	}
	if resp, _ := send(t, c, "POST", base+"/v1/logout", "{}", "Cookie: "+ck.Name+"="+ck.Value); !strings.HasPrefix(resp.Header.Get("Set-Cookie"), ck.Name+"=;") {
		t.Errorf("logout: %v", resp.Header)
	}
	for name, spoil := range map[string]func(token string){
		"never used":         func(string) {},
		"plain before":       func(token string) { w.logIn(t, c, token); again(token) },
		"the cookie is kept": func(token string) { r, _ := w.logIn(t, c, token); use(r.Cookies()[0].Name, r.Cookies()[0].Value) },
		"too late":           func(token string) { w.logIn(t, c, token); w.pass(againLife) },
		"tried as usual":     func(token string) { w.logIn(t, c, token); w.logIn(t, c, token) },
	} {
		token := w.loginToken(t)
		spoil(token)
		if resp, _ := again(token); resp.StatusCode != 401 || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %v", name, resp.StatusCode, resp.Header)
		}
		w.pass(time.Minute)
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
		resp, body := w.logIn(t, c, "guess")
		want := 401
		if i >= loginBurst {
			want = 429
		}
		if resp.StatusCode != want || (want == 429) != (resp.Header.Get("Retry-After") != "") {
			t.Errorf("guess %d: %d %v", i, resp.StatusCode, resp.Header)
		}
		if want == 429 && (!strings.Contains(body, "even a right one is refused") || !strings.Contains(body, "open the same link again")) {
			t.Errorf("guess %d: %s", i, body)
		}
	}
	token := w.loginToken(t)
	if resp, _ := w.logIn(t, c, token); resp.StatusCode != 429 {
		t.Errorf("right, but at once: %d", resp.StatusCode)
	}
	w.pass(2 * loginRefresh)
	if resp, _ := w.logIn(t, c, token); resp.StatusCode != 200 {
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
	if _, _, err := s.login(first, false, now); err == nil || len(s.tokens) != maxLogins {
		t.Errorf("%d tokens, %v", len(s.tokens), err)
	}
	oldest, _, err := s.login(s.newToken(now), false, now)
	if err != nil {
		t.Fatal(err)
	}
	done := s.find(oldest, false, now).done
	for i := range maxSessions {
		later := now.Add(time.Duration(i+1) * time.Second)
		if _, _, err := s.login(s.newToken(later), false, later); err != nil {
			t.Fatal(err)
		}
	}
	if s.find(oldest, false, now) != nil || len(s.open) != maxSessions {
		t.Errorf("%d sessions", len(s.open))
	}
	select {
	case <-done:
	default:
		t.Error("the session that gave way was not ended")
	}
}
