package search

import (
	"errors"
	"runtime/debug"
)

// errFault says that mapped memory could not be read: the disk failed, or
// somebody cut the file off.
var errFault = errors.New("the file of the name index cannot be read")

// guard runs fn, which reads mapped memory. Where that cannot be read the system
// sends a signal, which would end the process; here it becomes errFault.
func guard(fn func()) (err error) {
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
		err = errFault
	}()
	fn()
	return nil
}

func isFault(err error) bool { return errors.Is(err, errFault) }
