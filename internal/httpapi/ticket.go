package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// A content link is good for ticketLife at least, and at most ticketRound
// longer: links to one file made within that time are the same, so that the
// browser's cache knows them.
const (
	ticketLife  = 10 * time.Minute
	ticketRound = 5 * time.Minute
)

// ticket is what a signed content link grants.
type ticket struct {
	library ident.LibraryID
	file    FileRef
	expires int64 // Unix seconds
}

func (t ticket) sign(key []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("stardrive content link 2\x00" + t.String()))
	return m.Sum(nil)
}

func (t ticket) String() string {
	return string(t.library) + "|" + strconv.FormatInt(int64(t.file.ID), 10) + "|" + strconv.FormatInt(t.expires, 10) + "|" + url.QueryEscape(t.file.Member) + "|" + t.file.Path
}

func (t ticket) seal(key []byte) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(t.String())) + "." + enc.EncodeToString(t.sign(key))
}

// openTicket checks signature and expiry.
func openTicket(key []byte, sealed string, now time.Time) (ticket, error) {
	bad := refuse(http.StatusUnauthorized, errs.Denied, "this link is not valid or has expired")
	body, mac, _ := strings.Cut(sealed, ".")
	enc := base64.RawURLEncoding.Strict()
	text, err1 := enc.DecodeString(body)
	sum, err2 := enc.DecodeString(mac)
	parts := strings.SplitN(string(text), "|", 5) // a path may hold any byte, and comes last
	if err1 != nil || err2 != nil || len(parts) != 5 {
		return ticket{}, bad
	}
	id, err1 := strconv.ParseInt(parts[1], 10, 64)
	end, err2 := strconv.ParseInt(parts[2], 10, 64)
	member, err3 := url.QueryUnescape(parts[3])
	t := ticket{ident.LibraryID(parts[0]), FileRef{ident.EntryID(id), parts[4], member}, end}
	if err1 != nil || err2 != nil || err3 != nil || !hmac.Equal(sum, t.sign(key)) || now.Unix() >= end {
		return ticket{}, bad
	}
	return t, nil
}

// ContentLink returns a link under which a browser can show a file's bytes for
// some minutes. name is only for people who save the file. Unavailable when
// the server does not listen on TCP.
func (s *Server) ContentLink(lib ident.LibraryID, file FileRef, name string) (string, error) {
	base := s.Addresses().Content
	if base == "" {
		return "", errNoTCP()
	}
	end := s.o.Now().Add(ticketLife + ticketRound).Truncate(ticketRound)
	t := ticket{lib, file, end.Unix()}
	return base + "/c/" + t.seal(s.ticketKey) + "/" + url.PathEscape(safeName(name)), nil
}

func errNoTCP() error {
	return errs.New(errs.Unavailable, "the daemon has no web address").Try("Start it with --listen 127.0.0.1:0.")
}
