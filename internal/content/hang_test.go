package content

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/patient"
)

// hanging is a disk some of whose files never give their bytes.
type hanging struct {
	*disk
	keeper *patient.Keeper
	mu     sync.Mutex
	paths  string // of these files
	free   chan struct{}
}

func (h *hanging) Driver(ctx context.Context, identity string) (vfs.Driver, error) {
	if err := h.keeper.Check(identity); err != nil {
		return nil, err
	}
	return h.keeper.Driver(identity, h), nil
}

func (h *hanging) Open(ctx context.Context, path string) (vfs.Handle, error) {
	file, err := h.disk.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	free, hangs := h.free, strings.Contains(h.paths, path+" ")
	h.mu.Unlock()
	return &badHandle{file, func(p []byte) (int, error) {
		if hangs {
			<-free
		}
		return file.Read(p)
	}}, nil
}

// TestFault_D8_AHungReadHoldsNothing: a file whose read never returns is left, the
// others are read; a volume with several of them is left alone until it answers.
func TestFault_D8_AHungReadHoldsNothing(t *testing.T) {
	w := newWorld(t)
	h := &hanging{disk: w.d, keeper: patient.New(patient.Options{Deadline: 2 * time.Second, Most: 2}), paths: "top/a ", free: make(chan struct{})}
	defer h.keeper.Close()
	w.Volumes = h
	w.identify("top")
	if w.contentOf("top/b") == 0 || w.contentOf("top/a") != 0 {
		t.Error("one file that hangs kept others from being read")
	}
	if got := w.listed(); !strings.Contains(got, "/mnt/top/a unavailable 1: the volume does not answer") {
		t.Error(got)
	}
	h.mu.Lock()
	h.paths += "top/b "
	h.mu.Unlock()
	w.write(map[string]string{"top/b": "once more", "top/c": "new", "top/d": "new", "top/e": "new"})
	out, err := w.identifyNow(t.Context(), IdentifyIn{Path: "/mnt/top"})
	must(t, err)
	end, err := w.e.Wait(t.Context(), out.Job.ID)
	must(t, err)
	if end.State != job.Failed || end.ErrorKind != errs.Unavailable {
		t.Errorf("a job on a volume that does not answer: %s, %s", end.State, end.Error)
	}
	if err := h.keeper.Check("disk"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("it does not hang: %v", err)
	}
	h.mu.Lock()
	h.paths = ""
	h.mu.Unlock()
	close(h.free)
	for late := time.Now().Add(time.Minute); h.keeper.Check("disk") != nil && time.Now().Before(late); {
		time.Sleep(time.Millisecond)
	}
	w.identify("top")
	for _, path := range []string{"top/a", "top/b", "top/c", "top/d", "top/e"} {
		if w.contentOf(path) == 0 {
			t.Errorf("%s is not known in the end", path)
		}
	}
}
