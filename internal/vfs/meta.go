package vfs

import (
	"encoding/binary"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// The names of POSIX access lists among the attributes of a Meta.
const (
	AttrACL        = "system.posix_acl_access"
	AttrDefaultACL = "system.posix_acl_default"
)

// PartOf tells which part of a Meta an attribute belongs to.
func PartOf(attr string) Parts {
	switch {
	case strings.HasPrefix(attr, "system.posix_acl_"), attr == "system.nfs4_acl", attr == "system.richacl":
		return PartACL
	case strings.HasPrefix(attr, "security."), strings.HasPrefix(attr, "trusted."):
		return PartLabels
	}
	return PartXattrs
}

// Stays reports whether [Dir.SetMeta] leaves an attribute that m does not have:
// the system itself labels every file (SELinux, …); capabilities are the user's.
func Stays(attr string) bool {
	return strings.HasPrefix(attr, "security.") && attr != "security.capability"
}

// Concerns reports whether SetMeta with m and parts is about an attribute.
func (m *Meta) Concerns(attr string, parts Parts) bool {
	_, expected := m.Expected[attr]
	return parts&PartOf(attr) != 0 && (m.Expected == nil || expected)
}

// Meets reports whether attributes are as m expects them. Errors: errs.Conflict.
func (m *Meta) Meets(have map[string][]byte) error {
	for attr, want := range m.Expected {
		is, has := have[attr]
		if has != (want != nil) || string(is) != string(want) {
			return errs.New(errs.Conflict, "the attribute %s is not what it was", attr)
		}
	}
	return nil
}

// ModeWithoutACL is the mode for a place where the access list is not set: it
// grants the group no more than the list did. Beside a list the mode's bits for
// the group are the list's mask. A list that cannot be read grants nothing.
func (m *Meta) ModeWithoutACL() uint32 {
	mode := m.Mode & 0o7777
	if list, has := m.Xattrs[AttrACL]; has {
		mode &^= 0o070 &^ (groupOf(list) << 3)
	}
	return mode
}

// groupOf reads what the owning group may do.
func groupOf(list []byte) (bits uint32) {
	const (
		version                  = 2
		entry                    = 8 // tag, permission: 2 bytes each; id: 4
		tagGroup, tagMask uint16 = 0x04, 0x10
	)
	if len(list) < 4 || binary.LittleEndian.Uint32(list) != version {
		return 0
	}
	mask := uint32(7)
	for list = list[4:]; len(list) >= entry; list = list[entry:] {
		perm := uint32(binary.LittleEndian.Uint16(list[2:])) & 7
		switch binary.LittleEndian.Uint16(list) {
		case tagGroup:
			bits = perm
		case tagMask:
			mask = perm
		}
	}
	return bits & mask
}
