package embed

import (
	"errors"
	"runtime/debug"

	"github.com/stardrive/stardrive/internal/errs"
)

// ErrUnusable says that the file of an index cannot be used: it is damaged, or of
// another embedder or version. Create begins it anew; what it held has to be put
// in again.
var ErrUnusable = errors.New("the file of the vectors cannot be used")

func unusable(path, why string, args ...any) error {
	args = append([]any{ErrUnusable}, args...)
	return errs.New(errs.Internal, "%w: "+why, args...).At(path).Try("It is only derived: have it made anew.")
}

// guard runs fn, which reads mapped memory. Where that cannot be read, because the
// disk failed or somebody cut the file off, the system sends a signal, which would
// end the process; here it becomes ErrUnusable.
func guard(path string, fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		cause, _ := p.(error)
		var fault interface{ Addr() uintptr }
		if !errors.As(cause, &fault) {
			panic(p)
		}
		err = unusable(path, "it cannot be read any more")
	}()
	return fn()
}
