package volumes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
)

// Root tells one mounted file system from another that takes its place: what
// its root folder is. Fields that a system does not know are 0.
type Root struct {
	Dev, Inode uint64
	MountID    uint64 // never reused while the system runs, where the kernel can say so
	FSID       uint64 // of statfs
}

// Probed is what a platform found out about a mount by touching it.
type Probed struct {
	Root           Root
	Folder         bool   // false: a file is mounted there (containers do), which is no volume
	UUID           string // as the system's tools print it; "" where there is none or it may not be read
	Label, Model   string
	FS             string // the type, where the mount table does not say it ("fuseblk")
	Boot           string // names this run of the system, for storages that do not outlive it
	Removable      bool
	Medium         Medium // of a block device, where the system tells; "" else
	Capacity, Free int64
	Disks          []string // names of the hardware below it
	Traits         Traits
	Mark           Mark // zero: none
}

// identify returns what the volume at m is known by: printable ASCII that holds
// no device number and no mount point. In order of strength:
//
//	uuid:…, serial:…                the file system's own UUID, or its short serial (FAT, NTFS, discs);
//	                                of a copy that was adopted, +… behind it
//	nfs:, cifs:, sshfs:, 9p: …      server and share
//	overlay:…, zfs:…                the layers; the dataset's id
//	fsid:TYPE:…                     what statfs derives from the UUID, where that may not be read
//	tmpfs:BOOT:…, mount:BOOT:…      lives until it is unmounted, so it is never mistaken for another
//
// A mount of a folder inside the file system (bind mount, subvolume) is a
// volume of its own, named by the folder, unless the table knows a mount that
// shows it whole.
func identify(m Mount, p Probed) string {
	id := baseIdentity(m, p)
	if p.Mark.For == id && p.Mark.ID != "" && strong(id) {
		id += "+" + p.Mark.ID
	}
	if m.Root != "/" && m.Root != "" {
		id += ":" + printable(m.Root)
	}
	return id
}

func baseIdentity(m Mount, p Probed) string {
	switch typ := printable(m.Type); familyOf(m.Type) {
	case network, fuse:
		if id := sourceIdentity(m); id != "" {
			return id
		}
	case memory:
		if p.Root.FSID != 0 {
			return fmt.Sprintf("%s:%s:%016x", typ, printable(p.Boot), p.Root.FSID)
		}
	case overlay:
		if id := layerIdentity(m); id != "" {
			return id
		}
	case pool:
		if p.Root.FSID != 0 {
			return fmt.Sprintf("%s:%016x", typ, p.Root.FSID)
		}
	case block:
		// Only these make it of the UUID; others of the device number.
		if fromUUID := typ == "btrfs" || strings.HasPrefix(typ, "ext"); p.UUID == "" && p.Root.FSID != 0 && fromUUID {
			return fmt.Sprintf("fsid:%s:%016x", typ, p.Root.FSID)
		}
	}
	if p.UUID != "" {
		return uuidIdentity(p.UUID)
	}
	return fmt.Sprintf("mount:%s:%x-%x-%x", printable(p.Boot), p.Root.MountID, p.Root.Dev, p.Root.Inode)
}

// layerIdentity names an overlay by its writable layer, which is its own, or by
// all the layers below.
func layerIdentity(m Mount) string {
	layers := m.option("upperdir")
	if layers == "" {
		layers = m.option("lowerdir")
	}
	if layers == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(layers))
	return "overlay:" + hex.EncodeToString(sum[:16])
}

// uuidIdentity keeps full UUIDs apart from serials of 32 and 64 bits, which are
// not unique enough to be called so.
func uuidIdentity(uuid string) string {
	uuid = printable(strings.ToLower(uuid))
	if len(uuid) == 36 && strings.Count(uuid, "-") == 4 {
		return "uuid:" + uuid
	}
	return "serial:" + uuid
}

// sourceIdentity names a network share or a FUSE mount by its source, without
// touching it; "" where the source says nothing.
func sourceIdentity(m Mount) string {
	typ := strings.TrimPrefix(m.Type, "fuse.")
	src := m.Source
	switch typ {
	case "nfs4":
		typ = "nfs"
	case "smb3", "smbfs":
		typ = "cifs"
	}
	switch {
	case src == "" || src == "none" || src == typ || src == m.Type || src == path.Base(typ):
		return ""
	case typ == "cifs":
		// Servers and shares are the same in any case; both kinds of slashes are in use.
		return "cifs:" + printable(strings.ToLower(strings.TrimRight(strings.ReplaceAll(src, `\`, "/"), "/")))
	case familyOf(m.Type) == fuse && !strings.ContainsAny(src, ":/"):
		return "" // the program's name, the same for all its mounts
	}
	if trimmed := strings.TrimRight(src, "/"); trimmed != "" && !strings.HasSuffix(trimmed, ":") {
		src = trimmed
	}
	return printable(typ) + ":" + printable(src)
}

// printable percent-encodes what is not visible ASCII, so that an identity is
// text everywhere.
func printable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// strong reports whether two storages with this identity must be copies of each
// other; two mounts of one share merely show the same files.
func strong(identity string) bool {
	kind, _, _ := strings.Cut(identity, ":")
	return kind == "uuid" || kind == "serial" || kind == "fsid"
}

// describe makes the facts that people see out of what was found.
func describe(m Mount, p Probed) Facts {
	f := Facts{
		Identity: identify(m, p), Label: strings.ToValidUTF8(p.Label, "\uFFFD"), FS: m.Type, Device: strings.ToValidUTF8(m.Source, "\uFFFD"),
		Mount: m.Point, ReadOnly: m.ReadOnly, Removable: p.Removable, Network: familyOf(m.Type) == network,
		Medium: mediumOf(m, p), System: isSystem(m.Point), Capacity: p.Capacity, Free: p.Free, Disks: disksOf(m, p),
	}
	f.Class = classOf(f.Medium)
	if p.FS != "" && (m.Type == "fuseblk" || m.Type == "") {
		f.FS = p.FS
	}
	f.FS = strings.TrimPrefix(f.FS, "fuse.")
	f.Name = nameOf(m, p)
	return f
}

func mediumOf(m Mount, p Probed) Medium {
	switch familyOf(m.Type) {
	case network:
		return Network
	case memory:
		return Memory
	case block:
		if m.Type == "iso9660" || m.Type == "udf" {
			return Optical
		}
		if p.Medium != "" {
			return p.Medium
		}
	}
	return Unknown
}

// classOf is what a medium lets one expect, as long as nobody measured.
func classOf(m Medium) Class {
	switch m {
	case SSD, Memory:
		return Hot
	case Network, Optical:
		return Cold
	}
	return Warm
}

func nameOf(m Mount, p Probed) string {
	name := strings.TrimSpace(p.Label)
	if name == "" && m.Point == "/" {
		name = "Root"
	}
	if name == "" && familyOf(m.Type) == network {
		name = shareName(m.Source)
	}
	if name == "" && p.Removable {
		name = strings.TrimSpace(p.Model)
	}
	if name == "" {
		name = path.Base(m.Point)
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// shareName writes "server:/export/photos" and "//server/photos" as people say
// them: "photos on server".
func shareName(source string) string {
	host, dir, ok := "", "", false
	if rest, unc := strings.CutPrefix(strings.ReplaceAll(source, `\`, "/"), "//"); unc {
		host, dir, ok = strings.Cut(rest, "/")
	} else {
		host, dir, ok = strings.Cut(source, ":/")
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	base := path.Base("/" + dir)
	if !ok || host == "" {
		return ""
	}
	if base == "/" {
		return host
	}
	return base + " on " + host
}
