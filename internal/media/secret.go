package media

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

// secretFolders are where programs keep keys and passwords.
var secretFolders = []string{".ssh", ".gnupg", ".aws", ".kube", ".password-store"}

// secret tells whether a file is, by its name or place, one that holds keys or
// passwords. No text is taken of it, so that nobody finds it by its words. What is
// in others is judged by who reads them.
func (c *copyOf) secret(kinds *filekind.Table) bool {
	if kinds.ByName(c.Name).Kind == filekind.Key || strings.HasPrefix(strings.ToLower(c.Name), ".env.") {
		return true
	}
	dir, _ := vfs.Split(c.path)
	return slices.ContainsFunc(strings.Split(strings.ToLower(dir), "/"), func(name string) bool { return slices.Contains(secretFolders, name) })
}

// hidden tells whether one of the copies at hand is secret.
func (sub *subject) hidden(kinds *filekind.Table) bool {
	return slices.ContainsFunc(sub.copies, func(c copyOf) bool { return c.secret(kinds) })
}

// asked is what the decoder is asked for: of what is hidden, no text.
func (sub *subject) asked(kinds *filekind.Table) []Kind {
	if !sub.hidden(kinds) {
		return sub.want
	}
	return slices.DeleteFunc(slices.Clone(sub.want), func(k Kind) bool { return k == TextOf })
}
