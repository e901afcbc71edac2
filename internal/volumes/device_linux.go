package volumes

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// device is the block device below a mount.
type device struct {
	rdev uint64 // 0: none found
	node string // its file in /dev, "" if unknown
}

// findDevice takes the device number of the mount, or, where a file system made
// one up (btrfs), that of its source.
func findDevice(m Mount) device {
	var d device
	major, minor, _ := strings.Cut(m.Dev, ":")
	maj, _ := strconv.ParseUint(major, 10, 32)
	mnr, _ := strconv.ParseUint(minor, 10, 32)
	if maj != 0 {
		d.rdev = unix.Mkdev(uint32(maj), uint32(mnr))
	}
	if strings.HasPrefix(m.Source, "/dev/") {
		if rdev, ok := blockNumber(m.Source); ok && (d.rdev == 0 || rdev == d.rdev) {
			return device{rdev, m.Source}
		}
	}
	if d.rdev == 0 {
		return d
	}
	if event, err := os.ReadFile(d.sys("uevent")); err == nil {
		for line := range strings.Lines(string(event)) {
			if name, ok := strings.CutPrefix(strings.TrimSpace(line), "DEVNAME="); ok {
				d.node = "/dev/" + name
			}
		}
	}
	return d
}

func (d device) name() string {
	return strconv.Itoa(int(unix.Major(d.rdev))) + ":" + strconv.Itoa(int(unix.Minor(d.rdev)))
}

func (d device) sys(file string) string { return filepath.Join("/sys/dev/block", d.name(), file) }

// blockNumber returns the device number of a block device file.
func blockNumber(path string) (uint64, bool) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return 0, false
	}
	return uint64(st.Rdev), true
}

// fromLinks reads the names udev gives: /dev/disk/by-uuid/UUID → ../../sda1.
func (d device) fromLinks(p *Probed) {
	if d.rdev == 0 {
		return
	}
	if p.UUID == "" {
		p.UUID = linkName("/dev/disk/by-uuid", d.rdev)
	}
	if p.Label == "" {
		p.Label = linkName("/dev/disk/by-label", d.rdev)
	}
}

func linkName(dir string, rdev uint64) string {
	links, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, l := range links {
		if n, ok := blockNumber(path.Join(dir, l.Name())); ok && n == rdev {
			return unescapeHex(l.Name())
		}
	}
	return ""
}

// unescapeHex turns udev's \xHH back into bytes.
func unescapeHex(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\x`) && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// fromUdev reads udev's own record of the device, which everybody may.
func (d device) fromUdev(p *Probed) {
	if d.rdev == 0 {
		return
	}
	b, err := os.ReadFile("/run/udev/data/b" + d.name())
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "E:"), "\n"), "=")
		value = unescapeHex(value)
		switch {
		case name == "ID_FS_UUID" && p.UUID == "":
			p.UUID = value
		case name == "ID_FS_LABEL_ENC" && p.Label == "":
			p.Label = value
		case name == "ID_FS_TYPE":
			p.FS = value
		case name == "ID_MODEL_ENC":
			p.Model = strings.TrimSpace(value)
		case name == "ID_BUS" && value == "usb":
			p.Removable = true
		}
	}
}

// fromSuperblock reads the device itself, if that is permitted.
func (d device) fromSuperblock(p *Probed) {
	if d.node == "" {
		return
	}
	fd, err := unix.Open(d.node, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || uint64(st.Rdev) != d.rdev {
		return // the name leads to another device by now
	}
	if s, ok := superblock(preader(fd)); ok {
		p.FS = s.FS
		if p.UUID == "" {
			p.UUID = s.UUID
		}
		if p.Label == "" {
			p.Label = s.Label
		}
	}
}

// preader reads a descriptor without the runtime's poller, which block devices
// do not need.
type preader int

func (fd preader) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		err = retry(func() (e error) { k, e = unix.Pread(int(fd), b[n:], off+int64(n)); return e })
		if err == nil && k == 0 {
			err = io.ErrUnexpectedEOF
		}
		n += max(k, 0)
	}
	return n, err
}

// fromSysfs tells how the hardware is.
func (d device) fromSysfs(p *Probed) {
	if d.rdev == 0 {
		return
	}
	dir, err := filepath.EvalSymlinks(filepath.Join("/sys/dev/block", d.name()))
	if err != nil {
		return
	}
	if _, err := os.Stat(filepath.Join(dir, "partition")); err == nil {
		dir = filepath.Dir(dir) // the whole disk knows
	}
	switch sysText(dir, "queue/rotational") {
	case "1":
		p.Medium = HDD
	case "0":
		p.Medium = SSD
	}
	for _, disk := range append(slaves(dir), dir) {
		if sysText(disk, "removable") == "1" || strings.Contains(disk, "/usb") || sysText(disk, "device/type") == "SD" {
			p.Removable = true
		}
		if p.Model == "" {
			p.Model = sysText(disk, "device/model")
		}
	}
}

// serial returns what the hardware calls itself, with the number of the
// partition; of a loop device, the file that it shows.
func (d device) serial() string {
	if d.rdev == 0 {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Join("/sys/dev/block", d.name()))
	if err != nil {
		return ""
	}
	if file := sysText(dir, "loop/backing_file"); file != "" {
		return "loop:" + file
	}
	part := sysText(dir, "partition")
	if part != "" {
		dir = filepath.Dir(dir)
	}
	for _, file := range []string{"wwid", "device/wwid", "device/serial", "serial", "dm/uuid", "md/uuid"} {
		if text := sysText(dir, file); text != "" {
			return strings.TrimSuffix(strings.Join(strings.Fields(text), " ")+"/"+part, "/")
		}
	}
	return ""
}

// size returns the bytes of the device, 0 if unknown.
func (d device) size() int64 {
	if d.rdev == 0 {
		return 0
	}
	sectors, err := strconv.ParseInt(sysText(d.sys(""), "size"), 10, 64)
	if err != nil {
		return 0
	}
	return sectors * 512
}

// slaves returns the disks below an encrypted or logical volume.
func slaves(dir string) []string {
	links, err := os.ReadDir(filepath.Join(dir, "slaves"))
	if err != nil {
		return nil
	}
	var out []string
	for _, l := range links {
		disk, err := filepath.EvalSymlinks(filepath.Join(dir, "slaves", l.Name()))
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(disk, "partition")); err == nil {
			disk = filepath.Dir(disk)
		}
		out = append(out, disk)
	}
	return out
}

func sysText(dir, file string) string {
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
