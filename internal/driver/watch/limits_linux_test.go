package watch

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// TestFault_E13_WatchLimit: a fake kernel says that there is no room.
func TestFault_E13_WatchLimit(t *testing.T) {
	each(t, func(t *testing.T, w way) {
		h, dir := newHeard(), w.dir(t)
		n := quiet(t, w.how, h)
		go n.serve()
		defer func() { must(t, n.Close()) }()
		kernel := n.inotify.add
		n.inotify.add = func(int, string, uint32) (int, error) { return -1, unix.ENOSPC }
		added, err := n.Add(dir, 1) // also a marked file system needs one
		if added || !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
			t.Errorf("%v, %v", added, err)
		}
		n.inotify.add = kernel
		if added, err := n.Add(dir, 1); !added || err != nil {
			t.Errorf("when there is room again: %v, %v", added, err)
		}
		sub := filepath.Join(dir, "sub")
		must(t, os.Mkdir(sub, 0o700))
		n.inotify.add = func(int, string, uint32) (int, error) { return -1, unix.ENOSPC }
		if added, err := n.Add(sub, 2); added != (n.How(dir) == byFanotify) {
			t.Errorf("in a marked file system there is no limit, else there is: %v, %v", added, err)
		}
	})
}

// The test runs itself again as a child with limits of its own.
const (
	childEnv   = "STARDRIVE_WATCH_LIMIT_TEST"
	childLimit = 1024
)

// inChild does the child's part, and ends it.
func inChild() {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return
	}
	if err := limited(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func limited(dir string) error {
	if err := os.WriteFile("/proc/sys/user/max_inotify_watches", []byte(strconv.Itoa(childLimit)), 0); err != nil {
		return fmt.Errorf("SKIP: %w", err)
	}
	h := newHeard()
	n, err := New(h.told())
	if err != nil {
		return err
	}
	if how := n.How(dir); how != byInotify {
		return fmt.Errorf("without privileges it is watched by %q", how)
	}
	for i := range childLimit {
		if added, err := n.Add(filepath.Join(dir, fmt.Sprint(i)), ident.EntryID(1+i)); err != nil || !added {
			return fmt.Errorf("folder %d of %d: %v, %w", i, childLimit, added, err)
		}
	}
	past := filepath.Join(dir, fmt.Sprint(childLimit))
	for range 3 {
		if added, err := n.Add(past, 9999); added || !errs.Is(err, errs.Unavailable) {
			return fmt.Errorf("past the limit: %v, %w", added, err)
		}
	}
	if added, err := n.Add(filepath.Join(dir, "7"), 8); added || err != nil {
		return fmt.Errorf("one that is watched, at the limit: %v, %w", added, err)
	}
	n.Remove(1)
	if added, err := n.Add(past, 9999); err != nil || !added {
		return fmt.Errorf("when one is removed: %v, %w", added, err)
	}
	return n.Close()
}

// TestFault_E13_RealWatchLimit: in a user namespace of its own, with a limit of
// 1,024 watches.
func TestFault_E13_RealWatchLimit(t *testing.T) {
	dir := t.TempDir()
	for i := range childLimit + 1 {
		must(t, os.Mkdir(filepath.Join(dir, fmt.Sprint(i)), 0o700))
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
	case len(out) == 0 || strings.HasPrefix(string(out), "SKIP"):
		t.Skipf("user namespaces with limits are not possible here: %v: %s", err, out)
	default:
		t.Errorf("%v: %s", err, out)
	}
}

// TestFault_E13_RealOverflow: more happens than the kernel keeps while nobody
// reads. That is told, and afterwards hints come again.
func TestFault_E13_RealOverflow(t *testing.T) {
	inMemory(t, func(t *testing.T, w way) {
		h, dir := newHeard(), w.dir(t)
		n := quiet(t, w.how, h)
		serve := sync.OnceFunc(func() { go n.serve() })
		defer func() { serve(); must(t, n.Close()) }()
		_, err := n.Add(dir, 1)
		must(t, err)
		keeps, err := os.ReadFile("/proc/sys/fs/" + w.how + "/max_queued_events")
		must(t, err)
		limit, err := strconv.Atoi(strings.TrimSpace(string(keeps)))
		must(t, err)
		if limit > 20000 {
			t.Skipf("the kernel keeps %d events", limit)
		}
		for i := range limit/2 + 500 { // inotify merges what is alike, one after the other
			p := filepath.Join(dir, "f")
			if w.how == byFanotify { // it merges what happens in one folder
				p = filepath.Join(dir, fmt.Sprint(i))
			}
			must(t, os.Mkdir(p, 0o700))
			if w.how == byFanotify {
				must(t, os.Mkdir(filepath.Join(p, "d"), 0o700), os.WriteFile(filepath.Join(p, "d/f"), nil, 0o600))
			} else {
				must(t, os.Remove(p))
			}
		}
		serve()
		h.until(t, "the overflow", func() bool { return h.overflow == 1 })
		h.until(t, "what came before it", func() bool { return slices.Contains(h.changed, 1) })
		h.take()
		must(t, os.WriteFile(filepath.Join(dir, "after"), nil, 0o600))
		h.until(t, "a change", func() bool { return slices.Contains(h.changed, 1) })
		if added, err := n.Add(dir, 1); added || err != nil {
			t.Errorf("add again: %v, %v", added, err)
		}
		must(t, os.WriteFile(filepath.Join(dir, "again"), nil, 0o600))
	})
}

// TestFault_E14_Storm: 50,000 files come and go. The folder is told of a few
// times, with little memory, and once more after the last of them.
func TestFault_E14_Storm(t *testing.T) {
	inMemory(t, func(t *testing.T, w way) {
		s := newSight(t, w)
		s.add(s.top, 1, true)
		var before, after goruntime.MemStats
		goruntime.GC()
		goruntime.ReadMemStats(&before)
		began := time.Now()
		const changes = 50000
		for i := range changes / 2 {
			p := s.path(fmt.Sprint(i % 100))
			must(t, os.Mkdir(p, 0o700), unix.Rmdir(p))
		}
		took := time.Since(began)
		goruntime.ReadMemStats(&after)
		s.since()
		must(t, os.WriteFile(s.path("last"), nil, 0o600))
		s.wantSince("after the storm", ids{1}, nil)
		goruntime.GC()
		goruntime.ReadMemStats(&after)
		grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%d creates and deletes in %v; %d KB more memory held", changes, took.Round(time.Millisecond), grown>>10)
		if grown > 4<<20 {
			t.Errorf("%d bytes more are held", grown)
		}
		s.holds(1)
	})
}

// inotifyEvent is one record as the kernel writes it.
func inotifyEvent(wd int32, bits uint32, name string) []byte {
	b := make([]byte, unix.SizeofInotifyEvent+len(name))
	binary.NativeEndian.PutUint32(b, uint32(wd))
	binary.NativeEndian.PutUint32(b[4:], bits)
	binary.NativeEndian.PutUint32(b[12:], uint32(len(name)))
	copy(b[unix.SizeofInotifyEvent:], name)
	return b
}

// parsing returns a Notifier without a kernel, that watches some folders.
func parsing(h *heard) *Notifier {
	a := &fanotify{marked: map[fsid]*mark{}, seed: maphash.MakeSeed(), fd: -1}
	a.marked[7] = &mark{source: newSource(), root: 3}
	a.marked[7].sure = true
	n := newNotifier(h.told(), &inotify{fd: -1, source: newSource(), roots: map[int32]*source{3: a.marked[7].source}}, a)
	n.folders.put(spot{n.inotify.source, 1}, 10)
	n.folders.put(spot{n.inotify.source, 2}, 20)
	n.folders.put(spot{a.marked[7].source, a.placeOf([]byte("handle-a"))}, 30)
	n.folders.put(spot{a.marked[7].source, a.placeOf([]byte("handle-b"))}, 40)
	return n
}

func TestHearInotify(t *testing.T) {
	h := newHeard()
	n := parsing(h)
	n.hearInotify(slices.Concat(
		inotifyEvent(1, unix.IN_CREATE, "a\x00\x00\x00"),
		inotifyEvent(-1, unix.IN_Q_OVERFLOW, ""),
		inotifyEvent(9, unix.IN_CREATE, "unknown\x00"),
		inotifyEvent(2, unix.IN_UNMOUNT, ""),
		inotifyEvent(2, unix.IN_IGNORED, ""),
		inotifyEvent(2, unix.IN_IGNORED, ""),
		inotifyEvent(2, unix.IN_CREATE, "late\x00"),
		inotifyEvent(1, unix.IN_DELETE|unix.IN_ISDIR, "a\x00\x00\x00"),
	))
	if len(h.changed) != 1 {
		t.Errorf("one folder was told %d times", len(h.changed))
	}
	h.want(t, "a batch", ids{10}, ids{20}, 1)
	if n.marks.marked[7].sure {
		t.Error("after an overflow nothing is sure")
	}
	n.hearInotify(inotifyEvent(3, unix.IN_UNMOUNT, ""))
	n.hearInotify(inotifyEvent(3, unix.IN_IGNORED, ""))
	h.want(t, "a marked file system is gone", nil, ids{30, 40}, 0)
	check(t, n.folders, n.inotify.source)
	if len(n.folders) != 1 || len(n.marks.marked) != 0 {
		t.Errorf("left: %v, %v", n.folders, n.marks.marked)
	}
}

// fanotifyEvent is one record as the kernel writes it.
func fanotifyEvent(mask uint64, fs fsid, handle string) []byte {
	b := make([]byte, 24, 64)
	b[4] = unix.FANOTIFY_METADATA_VERSION
	binary.NativeEndian.PutUint16(b[6:], 24)
	binary.NativeEndian.PutUint64(b[8:], mask)
	if handle != "" {
		b = append(b, unix.FAN_EVENT_INFO_TYPE_DFID, 0)
		b = binary.NativeEndian.AppendUint16(b, uint16(12+4+len(handle)))
		b = binary.NativeEndian.AppendUint64(b, uint64(fs))
		b = binary.NativeEndian.AppendUint32(b, uint32(len(handle)-4))
		b = append(b, handle...)
	}
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	return b
}

func TestHearMarks(t *testing.T) {
	h := newHeard()
	n := parsing(h)
	n.hearMarks(slices.Concat(
		fanotifyEvent(unix.FAN_CREATE, 7, "handle-a"),
		fanotifyEvent(unix.FAN_DELETE|unix.FAN_ONDIR, 7, "handle-a"),
		fanotifyEvent(unix.FAN_CREATE, 7, "handle-unknown"),
		fanotifyEvent(unix.FAN_CREATE, 8, "handle-a"),
		fanotifyEvent(unix.FAN_Q_OVERFLOW, 0, ""),
		fanotifyEvent(unix.FAN_DELETE_SELF|unix.FAN_ONDIR, 7, "handle-b"),
		fanotifyEvent(unix.FAN_ATTRIB|unix.FAN_ONDIR, 7, "handle-b"),
	))
	if len(h.changed) != 1 {
		t.Errorf("one folder was told %d times", len(h.changed))
	}
	h.want(t, "a batch", ids{30}, ids{40}, 1)
	good := fanotifyEvent(unix.FAN_CREATE, 7, "handle-a")
	for name, b := range map[string][]byte{
		"cut off":          good[:len(good)-1],
		"a head cut off":   good[:20],
		"a longer handle":  slices.Replace(slices.Clone(good), 36, 37, 200),
		"another version":  slices.Replace(slices.Clone(good), 4, 5, 99),
		"another record":   slices.Replace(slices.Clone(good), 24, 25, 99),
		"no record":        fanotifyEvent(unix.FAN_CREATE, 0, ""),
		"longer than read": slices.Replace(slices.Clone(good), 0, 1, 200),
		"shorter than it":  slices.Replace(slices.Clone(good), 0, 1, 10),
	} {
		n.hearMarks(b)
		if _, _, lost := h.take(); lost != 1 {
			t.Errorf("%s: nothing is said to be lost", name)
		}
	}
}

func FuzzHear(f *testing.F) {
	f.Add(inotifyEvent(1, unix.IN_CREATE, "name\x00"))
	f.Add(inotifyEvent(3, unix.IN_IGNORED, "")[:9])
	f.Add(fanotifyEvent(unix.FAN_CREATE, 7, "handle-a"))
	f.Add(slices.Concat(fanotifyEvent(unix.FAN_Q_OVERFLOW, 7, ""), fanotifyEvent(unix.FAN_DELETE_SELF, 7, "handle-b")))
	long := inotifyEvent(1, unix.IN_CREATE, "name")
	binary.NativeEndian.PutUint32(long[12:], 1<<32-1)
	f.Add(long)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, hear := range []func(*Notifier, []byte){(*Notifier).hearInotify, (*Notifier).hearMarks} {
			h := newHeard()
			n := parsing(h)
			hear(n, b)
			if len(h.changed)+len(h.dropped)+h.overflow > len(b)/unix.SizeofInotifyEvent+2 {
				t.Errorf("%d bytes told of %d changes", len(b), len(h.changed))
			}
		}
	})
}
