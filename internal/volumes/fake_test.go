package volumes

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// drive is a storage that a fakeOS can mount.
type drive struct {
	dev, typ, source, uuid string
	label                  string
	traits                 Traits
	mark                   Mark
	file                   bool
	err                    error
}

// fakeOS is a Platform made of drives. Its mount ids are reused, as the
// kernel's are, but Root tells one mount from the next.
type fakeOS struct {
	mu      sync.Mutex
	mounts  []Mount
	drives  map[string]*drive // by mount point
	serials map[string]uint64
	serial  uint64
	links   map[string]string
	hung    map[string]chan struct{} // mount points that do not answer
	changed func()
	touched map[string]int
}

func newOS() *fakeOS {
	o := &fakeOS{drives: map[string]*drive{}, serials: map[string]uint64{}, links: map[string]string{}, hung: map[string]chan struct{}{}, touched: map[string]int{}}
	o.mount("/", &drive{dev: "8:1", typ: "ext4", source: "/dev/sda1", uuid: "00000000-0000-0000-0000-000000000001"})
	return o
}

func (o *fakeOS) mount(point string, d *drive) { o.bind(point, "/", d) }

func (o *fakeOS) bind(point, root string, d *drive) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(point, root, d)
}

// exchange unmounts what is mounted and mounts d, before anybody can look.
func (o *fakeOS) exchange(point string, d *drive) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(point)
	o.add(point, "/", d)
}

func (o *fakeOS) add(point, root string, d *drive) {
	parent := 0
	if owner := newTable(rowsOf(visible(o.mounts))).owner(point); owner != nil {
		parent = owner.ID
	}
	id := 1
	for slices.ContainsFunc(o.mounts, func(m Mount) bool { return m.ID == id }) {
		id++
	}
	o.mounts = append(o.mounts, Mount{ID: id, Parent: parent, Dev: d.dev, Root: root, Point: point, Type: d.typ, Source: d.source})
	o.serial++
	o.drives[point], o.serials[point] = d, o.serial
}

func (o *fakeOS) umount(point string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(point)
}

func (o *fakeOS) remove(point string) {
	o.mounts = slices.DeleteFunc(o.mounts, func(m Mount) bool { return m.Point == point })
	delete(o.drives, point)
}

// tell does what the kernel does when the table changed.
func (o *fakeOS) tell() {
	o.mu.Lock()
	f := o.changed
	o.mu.Unlock()
	if f != nil {
		f()
	}
}

func (o *fakeOS) stall(point string) (release func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := make(chan struct{})
	o.hung[point] = c
	return sync.OnceFunc(func() {
		o.mu.Lock()
		delete(o.hung, point)
		o.mu.Unlock()
		close(c)
	})
}

// touch does what any access does: wait for the drive.
func (o *fakeOS) touch(point string) (*drive, uint64, error) {
	o.mu.Lock()
	o.touched[point]++
	c := o.hung[point]
	o.mu.Unlock()
	if c != nil {
		<-c
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.drives[point]
	if d == nil {
		return nil, 0, fs.ErrNotExist
	}
	return d, o.serials[point], d.err
}

func (o *fakeOS) touches(point string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.touched[point]
}

func (o *fakeOS) Mounts() ([]Mount, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.mounts), nil
}

func (o *fakeOS) Root(point string) (Root, error) {
	_, serial, err := o.touch(point)
	return Root{Dev: 1, Inode: 2, MountID: serial}, err
}

func (o *fakeOS) Probe(m Mount) (Probed, error) {
	d, serial, err := o.touch(m.Point)
	if err != nil {
		return Probed{}, err
	}
	return Probed{Root: Root{Dev: 1, Inode: 2, MountID: serial}, Folder: !d.file, UUID: d.uuid, Label: d.label, Boot: "boot", Capacity: 1000, Free: 400, Traits: d.traits, Mark: d.mark}, nil
}

func (o *fakeOS) Readlink(path string) (string, bool, error) {
	o.mu.Lock()
	mounts := newTable(rowsOf(visible(o.mounts)))
	target, link := o.links[path]
	o.mu.Unlock()
	if _, _, err := o.touch(mounts.owner(path).Point); err != nil {
		return "", false, err
	}
	return target, link, nil
}

func (o *fakeOS) SetMark(point string, m Mark) error {
	d, _, err := o.touch(point)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	d.mark = m
	return nil
}

func (o *fakeOS) Watch(ctx context.Context, changed func()) error {
	o.mu.Lock()
	o.changed = changed
	o.mu.Unlock()
	changed()
	<-ctx.Done()
	return ctx.Err()
}

// stub is a driver that knows which drive it stands on.
type stub struct {
	vfs.Driver
	o      *fakeOS
	on     *drive
	mu     *sync.Mutex
	closed *int
}

func (s stub) Stat(context.Context, string) (vfs.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *s.closed > 0 {
		return vfs.Entry{}, errs.New(errs.Internal, "used after close")
	}
	return vfs.Entry{Name: s.on.uuid}, nil
}

func (s stub) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	return emit([]vfs.Entry{{Name: s.on.uuid}})
}

type stubFile struct{ vfs.Handle }

func (stubFile) Close() error { return nil }

func (s stub) Open(context.Context, string) (vfs.Handle, error) { return stubFile{}, nil }

func (s stub) Features() vfs.Features {
	return vfs.Features{
		Readlink: func(context.Context, string) (string, error) { return s.on.uuid, nil },
		Writing:  &vfs.Writing{Dir: func(context.Context, string) (vfs.Dir, error) { return stubDir{s: s}, nil }},
	}
}

// stubDir is a folder of which everything else can be opened.
type stubDir struct {
	vfs.Dir
	s stub
}

type stubWriting struct{ vfs.WriteHandle }

func (stubWriting) Close() error { return nil }

func (d stubDir) Close() error                                           { return nil }
func (d stubDir) Self(ctx context.Context) (vfs.Entry, error)            { return d.s.Stat(ctx, "") }
func (d stubDir) Sub(context.Context, string) (vfs.Dir, error)           { return d, nil }
func (d stubDir) Open(context.Context, string) (vfs.Handle, error)       { return stubFile{}, nil }
func (d stubDir) Write(context.Context, string) (vfs.WriteHandle, error) { return stubWriting{}, nil }
func (d stubDir) Create(context.Context, string, uint32) (vfs.WriteHandle, error) {
	return stubWriting{}, nil
}

func (s stub) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.closed++
	return nil
}

// world is a Service on a fakeOS.
type world struct {
	*fakeOS
	*Service
	t *testing.T

	stubs   sync.Mutex
	opened  []stub
	changes chan Change
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := &world{fakeOS: newOS(), t: t, changes: make(chan Change, 100)}
	o := Options{Platform: w.fakeOS, Open: w.open, Timeout: 100 * time.Millisecond, OnChange: func(c Change) { w.changes <- c }}
	for _, f := range change {
		f(&o)
	}
	w.Service = New(o)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) open(mount string) (vfs.Driver, error) {
	d, _, err := w.touch(mount)
	if err != nil {
		return nil, err
	}
	w.stubs.Lock()
	defer w.stubs.Unlock()
	s := stub{o: w.fakeOS, on: d, mu: &sync.Mutex{}, closed: new(int)}
	w.opened = append(w.opened, s)
	return s, nil
}

func (w *world) last() stub {
	w.stubs.Lock()
	defer w.stubs.Unlock()
	return w.opened[len(w.opened)-1]
}

func (w *world) count() int {
	w.stubs.Lock()
	defer w.stubs.Unlock()
	return len(w.opened)
}

// serve runs Serve until the test ends.
func (w *world) serve() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			w.t.Errorf("Serve returned %v", err)
		}
	})
}

// expect waits for the next change.
func (w *world) expect(identity string, state State) {
	w.t.Helper()
	select {
	case c := <-w.changes:
		if c.Volume.Identity != identity || c.Volume.State != state {
			w.t.Fatalf("told that %s is %s at %s, want %s %s", c.Volume.Identity, c.Volume.State, c.Volume.Mount, identity, state)
		}
	case <-time.After(5 * time.Second):
		w.t.Fatalf("never told that %s is %s", identity, state)
	}
}

func (w *world) resolve(path string, o ...ResolveOption) Place {
	w.t.Helper()
	p, err := w.Resolve(w.t.Context(), path, o...)
	if err != nil {
		w.t.Fatalf("resolve %s: %v", path, err)
	}
	return p
}

// drivenBy returns the UUID of the drive that a driver stands on.
func drivenBy(t *testing.T, d vfs.Driver) string {
	t.Helper()
	e, err := d.Stat(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return e.Name
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v (%s), want %s", err, errs.KindOf(err), kind)
	}
	if e := (*errs.Error)(nil); !errors.As(err, &e) {
		t.Fatalf("%v is no *errs.Error", err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// openAny opens any folder of the real machine, for tests that need no files.
func (w *world) openAny(string) (vfs.Driver, error) {
	return stub{o: w.fakeOS, on: &drive{}, mu: &sync.Mutex{}, closed: new(int)}, nil
}
