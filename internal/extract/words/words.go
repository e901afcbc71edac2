// Package words finds the text in documents, and what they say of themselves:
// title, author, language, numbers of words, lines and pages. It takes files of
// strangers: nothing in them makes it use more than some MiB of memory beyond the
// text it returns, read without end, follow a reference, or panic.
package words

import (
	"context"

	"github.com/stardrive/stardrive/internal/media"
)

// Derive is an extract.Derive for everything that is made of words.
func Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	d := newDoc(ctx)
	if err := plain(d, src); err != nil {
		return media.Answer{}, err
	}
	return d.answer(ask), nil
}
