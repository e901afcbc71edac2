package volumes

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// image lays pieces of bytes out at their offsets.
func image(pieces map[int]string) *bytes.Reader {
	end := 4096
	for off, s := range pieces {
		end = max(end, off+len(s))
	}
	b := make([]byte, end+4096)
	for off, s := range pieces {
		copy(b[off:], s)
	}
	return bytes.NewReader(b)
}

const (
	rawUUID  = "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"
	textUUID = "01234567-89ab-cdef-0123-456789abcdef"
)

func le32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }

func TestSuperblock(t *testing.T) {
	var wide []byte
	for _, u := range utf16.Encode([]rune("Fötos")) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	tests := []struct {
		name string
		img  map[int]string
		want super
	}{
		{"ext4", map[int]string{1024 + 0x38: "\x53\xef", 1024 + 0x5c: le32(4), 1024 + 0x60: le32(0x40), 1024 + 0x68: rawUUID, 1024 + 0x78: "my disk"}, super{"ext4", textUUID, "my disk"}},
		{"ext3", map[int]string{1024 + 0x38: "\x53\xef", 1024 + 0x5c: le32(4), 1024 + 0x68: rawUUID}, super{"ext3", textUUID, ""}},
		{"ext2, label of full length", map[int]string{1024 + 0x38: "\x53\xef", 1024 + 0x68: rawUUID, 1024 + 0x78: "0123456789abcdef"}, super{"ext2", textUUID, "0123456789abcdef"}},
		{"ext2 without UUID", map[int]string{1024 + 0x38: "\x53\xef"}, super{"ext2", "", ""}},
		{"xfs", map[int]string{0: "XFSB", 32: rawUUID, 108: "files"}, super{"xfs", textUUID, "files"}},
		{"btrfs", map[int]string{0x10040: "_BHRfS_M", 0x10020: rawUUID, 0x1012b: "pool"}, super{"btrfs", textUUID, "pool"}},
		{"f2fs", map[int]string{1024: "\x10\x20\xf5\xf2", 1024 + 0x6c: rawUUID, 1024 + 0x7c: string(wide)}, super{"f2fs", textUUID, "Fötos"}},
		{"erofs", map[int]string{1024: "\xe2\xe1\xf5\xe0", 1024 + 48: rawUUID, 1024 + 64: "img"}, super{"erofs", textUUID, "img"}},
		{"exfat", map[int]string{3: "EXFAT   ", 0x64: le32(0xABCD1234), 510: "\x55\xaa"}, super{"exfat", "ABCD-1234", ""}},
		{"ntfs", map[int]string{3: "NTFS    ", 0x48: "\x45\x23\x01\xef\xcd\xab\xd0\x01", 510: "\x55\xaa"}, super{"ntfs", "01D0ABCDEF012345", ""}},
		{"fat32", map[int]string{0x43: le32(0x0012ABCD), 0x47: "STICK      FAT32   ", 510: "\x55\xaa"}, super{"vfat", "0012-ABCD", "STICK"}},
		{"fat16 without name", map[int]string{0x27: le32(1), 0x2b: "NO NAME    FAT16   ", 510: "\x55\xaa"}, super{"vfat", "0000-0001", ""}},
		{"iso, changed", map[int]string{0x8000: "\x01CD001", 0x8000 + 40: "DISC     ", 0x8000 + 813: "2020010203040500\x00" + "2024010203040506\x00"}, super{"iso9660", "2024-01-02-03-04-05-06", "DISC"}},
		{"iso, made", map[int]string{0x8000: "\x01CD001", 0x8000 + 813: "2020010203040500\x00" + "0000000000000000\x00"}, super{"iso9660", "2020-01-02-03-04-05-00", ""}},
		{"squashfs", map[int]string{0: "hsqs", 4: "\x01\x02\x03\x04\x05\x06\x07\x08", 40: "\x11\x12\x13\x14\x15\x16\x17\x18"}, super{"squashfs", "0102030405060708-1112131415161718", ""}},
	}
	for _, tt := range tests {
		got, ok := superblock(image(tt.img))
		if !ok || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, ok, tt.want)
		}
	}
}

func TestSuperblockOfNothing(t *testing.T) {
	for name, img := range map[string]string{"empty": "", "short": "XFSB", "zero": strings.Repeat("\x00", 1<<17), "boot sector only": strings.Repeat("\x00", 510) + "\x55\xaa"} {
		if s, ok := superblock(strings.NewReader(img)); ok {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func FuzzSuperblock(f *testing.F) {
	f.Add([]byte("XFSB"), 0)
	f.Add([]byte("\x01CD001"), 0x8000)
	f.Fuzz(func(t *testing.T, b []byte, off int) {
		if off < 0 || off > 1<<17 {
			return
		}
		superblock(image(map[int]string{off: string(b)}))
	})
}
