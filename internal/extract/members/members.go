// Package members reads archives in a child process, for those who look into them:
// it asks for their members, or for the bytes of one, and answers such questions in the
// child. It takes nothing on trust that a child says. What archives are it leaves to
// fileops/archive, what they look like to browse/packed.
package members

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/stardrive/stardrive/internal/browse/packed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/worker"
)

// mark begins each question, so that it is taken for no other.
const mark = "archive\x00"

// question is what a child is asked.
type question struct {
	Name string `cbor:"1,keyasint"`
	Read bool   `cbor:"2,keyasint,omitempty"` // the bytes of the nth member, or else all names
	Nth  int64  `cbor:"3,keyasint,omitempty"`
}

// reply is what it answers. One of Err, Bytes and Members counts.
type reply struct {
	Kind    string `cbor:"1,keyasint,omitempty"`
	Err     string `cbor:"2,keyasint,omitempty"`
	Remedy  string `cbor:"3,keyasint,omitempty"`
	Members []one  `cbor:"4,keyasint,omitempty"`
	More    bool   `cbor:"5,keyasint,omitempty"`
	Bytes   []byte `cbor:"6,keyasint,omitempty"`
}

// one is a packed.Member on its way.
type one struct {
	_        struct{} `cbor:",toarray"`
	Path     string
	Told     string
	Folder   bool
	Size     int64
	Modified int64 // ns since 1970; 0: not told
	Target   string
	Refused  string
}

// Caps of one question: a packed tar has to be unpacked to be listed.
func caps() archive.Caps {
	return archive.Caps{Members: 10 * packed.MaxMembers, Bytes: 64 << 30, SevenZip: true}
}

// Reader implements packed.Reader.
type Reader struct {
	Pool *worker.Pool // required
	// Deadline tells how long an archive of this size may take.
	Deadline func(size int64) time.Duration
}

// Members implements packed.Reader.
func (r Reader) Members(ctx context.Context, name string, src io.ReaderAt, size int64) ([]packed.Member, bool, error) {
	a, err := r.ask(ctx, question{Name: name}, src, size)
	if err != nil {
		return nil, false, err
	}
	all := make([]packed.Member, 0, len(a.Members))
	for _, m := range a.Members {
		p := packed.Member{Path: clean(m.Path), Told: clean(m.Told), Folder: m.Folder, Size: max(m.Size, -1), Target: clean(m.Target), Refused: clean(m.Refused)}
		if m.Modified != 0 {
			p.Modified = time.Unix(0, m.Modified).UTC()
		}
		if strings.HasPrefix(p.Path, "/") || strings.HasSuffix(p.Path, "/") || strings.Contains(p.Path, "//") {
			return nil, false, errs.New(errs.Invalid, "what its reader says makes no sense")
		}
		all = append(all, p)
	}
	return all, a.More, nil
}

// Bytes implements packed.Reader.
func (r Reader) Bytes(ctx context.Context, name string, src io.ReaderAt, size int64, nth int) ([]byte, error) {
	a, err := r.ask(ctx, question{Name: name, Read: true, Nth: int64(nth)}, src, size)
	if err == nil && len(a.Bytes) > packed.MaxBytes {
		err = packed.TooLarge()
	}
	if err != nil {
		return nil, err
	}
	return a.Bytes, nil
}

// clean makes a text of a child valid UTF-8.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func (r Reader) ask(ctx context.Context, q question, src io.ReaderAt, size int64) (a reply, err error) {
	body, err := cbor.Marshal(q)
	if err != nil {
		return a, err
	}
	out, err := r.Pool.Do(ctx, worker.Ask{Body: append([]byte(mark), body...), Source: src, Size: size, Deadline: r.Deadline(size), Urgent: true})
	var died *worker.Died
	if errors.As(err, &died) {
		return a, errs.New(errs.Invalid, "the archive cannot be read: %s", died.Reason).Try("Unpack it with another program, if you trust it.")
	}
	if err != nil {
		return a, err
	}
	mode, err := cbor.DecOptions{
		MaxNestedLevels: 8, MaxArrayElements: packed.MaxMembers + 16, MaxMapPairs: 16,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, UTF8: cbor.UTF8DecodeInvalid,
	}.DecMode()
	if err == nil {
		err = mode.Unmarshal(out, &a)
	}
	if err != nil {
		return a, errs.New(errs.Invalid, "the archive cannot be read: what its reader says makes no sense")
	}
	if a.Err != "" {
		return a, told(a)
	}
	return a, nil
}

// told is the error of a reply, of the kinds that an archive can have.
func told(a reply) error {
	kind := errs.Invalid
	if k := errs.Kind(a.Kind); k == errs.Unsupported || k == errs.NotFound {
		kind = k
	}
	e := errs.New(kind, "%s", clean(a.Err[:min(len(a.Err), 300)]))
	if a.Remedy != "" {
		e = e.Try(clean(a.Remedy[:min(len(a.Remedy), 300)]))
	}
	return e
}

// Asked tells whether a question to a child is one for Answer.
func Asked(body []byte) bool { return bytes.HasPrefix(body, []byte(mark)) }

// Answer answers a question, in the child.
func Answer(ctx context.Context, body []byte, src io.ReaderAt, size int64) ([]byte, error) {
	mode, err := cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode()
	if err != nil {
		return nil, err
	}
	var q question
	if err := mode.Unmarshal(bytes.TrimPrefix(body, []byte(mark)), &q); err != nil {
		return nil, err
	}
	var a reply
	if q.Read {
		a, err = read(ctx, q, src, size)
	} else {
		a, err = list(ctx, q, src, size)
	}
	if err != nil {
		a = reply{Kind: string(errs.KindOf(err)), Err: err.Error(), Remedy: errs.RemedyOf(err)}
	}
	return cbor.Marshal(a)
}

var errFull = errors.New("that is enough")

func list(ctx context.Context, q question, src io.ReaderAt, size int64) (a reply, err error) {
	names := 0
	err = archive.List(ctx, src, size, q.Name, caps(), func(m archive.Member) error {
		names += len(m.Told) + len(m.Path) + len(m.Target)
		if len(a.Members) == packed.MaxMembers || names > packed.MaxNames {
			a.More = true
			return errFull
		}
		m = m.Shown()
		target := m.Target
		if m.LinkOf != "" {
			target = m.LinkOf
		}
		a.Members = append(a.Members, one{Path: m.Path, Told: m.Told, Folder: m.Kind == vfs.Folder, Size: m.Size, Modified: m.Modified, Target: target, Refused: m.Refused})
		return nil
	})
	// Of an archive that breaks off, what comes before is better than nothing.
	if a.More || err != nil && len(a.Members) > 0 {
		a.More, err = true, nil
	}
	return a, err
}

func read(ctx context.Context, q question, src io.ReaderAt, size int64) (a reply, err error) {
	var b limited
	if _, err = archive.Read(ctx, src, size, q.Name, caps(), q.Nth, &b); err != nil {
		return a, err
	}
	return reply{Bytes: b.Bytes()}, nil
}

// limited holds no more than may be looked into.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > packed.MaxBytes {
		return 0, packed.TooLarge()
	}
	return l.Buffer.Write(b)
}
