package vfstest

import (
	"encoding/binary"
	"maps"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// accessList is a POSIX one: owner rw, uid 1 rwx, owning group group, mask rwx,
// others nothing.
func accessList(group uint16) string {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range []struct {
		tag, perm uint16
		id        uint32
	}{{1, 6, ^uint32(0)}, {2, 7, 1}, {4, group, ^uint32(0)}, {0x10, 7, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, e.tag)
		list = binary.LittleEndian.AppendUint16(list, e.perm)
		list = binary.LittleEndian.AppendUint32(list, e.id)
	}
	return string(list)
}

const settable = vfs.PartMode | vfs.PartModified | vfs.PartXattrs | vfs.PartACL

// metaKept: what the volume promises to keep is kept, on files, folders and
// through both ways; what it does not promise is told as lost.
func metaKept(t *volume) {
	d := t.dir("")
	h := t.create(d, "file")
	t.must(d.Mkdir(t.Context(), "folder", 0o755))
	want := vfs.Meta{Mode: 0o670, Modified: 1_234_567_890_123_456_789, Accessed: 1_134_567_890_000_000_000, Xattrs: map[string][]byte{
		"user.comment":            []byte("a\x00b\xff"),
		"user.empty":              {},
		"user.large":              []byte(strings.Repeat("x", 2000)),
		"system.posix_acl_access": []byte(accessList(5)),
	}}
	for what, set := range map[string]func(*vfs.Meta) (vfs.Parts, error){
		"file":   func(m *vfs.Meta) (vfs.Parts, error) { return d.SetMeta(t.Context(), "file", m, settable) },
		"folder": func(m *vfs.Meta) (vfs.Parts, error) { return d.SetMeta(t.Context(), "folder", m, settable) },
		"handle": func(m *vfs.Meta) (vfs.Parts, error) { return h.SetMeta(m, settable) },
	} {
		name := map[string]string{"folder": "folder"}[what]
		if name == "" {
			name = "file"
		}
		m := want
		lost, err := set(&m)
		t.must(err)
		if promised := settable &^ t.w.Keeps; lost&settable != promised {
			t.Errorf("%s: %b was lost, %b was said to be", what, lost, promised)
		}
		t.compare(what, d, name, want, lost)

		// All of it goes again: a change that is taken back leaves no trace.
		bare := vfs.Meta{Mode: 0o640, Modified: 1_000_000_000_000_000_000}
		lost, err = set(&bare)
		t.must(err)
		t.compare(what+" bare", d, name, bare, lost)
	}
	if t.w.Keeps&vfs.PartXattrs != 0 {
		t.expected(d, "file")
	}
	if m, ok := vfs.HandleAs[vfs.MetaReader](h); ok {
		byHandle, err := m.Meta()
		t.must(err)
		byName, err := d.Meta(t.Context(), "file")
		t.must(err)
		if byHandle.Mode != byName.Mode || byHandle.Modified != byName.Modified || !maps.EqualFunc(byHandle.Xattrs, byName.Xattrs, sameBytes) {
			t.Errorf("%+v by handle, %+v by name", byHandle, byName)
		}
	}
	if lost, err := d.SetMeta(t.Context(), "file", &vfs.Meta{}, 0); lost != 0 || err != nil {
		t.Errorf("setting nothing: %b, %v", lost, err)
	}
	if lost, err := d.SetMeta(t.Context(), "file", &vfs.Meta{}, vfs.PartCreated); lost != vfs.PartCreated || err != nil {
		t.Errorf("setting the time it was made: %b, %v", lost, err)
	}
}

// expected: who tells which attributes he saw changes these alone, and none if they are
// others meanwhile.
func (t *volume) expected(d vfs.Dir, name string) {
	set := func(xattrs, expected map[string][]byte) error {
		lost, err := d.SetMeta(t.Context(), name, &vfs.Meta{Xattrs: xattrs, Expected: expected}, vfs.PartXattrs)
		if lost != 0 {
			t.Errorf("%b was lost", lost)
		}
		return err
	}
	one, two := []byte("1"), []byte("2")
	t.must(set(map[string][]byte{"user.theirs": one, "user.ours": one}, nil))
	t.must(set(map[string][]byte{"user.ours": two}, map[string][]byte{"user.ours": one, "user.new": nil}))
	for _, was := range []map[string][]byte{{"user.ours": one}, {"user.ours": nil}, {"user.new": one}, {"user.ours": two, "user.theirs": nil}} {
		if err := set(map[string][]byte{"user.ours": one, "user.new": one}, was); !errs.Is(err, errs.Conflict) {
			t.Errorf("%s: %v", was, err)
		}
	}
	m, err := d.Meta(t.Context(), name)
	t.must(err)
	if string(m.Xattrs["user.theirs"]) != "1" || string(m.Xattrs["user.ours"]) != "2" || m.Xattrs["user.new"] != nil {
		t.Errorf("%s", m.Xattrs)
	}
	t.must(set(nil, nil))
}

func sameBytes(a, b []byte) bool { return string(a) == string(b) }

// compare checks that name carries want, but for what was lost.
func (t *volume) compare(what string, d vfs.Dir, name string, want vfs.Meta, lost vfs.Parts) {
	t.Helper()
	got, err := d.Meta(t.Context(), name)
	t.must(err)
	if lost&vfs.PartMode == 0 && got.Mode != want.Mode {
		t.Errorf("%s: mode %o, want %o", what, got.Mode, want.Mode)
	}
	if off := got.Modified - want.Modified; lost&vfs.PartModified == 0 && max(off, -off) >= t.w.TimeStep {
		t.Errorf("%s: modified %d, want %d", what, got.Modified, want.Modified)
	}
	for attr, value := range want.Xattrs {
		part := vfs.PartXattrs
		if strings.HasPrefix(attr, "system.posix_acl") {
			part = vfs.PartACL
		}
		if lost&part == 0 && string(got.Xattrs[attr]) != string(value) {
			t.Errorf("%s: %s is %.50q, want %.50q", what, attr, got.Xattrs[attr], value)
		}
	}
	for attr := range got.Xattrs {
		if _, wanted := want.Xattrs[attr]; !wanted && !strings.HasPrefix(attr, "security.") {
			t.Errorf("%s: has %s, which was not set", what, attr)
		}
	}
	if got.Sealed {
		t.Errorf("%s: sealed", what)
	}
}

// metaLists: the mode's group bits are an access list's mask. Without the list
// they would grant the group what it never had.
func metaLists(t *volume) {
	if t.w.Keeps&vfs.PartMode == 0 {
		t.Skip("this volume keeps no modes")
	}
	d := t.dir("")
	t.put(d, "f", "x")
	for _, c := range []struct {
		list string
		want uint32
	}{{accessList(0), 0o600}, {accessList(4), 0o640}, {"garbage", 0o600}, {"", 0o600}, {accessList(7) + "tail", 0o670}} {
		m := vfs.Meta{Mode: 0o670, Xattrs: map[string][]byte{"system.posix_acl_access": []byte(c.list)}}
		lost, err := d.SetMeta(t.Context(), "f", &m, vfs.PartMode)
		if e := t.entry(d, "f"); err != nil || lost != 0 || e.Mode != c.want {
			t.Errorf("list %q: mode %o, want %o; lost %b, %v", c.list, e.Mode, c.want, lost, err)
		}
	}
}
