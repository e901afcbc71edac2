// Package filekind tells what files are: of what kind and media type, by their
// names and by the bytes at their beginning. All it knows of kinds stands in one
// table, which is data. It opens no file and knows no catalogue.
package filekind

import (
	"strings"
)

// Kind is what a file is for. The names are stored, the numbers are not: they
// are the order in which lists show kinds.
type Kind uint8

// The kinds.
const (
	Other Kind = iota // it is not known
	Image
	Video
	Audio
	Document
	Book
	Text
	Subtitle
	Code
	Config
	Mail
	Archive
	Package
	DiskImage
	Font
	Model
	Database
	Executable
	Key
	Link
	Count // how many there are
)

var names = [Count]string{
	"other", "image", "video", "audio", "document", "book", "text", "subtitle", "code", "config", "mail", "archive", "package", "diskimage",
	"font", "model", "database", "executable", "key", "link",
}

// String returns the stored name of k, such as "image".
func (k Kind) String() string {
	if k < Count {
		return names[k]
	}
	return names[Other]
}

// Parse returns the kind with this name.
func Parse(name string) (k Kind, ok bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return Other, false
}

// Names lists the names of all kinds in the order of their numbers.
func Names() []string { return append([]string(nil), names[:]...) }

// Confidence tells what a Type rests on.
type Confidence uint8

// The degrees of confidence.
const (
	Unknown Confidence = iota // neither the name nor the bytes tell anything
	ByItsName
	ByItsBytes // these tell it, or do not contradict what the name says
)

// String returns "none", "name" or "bytes".
func (c Confidence) String() string { return [...]string{"none", "name", "bytes"}[min(c, ByItsBytes)] }

// Type is what a file is.
type Type struct {
	Kind       Kind
	MIME       string // without parameters; "" if it is not known
	Confidence Confidence
}

// HeadSize is how many bytes of a file's beginning Of looks at.
const HeadSize = 4 << 10

// Extension returns the lower-case extension of a file name without the dot, ""
// if it has none. A leading dot makes no extension.
func Extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || i == len(name)-1 || len(name)-i > 20 {
		return ""
	}
	return strings.ToLower(name[i+1:])
}
