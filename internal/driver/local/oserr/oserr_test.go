package oserr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestKind(t *testing.T) {
	for _, c := range []struct {
		err  error
		want errs.Kind
	}{
		{nil, ""},
		{fs.ErrNotExist, errs.NotFound},
		{fs.ErrPermission, errs.Denied},
		{os.ErrClosed, errs.Invalid},
		{context.Canceled, errs.Cancelled},
		{errors.New("what?"), errs.Internal},
		{errs.New(errs.Unavailable, "said so: %w", fs.ErrNotExist), errs.Unavailable},
		{fmt.Errorf("outer: %w", errs.New(errs.Conflict, "inner")), errs.Conflict},
		{syscall.ENOENT, errs.NotFound},
		{syscall.EACCES, errs.Denied},
	} {
		if got := Kind(c.err); got != c.want {
			t.Errorf("Kind(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestWrapReplacesThePath(t *testing.T) {
	_, cause := os.Open("/no/such/file")
	err := Wrap("open", "such/file", cause)
	if errs.KindOf(err) != errs.NotFound || !errors.Is(err, fs.ErrNotExist) || fmt.Sprint(err) != "open: such/file: "+errors.Unwrap(cause).Error() {
		t.Errorf("%v", err)
	}
	if Wrap("open", "x", nil) != nil {
		t.Error("wrapped nothing")
	}
}
