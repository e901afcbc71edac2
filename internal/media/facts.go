package media

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// maxFacts bounds what is kept of one content's facts, as JSON.
const maxFacts = 256 << 10

// encodeFacts returns facts as they are stored.
func encodeFacts(f *Facts) (string, error) {
	b, err := json.Marshal(f)
	if err != nil { // a number that is none, a year that cannot be
		return "", errs.New(errs.Invalid, "what is known of it cannot be stored: %w", err)
	}
	if len(b) > maxFacts {
		return "", errs.New(errs.Invalid, "what is known of it is more than %d KiB", maxFacts>>10)
	}
	return string(b), nil
}

// putFacts stores facts; text is what encodeFacts made of them.
func putFacts(tx *catalog.Tx, content ident.ContentID, f *Facts, text string) error {
	var taken any
	if y := f.Taken.Year(); y > 1700 && y < 2200 { // what nanoseconds can tell
		taken = f.Taken.UnixNano()
	}
	artist := f.Artist
	if artist == "" {
		artist = f.Author
	}
	_, err := tx.Store().Exec(`INSERT INTO facts (content_id, taken_ns, width, height, duration_ms, pages, camera, artist, title, latitude, longitude, perceptual, facts)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (content_id) DO UPDATE SET taken_ns = excluded.taken_ns, width = excluded.width, height = excluded.height,
		duration_ms = excluded.duration_ms, pages = excluded.pages, camera = excluded.camera, artist = excluded.artist,
		title = excluded.title, latitude = excluded.latitude, longitude = excluded.longitude, perceptual = excluded.perceptual, facts = excluded.facts`,
		int64(content), taken, number(f.Width), number(f.Height), number(int(f.Duration*1000)), number(f.Pages),
		folded(f.Camera), folded(artist), folded(f.Title), f.Latitude, f.Longitude, bits(f.Perceptual), text)
	return err
}

func dropFacts(tx *catalog.Tx, content ident.ContentID) error {
	_, err := tx.Store().Exec("DELETE FROM facts WHERE content_id = ?", int64(content))
	return err
}

// factsOf returns what is known of a content; nil: nothing.
func factsOf(r *catalog.Reader, content ident.ContentID) (*Facts, error) {
	var text string
	err := r.Store().QueryRow("SELECT facts FROM facts WHERE content_id = ?", int64(content)).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f Facts
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, errs.New(errs.Internal, "the facts of content %d cannot be read: %w", content, err).
			Try("Have them made again with: stardrive sidecar rebuild")
	}
	return &f, nil
}

func number(n int) any {
	if n <= 0 {
		return nil
	}
	return n
}

// bits are those that 16 hexadecimal digits stand for.
func bits(digits string) any {
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil || len(digits) != 16 {
		return nil
	}
	return int64(n)
}

func folded(text string) any {
	if text == "" {
		return nil
	}
	return collate.Fold(text)
}

// sayable reports whether there are words in facts that a search could be for.
func (f *Facts) sayable() bool {
	return f != nil && strings.TrimSpace(f.Title+f.Author+f.Subject+f.Artist+f.Album+f.Caption+f.Camera+f.Family+strings.Join(f.Keywords, " ")) != ""
}
