// Package packed shows what is in archives as if they were folders, and opens single
// files of them. It unpacks nothing itself, and never lets an archive be read in this
// process: a Reader does that elsewhere. What is told of an archive is held for a
// short while, since most of it must be read anew for each question. It changes
// nothing, and knows no volumes: a file is opened for it.
package packed

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
)

// Bounds of what is asked of an archive, and of what is held of it.
const (
	MaxMembers = 200_000  // that are listed
	MaxNames   = 32 << 20 // bytes of all their names together
	MaxBytes   = 48 << 20 // of one file that is looked into

	maxFolders = 2 * MaxMembers
	holdFor    = time.Minute
)

// Member is one thing in an archive, as it tells of it. Texts are valid UTF-8.
type Member struct {
	Path     string    // where it stands in the archive; "": nowhere, and Refused tells why
	Told     string    // its name, as the archive has it
	Folder   bool      // or else a file, or what has no bytes
	Size     int64     // -1: not told
	Modified time.Time // zero: not told
	Target   string    // of a symlink, or of another name of a file
	Refused  string    // why it is not unpacked; "": it is
}

// Reader reads archives. Errors: errs.Unsupported (no archive that it knows, it is
// encrypted), errs.Invalid (damaged, or over a bound), errs.Unavailable.
type Reader interface {
	// Members lists at most MaxMembers of an archive; more tells that there are others.
	// name is that of the archive.
	Members(ctx context.Context, name string, src io.ReaderAt, size int64) (all []Member, more bool, err error)
	// Bytes returns the bytes of the nth member; errs.Unsupported: they are more than MaxBytes.
	Bytes(ctx context.Context, name string, src io.ReaderAt, size int64, nth int) ([]byte, error)
}

// File is an archive that is open.
type File struct {
	io.ReaderAt
	io.Closer
	Name string // raw bytes
	Path string // its address
	Size int64
	Tag  string // another for other bytes
}

// Options of a Service: all are required.
type Options struct {
	Reader Reader
	// Open opens a file by id or by path, as browse.Open does.
	Open  func(ctx context.Context, id, path string) (File, error)
	Kinds *filekind.Table
}

// Service looks into the archives of one library. Its methods may be called from any
// goroutine.
type Service struct {
	Options
	mu   sync.Mutex
	held map[string]*held // by archive
	last last
	ends bool // drop comes soon
}

// held is what is known of an archive for now.
type held struct {
	*shelf
	until time.Time
}

// last is the member that was looked into last: browsers ask for it in pieces.
type last struct {
	key   string
	bytes []byte
	until time.Time
}

// New returns a Service.
func New(o Options) *Service { return &Service{Options: o, held: map[string]*held{}} }

func (f *File) key() string { return f.Path + "\x00" + f.Tag }

// shelf returns what is in an archive.
func (s *Service) shelf(ctx context.Context, f *File) (*shelf, error) {
	if h := s.find(f.key()); h != nil {
		return h, nil
	}
	all, more, err := s.Reader.Members(ctx, f.Name, f, f.Size)
	if err != nil {
		return nil, at(f, err)
	}
	h := newShelf(all, more)
	s.keep(f.key(), h)
	return h, nil
}

func (s *Service) find(key string) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[key]
	if h == nil {
		return nil
	}
	h.until = time.Now().Add(holdFor)
	return h.shelf
}

// keep holds an archive until nobody has asked for it for a while, as long as there is
// room for it.
func (s *Service) keep(key string, h *shelf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, other := range s.held {
		if h.weight()+other.weight() > MaxMembers || len(s.held) >= 8 {
			delete(s.held, k)
		}
	}
	s.held[key] = &held{h, time.Now().Add(holdFor)}
	s.dropSoon()
}

// dropSoon has drop called after a while; the caller holds the lock.
func (s *Service) dropSoon() {
	if !s.ends {
		s.ends = true
		time.AfterFunc(holdFor, s.drop) // harmless after the end
	}
}

// drop forgets what nobody asks for any more.
func (s *Service) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = false
	now := time.Now()
	for k, h := range s.held {
		if now.After(h.until) {
			delete(s.held, k)
		}
	}
	if now.After(s.last.until) {
		s.last = last{}
	}
	if len(s.held) > 0 || s.last.key != "" {
		s.dropSoon()
	}
}

// Inside is a file of an archive, open. Its receiver closes it.
type Inside struct {
	*bytes.Reader
	Name     string
	MIME     string // "" when unknown
	Modified time.Time
	Tag      string
}

// Close does nothing: the bytes are in memory.
func (Inside) Close() error { return nil }

// Open opens the file of an archive that a list named by member. Errors: errs.NotFound
// (no such archive or member: it may have changed), errs.Unsupported (it has no bytes, or
// too many to be looked into), those of Reader.
func (s *Service) Open(ctx context.Context, id, path, member string) (Inside, error) {
	f, err := s.Options.Open(ctx, id, path)
	if err != nil {
		return Inside{}, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	h, err := s.shelf(ctx, &f)
	if err != nil {
		return Inside{}, err
	}
	nth, m, err := h.member(member)
	if err != nil {
		return Inside{}, at(&f, err)
	}
	if m.Size > MaxBytes {
		return Inside{}, at(&f, TooLarge())
	}
	b, err := s.bytes(ctx, &f, nth)
	if err != nil {
		return Inside{}, at(&f, err)
	}
	name := base(m.Told)
	return Inside{Reader: bytes.NewReader(b), Name: name, MIME: s.Kinds.ByName(name).MIME, Modified: m.Modified, Tag: f.Tag + "-" + member}, nil
}

func (s *Service) bytes(ctx context.Context, f *File, nth int) ([]byte, error) {
	key := f.key() + "\x00" + strconv.Itoa(nth)
	s.mu.Lock()
	if s.last.key == key {
		b := s.last.bytes
		s.last.until = time.Now().Add(holdFor)
		s.mu.Unlock()
		return b, nil
	}
	s.mu.Unlock()
	b, err := s.Reader.Bytes(ctx, f.Name, f, f.Size, nth)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = last{key, b, time.Now().Add(holdFor)}
	s.dropSoon()
	return b, nil
}

// TooLarge is the error of a file of more than MaxBytes.
func TooLarge() error {
	return errs.New(errs.Unsupported, "it is larger than %d MB, too large to be looked into where it is", MaxBytes>>20).Try("Unpack it first.")
}

// at gives an error the address of the archive.
func at(f *File, err error) error {
	return &errs.Error{Path: f.Path, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
}

// token names the nth member, for as long as the archive has the same one there.
func token(nth int, m *Member) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(m.Told))
	return fmt.Sprintf("%d-%08x", nth, h.Sum32())
}

func (h *shelf) member(name string) (int, *Member, error) {
	text, _, _ := strings.Cut(name, "-")
	nth, err := strconv.Atoi(text)
	if err != nil || nth < 0 {
		return 0, nil, errs.New(errs.Invalid, "%q names nothing in an archive", name).Try("Take member from: stardrive archive list FILE")
	}
	if nth >= len(h.all) || token(nth, &h.all[nth]) != name {
		return 0, nil, errs.New(errs.NotFound, "there is no such thing in the archive").Try("Look into it anew: it may have changed.")
	}
	return nth, &h.all[nth], nil
}

// base is the last part of a name that an archive tells.
func base(told string) string {
	told = strings.TrimRight(told, "/")
	return told[strings.LastIndexByte(told, '/')+1:]
}
