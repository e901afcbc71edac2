//go:build !linux

package content

import "github.com/stardrive/stardrive/internal/vfs"

// uncache cannot be had here.
func uncache(vfs.Handle) {}
