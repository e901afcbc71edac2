package treegen

import (
	"golang.org/x/sys/unix"
)

// disk writes folders relative to an open root: no path is walked twice.
type disk struct{ root int }

func openDisk(root string) (*disk, error) {
	fd, err := unix.Open(root, unix.O_DIRECTORY|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	return &disk{fd}, err
}

func (d *disk) close() { _ = unix.Close(d.root) }

func (d *disk) write(into dir, entries []entry) error {
	at := "."
	if into.path != "" {
		at = into.path
	}
	fd, err := unix.Openat(d.root, at, unix.O_DIRECTORY|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	for _, e := range entries {
		if err := make1(fd, e); err != nil {
			return err
		}
	}
	if into.path == "" {
		return nil
	}
	return setTime(fd, ".", into.mtime)
}

func make1(fd int, e entry) error {
	switch e.kind {
	case folder: // its time is set when it is full
		return unix.Mkdirat(fd, e.name, 0o755)
	case symlink:
		if err := unix.Symlinkat(e.target, fd, e.name); err != nil {
			return err
		}
		return setTime(fd, e.name, e.mtime)
	}
	f, err := unix.Openat(fd, e.name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(f) }()
	switch {
	case e.content != "":
		_, err = unix.Write(f, []byte(e.content))
	case e.size > 0:
		err = unix.Ftruncate(f, e.size)
	}
	if err != nil {
		return err
	}
	return setTime(fd, e.name, e.mtime)
}

func setTime(fd int, name string, ns int64) error {
	t := unix.NsecToTimespec(ns)
	return unix.UtimesNanoAt(fd, name, []unix.Timespec{t, t}, unix.AT_SYMLINK_NOFOLLOW)
}
