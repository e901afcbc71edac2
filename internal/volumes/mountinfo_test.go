package volumes

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseMountinfo(t *testing.T) {
	tests := []struct {
		name, line string
		want       Mount
	}{
		{"plain", `27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard`,
			Mount{27, 1, "254:0", "/", "/", "ext4", "/dev/vda", false, "rw,discard"}},
		{"optional fields", `36 35 98:0 / /mnt rw,noatime master:1 shared:7 - ext3 /dev/sdb1 rw`,
			Mount{36, 35, "98:0", "/", "/mnt", "ext3", "/dev/sdb1", false, "rw"}},
		{"read-only mount", `36 35 98:0 / /mnt ro,noatime - ext3 /dev/sdb1 rw`,
			Mount{36, 35, "98:0", "/", "/mnt", "ext3", "/dev/sdb1", true, "rw"}},
		{"read-only file system", `36 35 11:0 / /mnt rw - iso9660 /dev/sr0 ro,utf8`,
			Mount{36, 35, "11:0", "/", "/mnt", "iso9660", "/dev/sr0", true, "ro,utf8"}},
		{"D4 A1 octal escapes, any bytes", "40 35 0:5 /a\\040b /mnt/\\303\\244\\134x\\011y\\012z\xff rw - cifs //srv/my\\040share rw",
			Mount{40, 35, "0:5", "/a b", "/mnt/ä\\x\ty\nz\xff", "cifs", "//srv/my share", false, "rw"}},
		{"bind mount of a folder", `41 35 8:1 /srv/x /home/u/x rw - ext4 /dev/sda1 rw`,
			Mount{41, 35, "8:1", "/srv/x", "/home/u/x", "ext4", "/dev/sda1", false, "rw"}},
		{"empty source", `42 35 0:7 / /t rw - tmpfs  rw,size=1k`,
			Mount{42, 35, "0:7", "/", "/t", "tmpfs", "", false, "rw,size=1k"}},
		{"a minus as source", `42 35 0:7 / /t rw - fuse.x - rw`,
			Mount{42, 35, "0:7", "/", "/t", "fuse.x", "-", false, "rw"}},
		{"overlay", `43 35 0:9 / / rw - overlay overlay rw,lowerdir=/l1:/l2,upperdir=/u,workdir=/w`,
			Mount{43, 35, "0:9", "/", "/", "overlay", "overlay", false, "rw,lowerdir=/l1:/l2,upperdir=/u,workdir=/w"}},
		{"FUSE", `44 35 0:10 / /m rw - fuse.sshfs me@host:/dir rw,user_id=0`,
			Mount{44, 35, "0:10", "/", "/m", "fuse.sshfs", "me@host:/dir", false, "rw,user_id=0"}},
	}
	var all strings.Builder
	var want []Mount
	for _, tt := range tests {
		got, err := parseMountinfo(tt.line + "\n")
		if err != nil || len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: got %+v, %v\nwant %+v", tt.name, got, err, tt.want)
		}
		all.WriteString(tt.line + "\n")
		want = append(want, tt.want)
	}
	if got, err := parseMountinfo(all.String()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("all lines: %v, %v", got, err)
	}
}

func TestParseMountinfoRefusesWhatItCannotRead(t *testing.T) {
	good := "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
	for _, bad := range []string{"x", "27 1 254:0 / / rw", "27 1 254:0 / / rw - ext4", "a 1 254:0 / / rw - ext4 /dev/vda rw",
		"27 b 254:0 / / rw - ext4 /dev/vda rw", "27 1 254:0 / rel rw - ext4 /dev/vda rw"} {
		if _, err := parseMountinfo(good + bad + "\n"); err == nil {
			t.Errorf("%q was taken: a missing mount makes its paths lie on another volume", bad)
		}
	}
	if m, err := parseMountinfo(""); err != nil || len(m) != 0 {
		t.Errorf("empty table: %v, %v", m, err)
	}
}

func FuzzParseMountinfo(f *testing.F) {
	f.Add("27 1 254:0 / / rw - ext4 /dev/vda rw\n41 27 8:1 /x /y\\040 rw shared:1 - ext4 /dev/sda1 rw\n")
	f.Fuzz(func(t *testing.T, text string) {
		mounts, err := parseMountinfo(text)
		if err == nil {
			newTable(rowsOf(visible(mounts))).owner("/a/b")
		}
	})
}

func rowsOf(mounts []Mount) (rows []*row) {
	for _, m := range mounts {
		rows = append(rows, newRow(m))
	}
	return rows
}

func TestVisible(t *testing.T) {
	m := func(id, parent int, point string) Mount {
		return Mount{ID: id, Parent: parent, Point: point, Dev: "0:1", Root: "/", Type: "ext4"}
	}
	tests := []struct {
		name   string
		mounts []Mount
		want   []int
	}{
		{"a tree", []Mount{m(1, 0, "/"), m(2, 1, "/a"), m(3, 2, "/a/b")}, []int{1, 2, 3}},
		{"D3 later over the same point", []Mount{m(1, 0, "/"), m(2, 1, "/a"), m(3, 2, "/a")}, []int{1, 3}},
		{"what stood in the covered one is hidden too", []Mount{m(1, 0, "/"), m(2, 1, "/a"), m(4, 2, "/a/b"), m(3, 2, "/a")}, []int{1, 3}},
		{"covered at a folder above", []Mount{m(1, 0, "/"), m(2, 1, "/a/b"), m(3, 1, "/a")}, []int{1, 3}},
		{"a sibling with the same beginning stays", []Mount{m(1, 0, "/"), m(2, 1, "/ab"), m(3, 1, "/a")}, []int{1, 2, 3}},
		{"root covered", []Mount{m(1, 0, "/"), m(5, 1, "/x"), m(2, 1, "/"), m(3, 2, "/x")}, []int{2, 3}},
		{"stack of three", []Mount{m(1, 0, "/"), m(2, 1, "/a"), m(3, 2, "/a"), m(4, 3, "/a")}, []int{1, 4}},
		{"own parent", []Mount{m(1, 1, "/"), m(2, 1, "/a")}, []int{1, 2}},
		{"no tree told", []Mount{{Point: "/"}, {Point: "/a"}}, []int{0, 0}},
	}
	for _, tt := range tests {
		var got []int
		for _, v := range visible(tt.mounts) {
			got = append(got, v.ID)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestHome(t *testing.T) {
	m := func(id, parent int, dev, root, point, typ string) Mount {
		return Mount{ID: id, Parent: parent, Dev: dev, Root: root, Point: point, Type: typ}
	}
	tests := []struct {
		name   string
		mounts []Mount
		home   map[string]string // point → point of its home
	}{
		{"a bind mount is known through the whole", []Mount{
			m(1, 0, "8:1", "/", "/", "ext4"), m(2, 1, "8:1", "/srv/x", "/home/x", "ext4")},
			map[string]string{"/": "/", "/home/x": "/"}},
		{"order does not matter", []Mount{
			m(1, 0, "0:1", "/", "/", "overlay"), m(2, 1, "8:1", "/srv/x", "/b", "ext4"), m(3, 1, "8:1", "/", "/disk", "ext4")},
			map[string]string{"/": "/", "/b": "/disk", "/disk": "/disk"}},
		{"bind mounts only, as in a container", []Mount{
			m(1, 0, "0:1", "/", "/", "overlay"), m(2, 1, "8:1", "/srv/x", "/b", "ext4"), m(3, 1, "8:1", "/srv/y", "/c", "ext4")},
			map[string]string{"/b": "/b", "/c": "/c"}},
		{"mounted twice", []Mount{
			m(1, 0, "0:1", "/", "/", "overlay"), m(2, 1, "8:1", "/", "/b", "ext4"), m(3, 1, "8:1", "/", "/c", "ext4")},
			map[string]string{"/b": "/b", "/c": "/b"}},
		{"a folder bound to itself cannot be reached through the whole", []Mount{
			m(1, 0, "8:1", "/", "/", "ext4"), m(2, 1, "8:1", "/a", "/a", "ext4")},
			map[string]string{"/a": "/a"}},
		{"hidden in the whole", []Mount{
			m(1, 0, "8:1", "/", "/", "ext4"), m(2, 1, "8:1", "/srv/x", "/b", "ext4"), m(3, 1, "8:2", "/", "/srv", "ext4")},
			map[string]string{"/b": "/b"}},
		{"subvolumes stay apart", []Mount{
			m(1, 0, "0:30", "/@", "/", "btrfs"), m(2, 1, "0:30", "/@home", "/home", "btrfs"), m(3, 1, "0:30", "/", "/all", "btrfs")},
			map[string]string{"/": "/", "/home": "/home", "/all": "/all"}},
		{"another file system", []Mount{
			m(1, 0, "8:1", "/", "/", "ext4"), m(2, 1, "8:2", "/srv", "/b", "ext4")},
			map[string]string{"/b": "/b"}},
	}
	for _, tt := range tests {
		table := newTable(rowsOf(visible(tt.mounts)))
		for point, want := range tt.home {
			if got := table.home(table.byPoint[point]).Point; got != want {
				t.Errorf("%s: home of %s is %s, want %s", tt.name, point, got, want)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]string{"/a/b": "/a", "/a": "/", "/": "", "C:/a/b": "C:/a", "C:/a": "C:/", "C:/": "", "": ""} {
		if got := parentOf(path); got != want {
			t.Errorf("parentOf(%q) = %q, want %q", path, got, want)
		}
	}
	for _, tt := range []struct{ dir, path, rest string }{{"/", "/a/b", "a/b"}, {"/a", "/a", ""}, {"/a", "/a/b", "b"}, {"C:/", "C:/x", "x"}} {
		if rest, ok := below(tt.dir, tt.path); !ok || rest != tt.rest {
			t.Errorf("below(%q, %q) = %q, %v", tt.dir, tt.path, rest, ok)
		}
		if got := under(tt.dir, tt.rest); got != tt.path {
			t.Errorf("under(%q, %q) = %q", tt.dir, tt.rest, got)
		}
	}
	if _, ok := below("/a", "/ab"); ok {
		t.Error("/ab is not below /a")
	}
}
