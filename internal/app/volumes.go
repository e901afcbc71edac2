package app

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/volumes"
)

// openLocal opens a driver at a mount point of this machine.
func openLocal(mount string) (vfs.Driver, error) { return local.New(mount, local.Options{}) }

// places fits the volumes of this machine to what the domains of one library
// ask of them: it turns addresses into places.
type places struct {
	volumes *volumes.Service
	device  *device.Device
	catalog *catalog.Catalog
}

// Driver gives access to a volume that is proven to be the one with this identity.
func (p places) Driver(ctx context.Context, identity string) (vfs.Driver, error) {
	d, _, err := p.volumes.DriverFor(ctx, identity)
	return d, err
}

// Ground tells where a volume stands now. The context of the request does not
// matter: Find waits for nothing that takes long.
func (p places) Ground(v catalog.Volume) catalog.Ground {
	g := catalog.Ground{ID: v.ID, Name: v.Name}
	if now, ok := p.volumes.Find(context.Background(), v.Identity); ok && now.State == volumes.Online {
		g.Mount, g.Online = now.Mount, true
	}
	return g
}

// Resolve tells where an SdPath or an absolute OS path stands.
func (p places) Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error) {
	if !strings.HasPrefix(path, "sd://") {
		return p.onThisMachine(ctx, path, follow)
	}
	sp, err := sdpath.Parse(path)
	if err != nil {
		return catalog.Place{}, err
	}
	info := p.device.Info()
	switch {
	case sp.IsContent():
		return catalog.Place{}, errs.New(errs.Unsupported, "a content has no place of its own").At(path)
	case sp.IsLocal() || sp.Authority == info.Slug || sp.Authority == string(info.ID):
		abs, err := sp.OSPath()
		if err != nil {
			return catalog.Place{}, err
		}
		return p.onThisMachine(ctx, abs, follow)
	}
	return p.onNamedVolume(ctx, sp)
}

func (p places) onThisMachine(ctx context.Context, abs string, follow bool) (catalog.Place, error) {
	if !filepath.IsAbs(abs) {
		return catalog.Place{}, errs.New(errs.Invalid, "not an absolute path").At(abs).Try("Give an absolute path or an sd:// address.")
	}
	var options []volumes.ResolveOption
	if follow {
		options = append(options, volumes.Follow())
	}
	abs, rest := cutLong(abs)
	if rest != "" {
		options = []volumes.ResolveOption{volumes.Follow()}
	}
	at, err := p.volumes.Resolve(ctx, abs, options...)
	if err == nil && rest != "" {
		at.Path = vfs.Join(at.Path, rest)
	}
	if err != nil {
		if known, ok := p.whereItWas(ctx, abs); ok {
			return known, nil
		}
		return catalog.Place{}, err
	}
	v := at.Volume
	return catalog.Place{
		Identity: v.Identity, Name: v.Name, Facts: v.Facts.Record(), Path: at.Path, Driver: at.Driver,
		Ground: catalog.Ground{Name: v.Name, Mount: v.Mount, Online: true},
	}, nil
}

// maxOSPath is the longest path that is handed to the system as one piece; Linux
// takes 4,096 bytes.
const maxOSPath = 4000

// cutLong splits a path that the system cannot take as one piece: abs is as much
// of it as it can, in which symlinks are followed as usual, and rest is what
// drivers take from there on, in the form of package vfs, which follows none.
func cutLong(path string) (abs, rest string) {
	if len(path) <= maxOSPath {
		return path, ""
	}
	clean := filepath.Clean(path)
	cut := strings.LastIndexByte(clean[:min(len(clean), maxOSPath)], filepath.Separator)
	if cut <= 0 || len(clean) <= maxOSPath {
		return clean, ""
	}
	return clean[:cut], filepath.ToSlash(clean[cut+1:])
}

// whereItWas finds the volume that was mounted above abs when it was last here.
func (p places) whereItWas(ctx context.Context, abs string) (catalog.Place, bool) {
	var best catalog.Place
	found := false
	longest := -1
	err := p.catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			g := p.Ground(v)
			mount := volumes.Recall(v.Facts).Mount
			if g.Online || mount == "" {
				continue
			}
			rel, err := sdpath.FromOS(mount, abs)
			if err == nil && len(mount) > longest {
				longest, found = len(mount), true
				best = catalog.Place{Identity: v.Identity, Name: v.Name, Facts: v.Facts, Path: rel, Ground: g}
			}
		}
		return err
	})
	return best, found && err == nil
}

func (p places) onNamedVolume(ctx context.Context, sp sdpath.Path) (place catalog.Place, err error) {
	err = p.catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			if v.Name == sp.Authority || v.Identity == sp.Authority {
				place = catalog.Place{Identity: v.Identity, Name: v.Name, Facts: v.Facts, Path: sp.Rel, Ground: p.Ground(v)}
			}
		}
		return err
	})
	if err != nil {
		return place, err
	}
	if place.Identity == "" {
		return place, errs.New(errs.NotFound, "no device or volume of the library is named %q", sp.Authority).At(sp.String()).
			Try("See them with: stardrive volume list")
	}
	if place.Ground.Online {
		place.Driver, err = p.Driver(ctx, place.Identity)
	}
	return place, err
}
