package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/patient"
	"github.com/stardrive/stardrive/internal/volumes"
)

// openLocal opens a driver at a mount point of this machine.
func openLocal(mount string) (vfs.Driver, error) { return local.New(mount, local.Options{}) }

// volumeMemory is where this machine remembers what it learned of volumes.
func (d *daemon) volumeMemory() string { return filepath.Join(d.layout.Dir, "volumes.json") }

// VolumeNews is the data of the fleeting event volume.changed: how a volume
// stands, whether the library has files on it or not.
type VolumeNews struct {
	Identity string        `json:"identity"`
	Name     string        `json:"name"`
	State    volumes.State `json:"state"`
	Mount    string        `json:"mount,omitempty"`
}

// volumeNews tells whoever looks at volumes now. That one of the library's own
// comes or goes stands in the change feed too: volume.online, volume.offline.
var volumeNews = event.Topic[VolumeNews]{Name: "volume.changed", Key: func(n VolumeNews) string { return n.Identity }}

// volumeChanged brings what every open library knows of its volumes up to date,
// and has the locations of a volume that came back looked at.
func (d *daemon) volumeChanged(c volumes.Change) {
	ctx := context.Background()
	v := c.Volume
	for _, l := range d.library.Opened() {
		r := l.Runtime.(*runtime)
		if err := d.volumes.Keep(ctx, r.book); err != nil {
			d.log.Warn("A change of volumes was not noted", "library", l.Name, "error", err)
		}
		event.Publish(r.bus, volumeNews, VolumeNews{v.Identity, v.Name, v.State, catalog.PlainName(v.Mount)})
		if v.State != volumes.Online {
			continue
		}
		if err := r.index.Returned(ctx, v.Identity); err != nil {
			d.log.Warn("A volume that came back is not looked at", "library", l.Name, "error", err)
		}
	}
}

// places fits the volumes of this machine to what the domains of one library
// ask of them: it turns addresses into places.
type places struct {
	volumes *volumes.Service
	device  *device.Device
	catalog *catalog.Catalog
	trash   string // the user's own, on the volume of the home; "": there is none
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
	if !sdpath.ValidName(v.Name) || v.Name == sdpath.Content || p.isHere(v.Name) {
		g.Address = byIdentity(v)
	}
	return g
}

// steady are the places for those who read many files: whose calls have a limit, and
// whose volumes are as if they were offline while they do not answer.
type steady struct {
	places
	keeper *patient.Keeper
}

// Driver gives access to a volume that is proven to be the one with this identity.
func (p steady) Driver(ctx context.Context, identity string) (vfs.Driver, error) {
	if err := p.keeper.Check(identity); err != nil {
		return nil, err
	}
	d, err := p.places.Driver(ctx, identity)
	if err != nil {
		return nil, err
	}
	return p.keeper.Driver(identity, d), nil
}

// Ground tells where a volume stands now.
func (p steady) Ground(v catalog.Volume) catalog.Ground {
	g := p.places.Ground(v)
	if _, hangs := p.keeper.Hanging(v.Identity); hangs {
		g.Online = false
	}
	return g
}

// hanging tells of the volumes of the library that do not answer.
func (r *runtime) hanging(ctx context.Context, k *patient.Keeper) (all []Problem, err error) {
	err = r.catalog.Read(ctx, func(c *catalog.Reader) error {
		vs, err := c.Volumes()
		for _, v := range vs {
			if since, hangs := k.Hanging(v.Identity); hangs {
				all = append(all, Problem{
					errs.Unavailable, fmt.Sprintf("The volume %s has not answered since %s: its files are not read meanwhile.", catalog.PlainName(v.Name), since.Format(time.DateTime)),
					"Check the drive or the network connection; unmount the volume if it is gone for good.",
				})
			}
		}
		return err
	})
	return all, err
}

// Workers tells how many folders of a volume are best listed at the same time: a
// disk that must move its head loses by many, a server that answers late gains.
func (p places) Workers(v catalog.Volume) int {
	f := volumes.Recall(v.Facts)
	switch {
	case f.Network, f.Medium == volumes.Network, f.FS == "fuse": // or a program, which waits for others
		return 16
	case f.Medium == volumes.HDD:
		return 2
	}
	return 0
}

// Disks names what a volume would be lost with: volumes that share a name are on one
// disk, as far as that was seen when they were here last.
func (p places) Disks(v catalog.Volume) []string {
	return strings.Fields(volumes.Recall(v.Facts).Disks)
}

// byIdentity is what names a volume in SdPaths whose name cannot.
func byIdentity(v catalog.Volume) string { return strings.ReplaceAll(v.Identity, "/", ":") }

// isHere reports whether an SdPath's authority is this machine.
func (p places) isHere(authority string) bool {
	info := p.device.Info()
	return authority == sdpath.Local || authority == info.Slug || authority == string(info.ID)
}

// Resolve tells where an SdPath or an absolute OS path stands.
func (p places) Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error) {
	if !strings.HasPrefix(path, sdpath.Scheme) {
		return p.onThisMachine(ctx, path, follow)
	}
	sp, err := sdpath.Parse(path)
	switch {
	case err != nil:
		return catalog.Place{}, err
	case sp.IsContent():
		return catalog.Place{}, errs.New(errs.Unsupported, "a content has no place of its own").At(path)
	case !p.isHere(sp.Authority):
		return p.onNamedVolume(ctx, sp, follow)
	}
	sp.Authority = sdpath.Local
	abs, err := sp.OSPath()
	if err != nil {
		return catalog.Place{}, err
	}
	return p.onThisMachine(ctx, abs, follow)
}

// onThisMachine asks the system, and where that has nothing, the library: the
// path may lead to a volume that was mounted there.
func (p places) onThisMachine(ctx context.Context, path string, follow bool) (catalog.Place, error) {
	if !filepath.IsAbs(path) {
		return catalog.Place{}, errs.New(errs.Invalid, "not an absolute path").At(path).Try("Give an absolute path or an sd:// address.")
	}
	abs, rest := cutLong(path)
	var options []volumes.ResolveOption
	if follow || rest != "" {
		options = append(options, volumes.Follow())
	}
	at, err := p.volumes.Resolve(ctx, abs, options...)
	if err == nil && rest != "" {
		at.Path = strings.TrimPrefix(at.Path+"/"+rest, "/")
	}
	if was, ok := p.whereItWas(ctx, path, at.Volume.Mount); ok && (err != nil || isNothing(ctx, at)) {
		return was, nil
	}
	if err != nil {
		return catalog.Place{}, err
	}
	v := at.Volume
	name, err := p.volumes.NameIn(ctx, volumes.CatalogBook(p.catalog), v)
	if err != nil {
		return catalog.Place{}, err
	}
	return catalog.Place{
		Identity: v.Identity, Name: name, Facts: v.Facts.Record(), Path: at.Path, Driver: at.Driver,
		Ground: catalog.Ground{Name: name, Mount: v.Mount, Online: true},
	}, nil
}

func isNothing(ctx context.Context, at volumes.Place) bool {
	_, err := at.Driver.Stat(ctx, at.Path)
	return errs.Is(err, errs.NotFound)
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

// whereItWas finds the volume that was mounted above path when it was last here,
// at a mount point below the one that is there now ("": wherever).
func (p places) whereItWas(ctx context.Context, path, now string) (best catalog.Place, ok bool) {
	longest := len(now)
	err := p.catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			mount := volumes.Recall(v.Facts).Mount
			if len(mount) <= longest {
				continue
			}
			rel, err := sdpath.FromOS(mount, path)
			if err != nil {
				continue
			}
			if g := p.Ground(v); !g.Online {
				longest, ok = len(mount), true
				best = catalog.Place{Identity: v.Identity, Name: v.Name, Facts: v.Facts, Path: rel, Ground: g}
			}
		}
		return err
	})
	return best, ok && err == nil
}

// onNamedVolume finds a volume of the library by its name or identity.
func (p places) onNamedVolume(ctx context.Context, sp sdpath.Path, follow bool) (catalog.Place, error) {
	v, err := p.named(ctx, sp)
	if err != nil {
		return catalog.Place{}, err
	}
	g := p.Ground(v)
	if !g.Online {
		return catalog.Place{Identity: v.Identity, Name: v.Name, Facts: v.Facts, Path: sp.Rel, Ground: g}, nil
	}
	abs, err := sdpath.ToOS(g.Mount, sp.Rel)
	if err != nil {
		return catalog.Place{}, err
	}
	return p.onThisMachine(ctx, abs, follow)
}

func (p places) named(ctx context.Context, sp sdpath.Path) (catalog.Volume, error) {
	var found []catalog.Volume
	err := p.catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			if byIdentity(v) == sp.Authority {
				found = []catalog.Volume{v}
				break
			}
			if v.Name == sp.Authority {
				found = append(found, v)
			}
		}
		return err
	})
	switch {
	case err != nil:
		return catalog.Volume{}, err
	case len(found) == 0:
		return catalog.Volume{}, errs.New(errs.NotFound, "no device or volume of the library is named %q", sp.Authority).At(sp.String()).
			Try("See them with: stardrive volume list")
	case len(found) > 1:
		return catalog.Volume{}, errs.New(errs.Conflict, "%d volumes are named %q", len(found), sp.Authority).At(sp.String()).
			Try("Name one by its identity, such as " + sdpath.Path{Authority: byIdentity(found[0]), Rel: sp.Rel}.String())
	}
	return found[0], nil
}
