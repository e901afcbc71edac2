package volumes

import "context"

// Platform is the operating system as this package needs it. Mounts must answer
// at once, whatever is mounted; Probe, Root and Readlink touch the mounted file
// systems and may hang as long as these do.
type Platform interface {
	// Mounts returns the mount table in the order of mounting.
	Mounts() ([]Mount, error)

	// Probe examines a mount.
	Probe(m Mount) (Probed, error)

	// Root tells what stands at a mount point now, as cheaply as possible.
	Root(point string) (Root, error)

	// SetMark leaves a mark in the root folder at a mount point, where Probe finds
	// it. It fails where nothing can be written.
	SetMark(point string, m Mark) error

	// Readlink returns the target of a symlink; link is false if path is something
	// else. All but the last component of path are folders, no symlinks.
	Readlink(path string) (target string, link bool, err error)

	// Watch calls changed once at its beginning and then whenever the mount table
	// may be another one, until ctx ends; it returns ctx's error. Any other error
	// means that it cannot tell, and the caller looks from time to time instead.
	Watch(ctx context.Context, changed func()) error
}
