//go:build !linux && !darwin && !windows

package rooted

import "github.com/stardrive/stardrive/internal/vfs"

// writing: nobody knows a way here to rename without replacing.
func (d *Driver) writing() *vfs.Writing { return nil }
