package local

import "encoding/binary"

const (
	xattrACL        = "system.posix_acl_access"
	xattrDefaultACL = "system.posix_acl_default"
)

// aclGroup reads from a POSIX access list what the owning group may do, which
// the mode's bits for the group do not tell: beside a list they are its mask.
// A list that cannot be read grants the group nothing.
func aclGroup(list []byte) (bits uint32) {
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
