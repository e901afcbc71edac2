package words

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// container is a document that is a zip archive of parts.
type container struct {
	parts map[string]*zip.File
	most  int64 // bytes that one part may unpack to
	left  int64 // that may still be unpacked of all
}

var errEncrypted = errors.New("it is encrypted")

func openContainer(src media.Source) (*container, error) {
	z, err := zip.NewReader(src, src.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are only looked up, never opened
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	c := &container{parts: map[string]*zip.File{}, most: maxMember, left: maxAll}
	for _, f := range z.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if _, twice := c.parts[name]; !twice {
			c.parts[name] = f
		}
	}
	return c, nil
}

// open opens a part; what comes out of it has an end. errNoPart if there is none.
func (c *container) open(name string) (io.ReadCloser, error) {
	f := c.parts[name]
	if f == nil {
		return nil, errNoPart
	}
	if f.Flags&1 != 0 {
		return nil, errEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	return &bounded{ReadCloser: r, c: c, left: c.most}, nil
}

var errNoPart = errors.New("a part of it is missing")

// bounded ends a part that unpacks to more than documents have.
type bounded struct {
	io.ReadCloser
	c    *container
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 || b.c.left <= 0 {
		return 0, errors.New("it unpacks to more than a document can be")
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left, b.c.left)])
	b.left -= int64(n)
	b.c.left -= int64(n)
	return n, err
}

// walk walks the XML of a part.
func (c *container) walk(d *doc, name string, m markup) error {
	r, err := c.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return d.walk(r, m)
}

// values reads values of a part that may be missing or damaged: they are extra.
func (c *container) values(d *doc, name string, want map[string]*string) error {
	r, err := c.open(name)
	if err != nil {
		return d.ctx.Err()
	}
	defer r.Close()
	_ = d.values(r, want)
	return d.ctx.Err()
}

// numbered lists the parts PREFIXn.xml by their numbers.
func (c *container) numbered(prefix string) []string {
	type part struct {
		n    int
		name string
	}
	var all []part
	for name := range c.parts {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok || path.Ext(rest) != ".xml" {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSuffix(rest, ".xml")); err == nil {
			all = append(all, part{n, name})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].n < all[j].n || all[i].n == all[j].n && all[i].name < all[j].name })
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.name
	}
	return names
}

// number reads a number that documents state; 0 of nonsense.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}
