package volumes

import "testing"

func TestDisksOf(t *testing.T) {
	for _, c := range []struct {
		m    Mount
		p    Probed
		want string
	}{
		{Mount{Type: "ext4", Source: "/dev/sda1"}, Probed{Disks: []string{"naa.5 x", "md"}}, "md naa.5%20x"},
		{Mount{Type: "btrfs", Source: "/dev/sda1"}, Probed{Disks: []string{"b", "a", "b"}}, "a b"},
		{Mount{Type: "nfs4", Source: "NAS:/export/a"}, Probed{}, "server:nas"},
		{Mount{Type: "nfs", Source: "[fd00::1]:/b"}, Probed{}, "server:fd00::1"},
		{Mount{Type: "cifs", Source: "//Nas/Photos"}, Probed{}, "server:nas"},
		{Mount{Type: "tmpfs", Source: "tmpfs"}, Probed{}, "memory"},
		{Mount{Type: "zfs", Source: "tank/home/me"}, Probed{}, "pool:tank"},
		{Mount{Type: "apfs", Source: "/dev/disk3s1s1"}, Probed{Boot: "77"}, "77/disk3"},
		{Mount{Type: "ext4", Source: "/dev/sda1"}, Probed{}, ""},
	} {
		if got := disksOf(c.m, c.p); got != c.want {
			t.Errorf("%s %s: %q, not %q", c.m.Type, c.m.Source, got, c.want)
		}
	}
	for source, want := range map[string]string{"me@host:dir": "host", `\\a\b`: "a", "//u@a/b": "a", "": "", "/dev/sda": "", "gvfsd-fuse": "", "a/b:c": ""} {
		if got := serverOf(source); got != want {
			t.Errorf("%q: %q, not %q", source, got, want)
		}
	}
}
