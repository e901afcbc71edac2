package vfs

import "testing"

func TestPartOf(t *testing.T) {
	for attr, want := range map[string]Parts{
		"user.x": PartXattrs, AttrACL: PartACL, AttrDefaultACL: PartACL, "system.nfs4_acl": PartACL, "security.selinux": PartLabels,
		"trusted.x": PartLabels, "btrfs.compression": PartXattrs, "": PartXattrs, "system.other": PartXattrs,
	} {
		if got := PartOf(attr); got != want {
			t.Errorf("%s: %b, want %b", attr, got, want)
		}
	}
	if !Stays("security.selinux") || Stays("security.capability") || Stays("user.x") {
		t.Error("what stays")
	}
}

func FuzzAccessList(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x04\x00\x05\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, list []byte) {
		m := Meta{Mode: 0o777, Xattrs: map[string][]byte{AttrACL: list}}
		if mode := m.ModeWithoutACL(); mode&^0o070 != 0o707 {
			t.Fatalf("%o", mode)
		}
	})
}

type wrapped struct{ Dir }

func (w wrapped) Unwrap() Dir { return w.Dir }

type base struct{ Dir }

func TestDirAs(t *testing.T) {
	if _, ok := DirAs[base](wrapped{wrapped{base{}}}); !ok {
		t.Error("not found beneath two wrappers")
	}
	if _, ok := DirAs[wrapped](base{}); ok {
		t.Error("found what is not there")
	}
	if _, ok := DirAs[base](wrapped{}); ok {
		t.Error("found in nothing")
	}
	if _, ok := HandleAs[Sparse](nil); ok {
		t.Error("found in no handle")
	}
}
