package httpapi

import (
	"net/http"
	"strings"
)

// guardHeaders are set on every response; a page or a file replaces the policy.
func guardHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
}

// pageHeaders is what the web interface may do: run its own scripts, talk to
// its own origin, and show files from the content origin.
func pageHeaders(h http.Header, content string) {
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"font-src 'self'",
		"manifest-src 'self'",
		"worker-src 'self'",
		"connect-src 'self'",
		strings.TrimSpace("img-src 'self' blob: data: " + content),
		strings.TrimSpace("media-src 'self' blob: " + content),
		strings.TrimSpace("frame-src 'self' " + content),
		"frame-ancestors 'none'",
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'",
	}, "; "))
	h.Del("Cache-Control") // the interface's handler knows which of its files never change
}

// fileHeaders is for bytes of strangers on our own origin: nothing in them may
// run, and the browser saves instead of shows.
func fileHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "private, no-cache")
}

// previewHeaders is for bytes of strangers on the content origin, which the
// interface's pages embed.
func previewHeaders(h http.Header, pages []string) {
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors "+strings.Join(pages, " "))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Del("Cross-Origin-Opener-Policy")
}
