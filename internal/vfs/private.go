package vfs

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// Private names: what is half written, half made or on its way bears one until it
// gets its own, wherever this program changes a volume. What bears one is in no
// listing, index, copy, archive or sum; whoever changes a volume knows what it made
// from what it noted, never from the name alone.
//
// They are a dot, our mark and 128 random bits: the dot hides them from others, and
// nothing in them is what any file system folds or forbids.
const (
	privateMark = ".sd-"
	privateBits = 26  // digits of the random number
	stageMark   = "u" // is added to that of a folder of an upload
	asideMark   = "o" // is added where two private names are needed
)

const privateDigits = "abcdefghijklmnopqrstuvwxyz234567"

// PrivateName returns a new private name, 30 bytes in all, so that it fits wherever a
// name fits.
func PrivateName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return privateMark + base32.NewEncoding(privateDigits).WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// StageName returns a new private name of a folder in which an upload stands. Nothing
// but what somebody sends ever stands in such a folder, so that one of which nobody
// knows can be cleared away.
func StageName() string { return PrivateName() + stageMark }

// AsideOf is the second private name that goes with one: what is replaced stands there
// for a moment on volumes that cannot exchange names.
func AsideOf(private string) string { return private + asideMark }

// IsPrivate reports whether name has the form of a private name.
func IsPrivate(name string) bool {
	private, _ := private(name)
	return private
}

// IsStage reports whether name has the form of the name of a folder in which an upload
// stands, or of one that is just cleared away.
func IsStage(name string) bool {
	_, stage := private(name)
	return stage
}

func private(name string) (is, stage bool) {
	rest, is := strings.CutPrefix(name, privateMark)
	if !is || len(rest) < privateBits || strings.Trim(rest[:privateBits], privateDigits) != "" {
		return false, false
	}
	marks := rest[privateBits:]
	stage = strings.HasPrefix(marks, stageMark)
	marks = strings.TrimPrefix(strings.TrimPrefix(marks, stageMark), asideMark)
	return marks == "", stage && marks == ""
}

// Public takes what bears a private name out of a batch of a listing, whose array it
// uses.
func Public(batch []Entry) []Entry {
	kept := batch[:0]
	for i := range batch {
		if !IsPrivate(batch[i].Name) {
			kept = append(kept, batch[i])
		}
	}
	return kept
}
