package volumes

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// superblock reads what a file system says of itself at the beginning of its
// block device: type, UUID as the system's tools print it, and label. ok is
// false where none of the known ones is there. It reads and never writes.
func superblock(r io.ReaderAt) (s super, ok bool) {
	for _, f := range []func(io.ReaderAt) (super, bool){
		extSuper, xfsSuper, btrfsSuper, f2fsSuper, erofsSuper, exfatSuper, ntfsSuper, fatSuper, isoSuper, squashSuper,
	} {
		if s, ok := f(r); ok {
			return s, true
		}
	}
	return super{}, false
}

type super struct{ FS, UUID, Label string }

// at reads n bytes at off if magic stands at magicOff within them.
func at(r io.ReaderAt, off int64, n, magicOff int, magic string) ([]byte, bool) {
	b := make([]byte, n)
	if _, err := r.ReadAt(b, off); err != nil {
		return nil, false
	}
	return b, strings.HasPrefix(string(b[magicOff:]), magic)
}

func extSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 1024, 0x88, 0x38, "\x53\xef")
	if !ok {
		return super{}, false
	}
	fs := "ext2"
	if binary.LittleEndian.Uint32(b[0x5c:])&4 != 0 { // has a journal
		fs = "ext3"
	}
	if binary.LittleEndian.Uint32(b[0x60:])&0x40 != 0 { // extents
		fs = "ext4"
	}
	return super{fs, uuidText(b[0x68:0x78]), text(b[0x78:0x88])}, true
}

func xfsSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0, 120, 0, "XFSB")
	if !ok {
		return super{}, false
	}
	return super{"xfs", uuidText(b[32:48]), text(b[108:120])}, true
}

func btrfsSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0x10000, 0x12b+256, 0x40, "_BHRfS_M")
	if !ok {
		return super{}, false
	}
	return super{"btrfs", uuidText(b[0x20:0x30]), text(b[0x12b:])}, true
}

func f2fsSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 1024, 0x7c+1024, 0, "\x10\x20\xf5\xf2")
	if !ok {
		return super{}, false
	}
	return super{"f2fs", uuidText(b[0x6c:0x7c]), text16(b[0x7c:])}, true
}

func erofsSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 1024, 80, 0, "\xe2\xe1\xf5\xe0")
	if !ok {
		return super{}, false
	}
	return super{"erofs", uuidText(b[48:64]), text(b[64:80])}, true
}

func exfatSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0, 512, 3, "EXFAT   ")
	if !ok {
		return super{}, false
	}
	return super{FS: "exfat", UUID: serial32(b[0x64:])}, true
}

func ntfsSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0, 512, 3, "NTFS    ")
	if !ok {
		return super{}, false
	}
	return super{FS: "ntfs", UUID: fmt.Sprintf("%016X", binary.LittleEndian.Uint64(b[0x48:]))}, true
}

// fatSuper knows FAT12, 16 and 32 by the type text in their boot sector.
func fatSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0, 512, 510, "\x55\xaa")
	if !ok {
		return super{}, false
	}
	for _, off := range []int{0x27, 0x43} { // serial, label, type text: FAT12/16, FAT32
		if !bytes.HasPrefix(b[off+15:], []byte("FAT")) {
			continue
		}
		label := text(b[off+4 : off+15])
		if label == "NO NAME" {
			label = ""
		}
		return super{"vfat", serial32(b[off:]), label}, true
	}
	return super{}, false
}

// isoSuper takes the moment an optical disc was last changed, or made, for its
// UUID, as udev does.
func isoSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0x8000, 847, 0, "\x01CD001")
	if !ok {
		return super{}, false
	}
	s := super{FS: "iso9660", Label: text(b[40:72])}
	for _, off := range []int{830, 813} {
		d := string(b[off : off+16])
		if strings.Trim(d, "0123456789") == "" && strings.Trim(d, "0") != "" {
			s.UUID = strings.Join([]string{d[:4], d[4:6], d[6:8], d[8:10], d[10:12], d[12:14], d[14:16]}, "-")
			break
		}
	}
	return s, true
}

// squashSuper: these images carry no UUID; what is fixed when one is made tells
// it from others.
func squashSuper(r io.ReaderAt) (super, bool) {
	b, ok := at(r, 0, 96, 0, "hsqs")
	if !ok {
		return super{}, false
	}
	return super{FS: "squashfs", UUID: hex.EncodeToString(b[4:12]) + "-" + hex.EncodeToString(b[40:48])}, true
}

// uuidText prints 16 bytes as a UUID, "" if they are all zero.
func uuidText(b []byte) string {
	if len(bytes.Trim(b, "\x00")) == 0 {
		return ""
	}
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func serial32(b []byte) string {
	n := binary.LittleEndian.Uint32(b)
	return fmt.Sprintf("%04X-%04X", n>>16, n&0xffff)
}

// text reads a label: up to the first NUL, without the spaces around it.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return strings.TrimSpace(string(b))
}

func text16(b []byte) string {
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		c := binary.LittleEndian.Uint16(b)
		if c == 0 {
			break
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u))
}
