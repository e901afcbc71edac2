// Package local is the driver of folders of this machine: [New] opens one, and
// what it returns never reads anything outside of it, not even while somebody
// swaps folders for symlinks.
//
// Every path is resolved by the kernel from one handle of the root, kept open.
// On Linux openat2 refuses symlinks and mounts in the very walk; where it is
// missing (before Linux 5.6, or under an old container's filter) the driver
// steps from component to component itself. On other systems it stands on
// os.Root, see package rooted. A path may be of any length and depth; beside the
// root a call holds at most three descriptors. An open driver keeps its volume
// from being unmounted: close it before an eject.
//
// It knows no catalogue, no SdPath and no location rules.
package local

// Options of New.
type Options struct {
	// CrossMounts enters other file systems mounted below the root. Without it
	// they are shown (Entry.Mount) and not entered. Two kinds are never entered:
	// pseudo file systems such as /proc, and a bind mount of a folder that the
	// root's own file system shows already. Entries of other file systems have
	// no Inode: numbers of two file systems may be equal.
	CrossMounts bool
}
