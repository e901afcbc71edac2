package store

import "testing"

func TestNetworkMagic(t *testing.T) {
	for magic, want := range map[uint32]string{0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB",
		0x65735546 /* FUSE */ : "", 0xef53 /* ext4 */ : "", 0x9123683e /* btrfs */ : "", 0x01021994 /* tmpfs */ : ""} {
		if got := networkMagic(magic); got != want {
			t.Errorf("%#x: %q, want %q", magic, got, want)
		}
	}
	if got := networkFS(t.TempDir()); got != "" {
		t.Skipf("the temporary folder is on %s", got)
	}
}
