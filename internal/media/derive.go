package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	maxText   = 8 << 20 // bytes of a content's text that are kept
	maxReason = 500
)

// copyOf is one file that has a content.
type copyOf struct {
	catalog.Entry
	path string // on its volume
}

// subject is a content something is to be made of.
type subject struct {
	content catalog.Content
	copies  []copyOf // at least one; the first that can be read is
	want    []Kind
	have    map[Kind]row // what there is
}

// made is what was made of a content: rows to be stored, with what belongs to them.
type made struct {
	content catalog.Content
	copies  []copyOf
	rows    []row
	facts   *Facts
	json    string // facts, encoded
	words   *Words

	dropText bool // there were words, and are none now
}

// derive has everything that is wanted of a content made, and stores its pictures;
// the rest is in what it returns, and to be stored by the caller. It returns an
// error only where this says nothing about the content: *unreadable,
// errs.Unavailable (the decoder cannot work, no room is left), and that of ctx.
func (s *Service) derive(ctx context.Context, d Decoder, driver vfs.Driver, sub subject) (m made, err error) {
	for _, c := range sub.copies {
		var a Answer
		a, err = s.ask(ctx, d, driver, c, sub)
		if err == nil {
			return s.keep(ctx, sub, c, a)
		}
		if ctx.Err() != nil || errs.Is(err, errs.Unavailable) {
			break
		}
	}
	return made{}, err
}

// ask asks the decoder about one file, which must be the same before and after.
func (s *Service) ask(ctx context.Context, d Decoder, driver vfs.Driver, c copyOf, sub subject) (Answer, error) {
	h, err := driver.Open(ctx, c.path)
	if err != nil {
		return Answer{}, &unreadable{err}
	}
	defer h.Close() //nolint:errcheck // it was only read
	if err := unchanged(h, &c.Entry); err != nil {
		return Answer{}, &unreadable{err}
	}
	reader := &watched{ReaderAt: h}
	src := Source{ReaderAt: reader, Size: c.Size, File: vfs.OSFile(h)}
	a, err := d.Derive(ctx, Ask{Name: c.Name, Kind: sub.content.Kind, MIME: sub.content.MIME, Want: sub.asked(s.Catalog.Kinds), OCR: s.OCR}, src)
	var poison *Poison
	switch {
	case ctx.Err() != nil:
		return Answer{}, ctx.Err()
	case reader.failed() != nil: // it is the disk's fault, not the content's
		return Answer{}, &unreadable{reader.failed()}
	case errors.As(err, &poison):
		a, err = Answer{Failed: failedAll(sub.want, poison.Reason)}, nil
	case errs.Is(err, errs.Unavailable):
		return Answer{}, err
	case errs.Is(err, errs.Cancelled): // not by us
		return Answer{}, errs.New(errs.Unavailable, "%w", err)
	case err != nil: // it is our fault, and not the content's
		if !s.faults.last(sub.content.ID) {
			s.Log.Warn("A decoder has a fault", "content", sub.content.ID, "error", err)
			return Answer{}, errs.New(errs.Unavailable, "the decoder has a fault: %w", err)
		}
		s.Log.Error("A decoder has a fault again and again: the file is given up", "content", sub.content.ID, "error", err)
		a, err = Answer{Failed: failedAll(sub.want, err.Error())}, nil
	}
	s.faults.forget(sub.content.ID)
	if e := unchanged(h, &c.Entry); e != nil {
		return Answer{}, &unreadable{e}
	}
	return a, err
}

// maxFaults is how often the decoder may fail at a content before it is taken for
// the content's fault.
const maxFaults = 3

// faults counts how often the decoder failed at contents, one time after another.
type faults struct {
	mu sync.Mutex
	n  map[ident.ContentID]int
}

// last counts one, and tells whether it was one too many.
func (f *faults) last(id ident.ContentID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[ident.ContentID]int{}
	}
	f.n[id]++
	return f.n[id] >= maxFaults
}

func (f *faults) forget(id ident.ContentID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.n, id)
}

// unreadable is an error of one file: it cannot be read, or is another than the
// catalogue says. It hides its kind, so that nobody waits for it to go away.
type unreadable struct{ error }

func failedAll(want []Kind, reason string) map[Kind]string {
	m := map[Kind]string{}
	for _, k := range want {
		m[k] = reason
	}
	return m
}

func unchanged(h vfs.Handle, e *catalog.Entry) error {
	now, err := h.Stat()
	if err == nil && !e.Same(&now) {
		err = errs.New(errs.Conflict, "it is not what it was when it was read whole").Try("It is looked at again when it has come to rest.")
	}
	return err
}

// watched notes whether reading failed.
type watched struct {
	io.ReaderAt
	mu  sync.Mutex
	err error
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.mu.Lock()
		if w.err == nil {
			w.err = err
		}
		w.mu.Unlock()
	}
	return n, err
}

func (w *watched) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// keep makes rows of an answer, and stores its pictures.
func (s *Service) keep(ctx context.Context, sub subject, c copyOf, a Answer) (made, error) {
	m := made{content: sub.content, copies: sub.copies}
	now, hidden := s.Now().UnixNano(), sub.hidden(s.Catalog.Kinds)
	for _, k := range sub.want {
		r := row{content: sub.content.ID, kind: k, status: None, version: sorts[k].version, made: now, used: now}
		reason := a.Failed[k]
		switch {
		case k == TextOf && hidden:
			reason, m.dropText = "", sub.have[TextOf].status == Ready
		case reason != "":
		case k == FactsOf && a.Facts != nil:
			text, err := encodeFacts(a.Facts)
			if err != nil {
				reason = err.Error()
				break
			}
			m.facts, m.json, r.status = a.Facts, text, Ready
		case k == TextOf:
			words, err := s.wordsOf(ctx, sub, c, a)
			if err != nil {
				return m, err
			}
			if m.words = words; words != nil {
				r.status = Ready
			}
			m.dropText = words == nil && sub.have[TextOf].status == Ready
		case sorts[k].side > 0 && len(a.Pictures[k].Bytes) > 0:
			p := a.Pictures[k]
			if reason = checkPicture(p); reason != "" {
				break
			}
			r.mime, r.size, r.status = p.MIME, int64(len(p.Bytes)), Ready
			s.grown.Store(true)
			if err := s.files.write(r.name(sub.content.Hash), p.Bytes); err != nil {
				return m, err
			}
		}
		if old := sub.have[k]; reason == TooLong && old.status == Failed && old.version == r.version && strings.HasPrefix(old.reason, TooLong) {
			reason = tooLongTwice
		}
		if reason != "" {
			r.status, r.reason = Failed, plain(reason)
		}
		m.rows = append(m.rows, r)
	}
	return m, nil
}

// tooLongTwice is final, as other reasons are.
const tooLongTwice = TooLong + ", also the second time"

// plain makes a reason fit to be shown and stored.
func plain(reason string) string {
	reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "\uFFFD")), " ")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + " …"
	}
	return reason
}

// wordsOf returns what a content can be found by; nil: nothing.
func (s *Service) wordsOf(ctx context.Context, sub subject, c copyOf, a Answer) (*Words, error) {
	w := Words{Content: sub.content.ID, Hash: sub.content.Hash, Name: c.Name, Kind: sub.content.Kind, Facts: a.Facts}
	if w.Facts == nil {
		err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) { // it may have been made before
			w.Facts, err = factsOf(r, sub.content.ID)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if a.Text != nil {
		w.Text = *a.Text
		w.Text.Body, w.Text.Title = strings.ToValidUTF8(w.Text.Body, "\uFFFD"), strings.ToValidUTF8(w.Text.Title, "\uFFFD")
		if n := maxText; len(w.Text.Body) > n {
			for n > 0 && !utf8.RuneStart(w.Text.Body[n]) {
				n--
			}
			w.Text.Body, w.Text.Cut = w.Text.Body[:n], true
		}
	}
	w.Title = w.Text.Title
	if w.Title == "" && w.Facts != nil {
		w.Title = w.Facts.Title
	}
	if strings.TrimSpace(w.Text.Body+w.Title) == "" && !w.Facts.sayable() {
		return nil, nil
	}
	if dir, _ := vfs.Split(c.path); dir != "" {
		w.Path = strings.Split(dir, "/")
	}
	return &w, nil
}

// tell lets those know who wait for what was made.
func (s *Service) tell(m *made) {
	if s.News == nil {
		return
	}
	n := News{Content: m.content.ID}
	for _, c := range m.copies {
		n.Entries = append(n.Entries, c.ID)
	}
	for _, r := range m.rows {
		n.Kinds = append(n.Kinds, r.kind)
	}
	s.News(n)
}

// store writes what was made into the transaction and returns the pictures that
// are of no use any more once it is committed.
func (m *made) store(tx *catalog.Tx) (stale []name, err error) {
	for _, r := range m.rows {
		old, err := putRow(tx, m.content.Hash, r)
		if err != nil {
			return nil, err
		}
		stale = append(stale, old...)
		switch {
		case r.kind != FactsOf:
		case r.status == Ready:
			err = putFacts(tx, m.content.ID, m.facts, m.json)
		default:
			err = dropFacts(tx, m.content.ID)
		}
		if err != nil {
			return nil, fmt.Errorf("facts of content %d: %w", m.content.ID, err)
		}
	}
	return stale, nil
}
