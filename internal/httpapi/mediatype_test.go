package httpapi

import (
	"strings"
	"testing"
)

func TestCharset(t *testing.T) {
	long := strings.Repeat("grüße ", textLook/8)
	for _, x := range []struct{ head, want string }{
		{"", "utf-8"}, {"plain\r\n\ttext\f\x1b[1m", "utf-8"}, {"grüße", "utf-8"}, {"\xef\xbb\xbfx", "utf-8"},
		{"gr\xfc\xdfe", "windows-1252"}, {"caf\xe9", "windows-1252"}, {"\x80uro", "windows-1252"},
		{"\xff\xfeh\x00i\x00", "utf-16le"}, {"\xfe\xff\x00h", "utf-16be"},
		{"a\x00b", ""}, {"\x7fELF\x02\x01", ""}, {"\x89PNG\r\n\x1a\n", ""},
		{"BMW and other cars", "utf-8"}, {"GIF89a was a good year", "utf-8"},
		{strings.Repeat("x", binaryFor) + "\x00", "utf-8"}, {long[:textLook-1], "utf-8"}, {long[:textLook], "utf-8"},
	} {
		if got := charsetOf([]byte(x.head)); got != x.want {
			t.Errorf("%.40q: got %q, want %q", x.head, got, x.want)
		}
	}
	for i := range len("a€😀b") {
		if got := charsetOf([]byte(strings.Repeat("x", textLook-i) + "a€😀b"[:i])); got != "utf-8" {
			t.Errorf("cut at %d: %q", i, got)
		}
	}
}

// TestSavedType: what is saved has the type that its bytes have, so that a page
// can ask before it shows a frame that would stay empty.
func TestSavedType(t *testing.T) {
	w := start(t)
	c := w.client(t, false)
	for path, want := range map[string]string{
		"2": "text/html; charset=utf-8", "4": "image/jpeg", "6": "text/plain; charset=utf-8",
		"8": "text/plain; charset=windows-1252", "9": "application/octet-stream", "11": "video/mp2t",
	} {
		resp, _ := send(t, c, "HEAD", w.Addresses().HTTP+"/v1/content/"+path, "", bearer)
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", path, resp.StatusCode, got, want)
		}
	}
}
