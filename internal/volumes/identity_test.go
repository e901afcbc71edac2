package volumes

import (
	"strings"
	"testing"
)

func TestIdentity(t *testing.T) {
	const uuid = "0F0E0D0C-1111-2222-3333-444455556666"
	boot := func(p Probed) Probed { p.Boot = "b007"; return p }
	tests := []struct {
		name string
		m    Mount
		p    Probed
		want string
	}{
		{"a UUID, whatever the driver is called", Mount{Type: "ext4", Root: "/"}, Probed{UUID: uuid}, "uuid:" + strings.ToLower(uuid)},
		{"FAT serial", Mount{Type: "vfat", Root: "/"}, Probed{UUID: "ABCD-1234"}, "serial:abcd-1234"},
		{"NTFS through FUSE", Mount{Type: "fuseblk", Root: "/", Source: "/dev/sdb1"}, Probed{UUID: "01D0ABCDEF012345"}, "serial:01d0abcdef012345"},
		{"a disc", Mount{Type: "iso9660", Root: "/"}, Probed{UUID: "2024-01-02-03-04-05-00"}, "serial:2024-01-02-03-04-05-00"},
		{"bind mount in a container", Mount{Type: "ext4", Root: "/var/a b"}, Probed{UUID: uuid}, "uuid:" + strings.ToLower(uuid) + ":/var/a%20b"},
		{"no right to read the UUID", Mount{Type: "ext4", Root: "/"}, Probed{Root: Root{FSID: 0xab}}, "fsid:ext4:00000000000000ab"},
		{"an FSID made of the device number names nothing", Mount{Type: "xfs", Root: "/"}, boot(Probed{Root: Root{Dev: 2, Inode: 128, MountID: 9, FSID: 0xab}}), "mount:b007:9-2-80"},
		{"NFS", Mount{Type: "nfs4", Root: "/", Source: "nas:/export/"}, Probed{}, "nfs:nas:/export"},
		{"NFS, all of it", Mount{Type: "nfs", Root: "/", Source: "nas:/"}, Probed{}, "nfs:nas:/"},
		{"SMB in any case and slashes", Mount{Type: "cifs", Root: "/", Source: `\\NAS\Photos`}, Probed{}, "cifs://nas/photos"},
		{"SSHFS", Mount{Type: "fuse.sshfs", Root: "/", Source: "me@host:"}, Probed{}, "sshfs:me@host:"},
		{"9p", Mount{Type: "9p", Root: "/", Source: "hostshare"}, Probed{}, "9p:hostshare"},
		{"A1 odd bytes stay text", Mount{Type: "nfs", Root: "/", Source: "nas:/\xff%\n"}, Probed{}, "nfs:nas:/%FF%25%0A"},
		{"FUSE with a source of its own", Mount{Type: "fuse.gocryptfs", Root: "/", Source: "/home/u/cipher"}, Probed{}, "gocryptfs:/home/u/cipher"},
		{"FUSE that says only its name", Mount{Type: "fuse.encfs", Root: "/", Source: "encfs"}, boot(Probed{Root: Root{MountID: 7, Inode: 1}}), "mount:b007:7-0-1"},
		{"tmpfs", Mount{Type: "tmpfs", Root: "/", Source: "tmpfs"}, boot(Probed{Root: Root{FSID: 5}}), "tmpfs:b007:0000000000000005"},
		{"tmpfs of an old kernel", Mount{Type: "tmpfs", Root: "/", Source: "tmpfs"}, boot(Probed{Root: Root{MountID: 7, Inode: 1}}), "mount:b007:7-0-1"},
		{"zfs", Mount{Type: "zfs", Root: "/", Source: "tank/home"}, Probed{Root: Root{FSID: 6}}, "zfs:0000000000000006"},
	}
	for _, tt := range tests {
		if got := identify(tt.m, tt.p); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestIdentityOfLayers(t *testing.T) {
	id := func(options string) string {
		return identify(Mount{Type: "overlay", Root: "/", Options: options}, Probed{Boot: "b"})
	}
	a, same, other := id("rw,lowerdir=/l,upperdir=/u1,workdir=/w"), id("ro,lowerdir=/l:/m,upperdir=/u1"), id("rw,lowerdir=/l,upperdir=/u2")
	if a != same || a == other || !strings.HasPrefix(a, "overlay:") {
		t.Errorf("%s %s %s", a, same, other)
	}
	if ro := id("ro,lowerdir=/l:/m"); ro == id("ro,lowerdir=/l") || !strings.HasPrefix(ro, "overlay:") {
		t.Error("read-only layers are not told apart")
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		m    Mount
		p    Probed
		want string
	}{
		{Mount{Type: "ext4", Point: "/"}, Probed{}, "Root"},
		{Mount{Type: "ext4", Point: "/"}, Probed{Label: "System"}, "System"},
		{Mount{Type: "vfat", Point: "/media/u/x"}, Probed{Removable: true, Model: "Ultra Fit"}, "Ultra Fit"},
		{Mount{Type: "ext4", Point: "/mnt/data"}, Probed{Model: "Samsung SSD"}, "data"},
		{Mount{Type: "nfs4", Point: "/mnt/n", Source: "nas:/export/photos"}, Probed{}, "photos on nas"},
		{Mount{Type: "cifs", Point: "/mnt/n", Source: "//nas/photos"}, Probed{}, "photos on nas"},
		{Mount{Type: "fuse.sshfs", Point: "/mnt/n", Source: "me@host:/"}, Probed{}, "host"},
		{Mount{Type: "9p", Point: "/mnt/n", Source: "tag"}, Probed{}, "n"},
		{Mount{Type: "ext4", Point: "/mnt/\xff"}, Probed{}, "\uFFFD"},
	}
	for _, tt := range tests {
		if got := describe(tt.m, tt.p).Name; got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.m, got, tt.want)
		}
	}
}

func TestClassesAndKinds(t *testing.T) {
	tests := []struct {
		typ    string
		disk   Medium
		class  Class
		medium Medium
		family family
	}{
		{"ext4", SSD, Hot, SSD, block}, {"ext4", HDD, Warm, HDD, block}, {"ext4", "", Warm, Unknown, block}, {"iso9660", HDD, Cold, Optical, block},
		{"fuseblk", HDD, Warm, HDD, block}, {"tmpfs", "", Hot, Memory, memory}, {"nfs4", "", Cold, Network, network}, {"fuse.sshfs", "", Cold, Network, network},
		{"overlay", "", Warm, Unknown, overlay}, {"fuse.gocryptfs", "", Warm, Unknown, fuse}, {"zfs", "", Warm, Unknown, pool},
		{"proc", "", Warm, Unknown, pseudo}, {"cgroup2", "", Warm, Unknown, pseudo}, {"fuse.portal", "", Warm, Unknown, pseudo}, {"autofs", "", Warm, Unknown, pseudo},
	}
	for _, tt := range tests {
		f := describe(Mount{Type: tt.typ, Point: "/m"}, Probed{Medium: tt.disk})
		if f.Class != tt.class || f.Medium != tt.medium {
			t.Errorf("%s: class %s of %s, want %s of %s", tt.typ, f.Class, f.Medium, tt.class, tt.medium)
		}
		if got := familyOf(tt.typ); got != tt.family {
			t.Errorf("%s: family %d, want %d", tt.typ, got, tt.family)
		}
		if f.Network != (tt.family == network) {
			t.Errorf("%s: network %v", tt.typ, f.Network)
		}
	}
	for point, want := range map[string]bool{"/": false, "/run/media/u/x": false, "/run/user/1000": true, "/dev/shm": true,
		"/snap/core/1": true, "/snapshots": false, "/boot/efi": true, "/mnt": false, "/home": false} {
		if got := isSystem(point); got != want {
			t.Errorf("isSystem(%s) = %v", point, got)
		}
	}
}
