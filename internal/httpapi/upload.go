package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// maxPiece is how many bytes of an upload come at once.
const maxPiece = 4 << 20

// PieceHeaders of an upload: where the piece belongs, and its SHA-256 (RFC 9530).
const (
	offsetHeader = "Upload-Offset"
	digestHeader = "Content-Digest"
)

// Piece is a piece of a file that is uploaded.
type Piece struct {
	Upload, File, Offset int64
	Sum                  [sha256.Size]byte
}

// Received is the answer to a piece.
type Received struct {
	Got int64 `json:"got" jsonschema:"bytes of the file that are there now"`
}

// upload takes a piece of a file.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	p, err := pieceOf(r)
	if err != nil {
		return err
	}
	lib, err := s.library(r)
	if err != nil {
		return err
	}
	got, err := lib.Receive(r.Context(), p, r.Body)
	if err != nil {
		return err
	}
	b, err := json.Marshal(Received{got})
	if err != nil {
		return err
	}
	return writeJSON(w, b)
}

func pieceOf(r *http.Request) (p Piece, err error) {
	for _, f := range []struct {
		what, text string
		to         *int64
	}{{"upload", r.PathValue("upload"), &p.Upload}, {"file", r.PathValue("file"), &p.File}, {offsetHeader, r.Header.Get(offsetHeader), &p.Offset}} {
		if *f.to, err = strconv.ParseInt(f.text, 10, 64); err != nil || *f.to < 0 {
			return p, errs.New(errs.Invalid, "%q is no number", f.text).At(f.what)
		}
	}
	text, ok := strings.CutPrefix(r.Header.Get(digestHeader), "sha-256=:")
	text, closed := strings.CutSuffix(text, ":")
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || !closed || err != nil || len(sum) != sha256.Size {
		return p, errs.New(errs.Invalid, "the piece needs its checksum: sha-256=:BASE64:").At(digestHeader)
	}
	p.Sum = [sha256.Size]byte(sum)
	return p, nil
}
