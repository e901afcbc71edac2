package volumes

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const maxBelow = 8 // devices on top of one another

// fromDisks names the hardware below the device.
func (d device) fromDisks(m Mount, p *Probed) {
	found := map[string]bool{}
	if m.Type == "btrfs" && p.UUID != "" { // it may lie on several
		all, _ := os.ReadDir(filepath.Join("/sys/fs/btrfs", p.UUID, "devices")) // older kernels have none
		for _, one := range all {
			if dir, err := filepath.EvalSymlinks(filepath.Join("/sys/class/block", one.Name())); err == nil {
				beneath(dir, p.Boot, maxBelow, found)
			}
		}
	}
	if d.rdev != 0 {
		if dir, err := filepath.EvalSymlinks(filepath.Join("/sys/dev/block", d.name())); err == nil {
			beneath(dir, p.Boot, maxBelow, found)
		}
	}
	for name := range found {
		p.Disks = append(p.Disks, name)
	}
}

// beneath adds the names of the hardware below a block device of sysfs.
func beneath(dir, boot string, steps int, found map[string]bool) {
	if steps == 0 {
		return
	}
	if sysText(dir, "partition") != "" {
		dir = filepath.Dir(dir)
	}
	if links, err := os.ReadDir(filepath.Join(dir, "slaves")); err == nil && len(links) > 0 {
		for _, l := range links {
			if under, err := filepath.EvalSymlinks(filepath.Join(dir, "slaves", l.Name())); err == nil {
				beneath(under, boot, steps-1, found)
			}
		}
		return
	}
	if file := sysText(dir, "loop/backing_file"); file != "" {
		if under := behind(file); under != "" {
			beneath(under, boot, steps-1, found)
			return
		}
		found["loop:"+file] = true
		return
	}
	found[hardware(dir, boot)] = true
}

// behind is the device in sysfs that a file lies on; "" if that cannot be told.
func behind(file string) string {
	var st unix.Stat_t
	if err := unix.Stat(file, &st); err != nil || unix.Major(st.Dev) == 0 {
		return ""
	}
	dir, err := filepath.EvalSymlinks("/sys/dev/block/" + strconv.Itoa(int(unix.Major(st.Dev))) + ":" + strconv.Itoa(int(unix.Minor(st.Dev))))
	if err != nil {
		return ""
	}
	return dir
}

// hardware is what a disk calls itself, or, where it says nothing, which one it is as
// long as it stays plugged in.
func hardware(dir, boot string) string {
	for _, file := range []string{"wwid", "device/wwid", "device/serial", "serial"} {
		if text := sysText(dir, file); text != "" {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return strings.Join([]string{boot, filepath.Base(dir), sysText(dir, "diskseq")}, "/")
}
