package store

import "golang.org/x/sys/unix"

// networkFS names the network file system that folder is on, or "". FUSE is
// let through: it stands for local file systems as often as for remote ones.
func networkFS(folder string) string {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return "" // opening the file will tell what is wrong
	}
	return networkMagic(uint32(s.Type))
}

func networkMagic(magic uint32) string {
	switch magic {
	case 0x6969:
		return "NFS"
	case 0x517b, 0xfe534d42:
		return "SMB"
	case 0xff534d42:
		return "CIFS"
	case 0x5346414f, 0x6b414653:
		return "AFS"
	case 0x73757245:
		return "Coda"
	case 0x00c36400:
		return "Ceph"
	case 0x01021997:
		return "9P"
	}
	return ""
}
