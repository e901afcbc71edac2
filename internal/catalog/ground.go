package catalog

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Place is where a path leads to now: on which volume, and where on it.
type Place struct {
	Identity string          // of the volume
	Name     string          // of the volume
	Facts    json.RawMessage // of the volume, to be kept as they are
	Path     string          // on the volume, in the form of package vfs
	Driver   vfs.Driver      // nil while the volume is offline
	Ground   Ground
}

// Ground tells where a volume stands now, as far as views need it.
type Ground struct {
	ID     ident.VolumeID
	Name   string
	Mount  string // absolute OS path of its root while it is mounted, else ""
	Online bool
	// Address names the volume in SdPaths while it is not mounted here; "": Name does.
	Address string
}

// SdPath returns the address of what stands at path on the volume: by device
// while it is mounted here, by volume name otherwise.
func (g Ground) SdPath(path string) sdpath.Path {
	if g.Mount == "" {
		return sdpath.Path{Authority: cmp.Or(g.Address, g.Name), Rel: path}
	}
	mount := strings.Trim(filepath.ToSlash(g.Mount), "/")
	switch {
	case mount == "":
		return sdpath.Path{Authority: "local", Rel: path}
	case path == "":
		return sdpath.Path{Authority: "local", Rel: mount}
	}
	return sdpath.Path{Authority: "local", Rel: mount + "/" + path}
}
