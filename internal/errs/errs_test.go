package errs_test

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

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want errs.Kind
	}{
		{nil, ""},
		{errors.New("x"), errs.Internal},
		{context.Canceled, errs.Cancelled},
		{context.DeadlineExceeded, errs.Unavailable},
		{fmt.Errorf("open: %w", fs.ErrNotExist), errs.NotFound},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, errs.Denied},
		{&os.LinkError{Op: "link", Err: syscall.EEXIST}, errs.Conflict},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, errs.Unavailable},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, errs.Unavailable},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, errs.Denied},
		{&os.PathError{Op: "open", Path: "x", Err: syscall.ENAMETOOLONG}, errs.Invalid},
		{errs.New(errs.Conflict, "taken: %w", fs.ErrNotExist), errs.Conflict}, // the outermost kind counts
		{fmt.Errorf("a: %w", &errs.Error{Err: fmt.Errorf("b: %w", errs.New(errs.Denied, "c"))}), errs.Denied},
		{errors.Join(errors.New("a"), errs.New(errs.Unsupported, "b")), errs.Unsupported},
		{errs.In("entry.list", fs.ErrNotExist), errs.NotFound},
	} {
		if got := errs.KindOf(c.err); got != c.want {
			t.Errorf("%v is %q, want %q", c.err, got, c.want)
		}
		if c.err != nil && !errs.Is(c.err, c.want) {
			t.Errorf("%v: Is and KindOf differ", c.err)
		}
	}
	if errs.Is(nil, "") || errs.In("x", nil) != nil {
		t.Error("no error is of no kind")
	}
}

func TestErrorTellsWhatWhereAndWhatToDo(t *testing.T) {
	base := errs.New(errs.NotFound, "no such entry")
	err := errs.In("entry.list", fmt.Errorf("list: %w", base.At("/x").Try("Look again.")))
	if got, want := err.Error(), "entry.list: list: /x: no such entry"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if errs.RemedyOf(err) != "Look again." || errs.RemedyOf(base) != "" {
		t.Errorf("remedies: %q %q", errs.RemedyOf(err), errs.RemedyOf(base))
	}
	if base.Path != "" || base.Remedy != "" {
		t.Error("At and Try change a copy")
	}
	if got := (&errs.Error{Op: "x", Kind: errs.ApprovalNeeded}).Error(); got != "x: approval needed" {
		t.Errorf("without a cause: %q", got)
	}
	if seen := map[errs.Kind]bool{}; len(errs.Kinds()) > 0 {
		for _, k := range errs.Kinds() {
			if k == "" || seen[k] {
				t.Errorf("kind %q is empty or twice in the list", k)
			}
			seen[k] = true
		}
	}
}
