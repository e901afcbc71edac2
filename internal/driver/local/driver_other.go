//go:build !linux

package local

import "github.com/stardrive/stardrive/internal/driver/local/rooted"

// Driver is a folder of this machine.
type Driver = rooted.Driver

// New opens the folder root, an OS path; a symlink there is followed, since the
// caller chose it. It fails as Driver methods do, with root as the path.
func New(root string, o Options) (*Driver, error) { return rooted.New(root, o.CrossMounts) }
