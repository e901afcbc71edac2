package media

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// Words are what can be found of one content by its words.
type Words struct {
	Content ident.ContentID
	Hash    catalog.Hash // of the content: its number alone proves nothing where a library was restored
	Text    Text         // Body is empty where there is no text: a photo is found by its title, caption and place
	Title   string       // the document's own, else that of its facts; may be empty
	Name    string       // of one of its copies: raw bytes, with the extension
	Path    []string     // of the same copy: the folders above it, the volume's root left out, outermost first; raw bytes
	Kind    string       // in the words of package filekind
	Facts   *Facts       // what else is known of it; nil: nothing
}

// Texts keeps the words of contents, and finds by them. What it keeps can be
// lost at any time, and is then given to it again. All methods may be called
// from any goroutine, and block until they are done or ctx ends.
type Texts interface {
	// Stamp tells one life of the store from the next: a random number, never 0,
	// made together with it and lost with it. errs.Unavailable: it cannot tell now.
	Stamp(ctx context.Context) (int64, error)

	// Put keeps the words of these contents, in place of what it had of them.
	// When it returns nil they outlast a power cut, as long as Stamp is what it
	// was before, or LostTexts is told of them. On an error none, some or all of them are kept. A content comes
	// at most once in a call; a call has at most some MiB of text.
	Put(ctx context.Context, words []Words) error

	// Drop forgets contents; those it does not have do no harm. What was dropped
	// may come back by a power cut.
	Drop(ctx context.Context, contents []ident.ContentID) error
}
