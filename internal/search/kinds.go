package search

import (
	"slices"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

// kindOf is what people call an entry: the kind of file that its name promises
// if it is a file.
func kindOf(kind vfs.Kind, c filekind.Kind) string {
	if kind == vfs.File {
		return c.String()
	}
	return kind.String()
}

// kindNames are the names that people may ask a kind by, beside those of kindOf.
var kindNames = map[string]string{
	"images": "image", "photo": "image", "photos": "image", "picture": "image", "pictures": "image",
	"videos": "video", "movie": "video", "movies": "video", "film": "video", "music": "audio", "sound": "audio",
	"documents": "document", "doc": "document", "docs": "document", "books": "book", "ebook": "book", "ebooks": "book", "source": "code",
	"settings": "config", "email": "mail", "emails": "mail", "archives": "archive", "packages": "package", "disk": "diskimage", "subtitles": "subtitle",
	"fonts": "font", "models": "model", "databases": "database", "keys": "key", "certificate": "key", "shortcut": "link",
	"folders": "folder", "dir": "folder", "directory": "folder", "files": "file", "program": "executable", "programs": "executable", "app": "executable", "apps": "executable",
}

// allKinds lists what an entry can be.
func allKinds() []string {
	kinds := filekind.Names()
	for k := vfs.File; k <= vfs.BlockDevice; k++ {
		kinds = append(kinds, k.String())
	}
	return kinds
}

func isKind(name string) bool { return slices.Contains(allKinds(), name) }

// classes tells the kinds of the files of a segment by their extensions, of
// which there are few.
type classes []struct {
	kind    filekind.Kind
	special bool // some names tell more than their extension
}

func (c classes) of(s *segment, kinds *filekind.Table) classes {
	c = slices.Grow(c[:0], len(s.extEnds))[:len(s.extEnds)]
	for i := range c {
		c[i].kind, c[i].special = kinds.ByExtension(string(s.extension(i)))
	}
	return c
}

// class is the kind of file that the name in a row promises.
func (c classes) class(s *segment, row int, kinds *filekind.Table) filekind.Kind {
	i := int(s.ext[row])
	if i >= len(c) {
		return filekind.Other
	}
	if c[i].special && s.kinds[row] == vfs.File {
		return kinds.ByName(string(s.name(row))).Kind
	}
	return c[i].kind
}
