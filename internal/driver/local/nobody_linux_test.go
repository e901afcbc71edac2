package local

import (
	"context"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

// asNobody is a driver whose calls the kernel checks as those of a user who
// owns nothing, so that tests run by root meet permissions too.
type asNobody struct{ vfs.Driver }

// drop changes the thread's file system identity until the returned func runs.
func drop() func() {
	runtime.LockOSThread()
	_ = unix.Setfsuid(65534)
	return func() {
		_ = unix.Setfsuid(0)
		runtime.UnlockOSThread()
	}
}

func (n asNobody) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	defer drop()()
	return n.Driver.List(ctx, dir, func(batch []vfs.Entry) error {
		_ = unix.Setfsuid(0) // the test's own work stays root's
		defer func() { _ = unix.Setfsuid(65534) }()
		return emit(batch)
	})
}

func (n asNobody) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	defer drop()()
	return n.Driver.Stat(ctx, path)
}

func (n asNobody) Open(ctx context.Context, path string) (vfs.Handle, error) {
	defer drop()()
	return n.Driver.Open(ctx, path)
}
