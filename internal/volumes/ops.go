package volumes

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// View is a volume as the faces show it.
type View struct {
	ID        string         `json:"id" jsonschema:"id in this library, empty while the library has no files on it"`
	Name      string         `json:"name" jsonschema:"name for people"`
	Identity  string         `json:"identity" jsonschema:"what the volume is known by, wherever it is mounted; empty while unknown"`
	Mount     string         `json:"mount" jsonschema:"where it is mounted now, empty when offline"`
	RawMount  string         `json:"raw_mount,omitempty" jsonschema:"the mount point's bytes in base64, where they are no readable text"`
	FS        string         `json:"fs" jsonschema:"file system, such as ext4"`
	Label     string         `json:"label,omitempty" jsonschema:"what the file system calls itself"`
	Source    string         `json:"source,omitempty" jsonschema:"where the system takes it from: a device file or a network share"`
	Device    ident.DeviceID `json:"device" jsonschema:"id of the machine it is, or was last, attached to"`
	Capacity  int64          `json:"capacity" jsonschema:"bytes"`
	Free      int64          `json:"free" jsonschema:"bytes that may still be written; as last seen when offline"`
	State     State          `json:"state" jsonschema:"online, offline, hung (does not answer), broken (cannot be examined) or clone (a copy of another volume, see volume.adopt)"`
	Class     Class          `json:"class" jsonschema:"how fast it is to reach: hot (solid state, memory), warm (spinning disk), cold (network, optical), or as it was measured"`
	Medium    Medium         `json:"medium" jsonschema:"what it is made of: ssd, hdd, memory, network, optical or unknown"`
	Speed     *Speed         `json:"speed,omitempty" jsonschema:"how fast it was when it was measured"`
	Removable bool           `json:"removable" jsonschema:"can be taken out"`
	ReadOnly  bool           `json:"read_only" jsonschema:"nothing can be written"`
	Network   bool           `json:"network" jsonschema:"elsewhere on the network"`
	Tracked   bool           `json:"tracked" jsonschema:"this library has files on it"`
	Seen      time.Time      `json:"seen,omitzero" jsonschema:"when it was last online, if it is tracked"`
	Problem   string         `json:"problem,omitempty" jsonschema:"why it cannot be used"`
	Remedy    string         `json:"remedy,omitempty" jsonschema:"what to do about it"`
}

// TypeName is what clients call the type.
func (View) TypeName() string { return "Volume" }

// ListIn asks for the volumes.
type ListIn struct {
	All bool `json:"all,omitempty" jsonschema:"also those of the system's own making, such as snap images and container layers"`
}

// ListOut holds the volumes: mounted ones in the order of mounting, then the
// offline ones that the library knows.
type ListOut struct {
	Items []View `json:"items"`
	Next  string `json:"next" jsonschema:"always empty: all are told at once"`
}

// InfoIn names a volume.
type InfoIn struct {
	Volume string `json:"volume" cli:"1" min:"1" jsonschema:"id, identity, mount point or name of the volume"`
}

// Ops returns the operations on the volumes of one library, which device opened.
func (s *Service) Ops(book Book, device ident.DeviceID) []op.Def {
	o := ops{s, book, device}
	return []op.Def{
		op.NewQuery("volume.list", "List the volumes", o.list, op.Example("stardrive volume list")),
		op.NewQuery("volume.info", "Show a volume", o.info, op.Example("stardrive volume info /mnt/usb")),
		op.NewCommand("volume.speedtest", "Measure how fast a volume is; takes about four seconds", o.speedtest, op.Example("stardrive volume speedtest /mnt/usb")),
		op.NewCommand("volume.adopt", "Take a copy of a volume for a volume of its own", o.adopt, op.Example("stardrive volume adopt /mnt/copy")),
	}
}

type ops struct {
	s      *Service
	book   Book
	device ident.DeviceID
}

func (o ops) list(ctx context.Context, in ListIn) (ListOut, error) {
	vs, err := o.views(ctx, in.All)
	return ListOut{Items: vs}, err
}

// views merges what the library knows with what is mounted now.
func (o ops) views(ctx context.Context, all bool) ([]View, error) {
	known, err := o.book.Volumes(ctx)
	if err != nil {
		return nil, err
	}
	live, err := o.s.List(ctx)
	if err != nil {
		return nil, err
	}
	known = slices.Clone(known) // its names may be settled here
	names := nameLive(known, live)
	views := []View{}
	shown := map[string]bool{}
	byIdentity := map[string]Known{}
	for _, k := range known {
		byIdentity[k.Identity] = k
	}
	for _, v := range live {
		k, tracked := byIdentity[v.Identity]
		if tracked = tracked && v.State != Clone; !tracked {
			k = Known{Device: o.device, Name: names[v.Mount]}
		}
		if tracked || all || !v.System {
			views = append(views, view(v, k, tracked))
		}
		if v.State != Clone {
			shown[v.Identity] = true
		}
	}
	for _, k := range known {
		if shown[k.Identity] {
			continue
		}
		// A bind mount's volume is not listed while the whole is mounted, but can be reached.
		v, ok := o.s.Find(ctx, k.Identity)
		if !ok || v.State == Clone {
			v = Volume{Facts: k.Facts, State: Offline}
			v.Identity = k.Identity
		}
		views = append(views, view(v, k, true))
	}
	return views, ctx.Err()
}

func view(v Volume, k Known, tracked bool) View {
	out := View{
		Name: k.Name, Identity: v.Identity, FS: v.FS, Label: v.Label, Source: v.Facts.Device, Device: k.Device, Capacity: v.Capacity,
		Free: v.Free, State: v.State, Class: v.Class, Medium: v.Medium, Removable: v.Removable, ReadOnly: v.ReadOnly, Network: v.Network,
		Tracked: tracked, Seen: k.Seen,
	}
	if tracked {
		text, _ := k.ID.MarshalText() // cannot fail
		out.ID = string(text)
	}
	if out.Class == "" {
		out.Class, out.Medium = Warm, Unknown
	}
	if !v.Speed.Measured.IsZero() {
		out.Speed = &v.Speed
	}
	if v.State != Offline {
		out.Mount = filepath.FromSlash(v.Mount)
		if !catalog.Printable(v.Mount) {
			out.Mount = strings.ToValidUTF8(v.Mount, "\uFFFD")
			out.RawMount = base64.StdEncoding.EncodeToString([]byte(v.Mount))
		}
	}
	if v.Err != nil {
		out.Problem, out.Remedy = v.Err.Error(), errs.RemedyOf(v.Err)
	}
	return out
}

// info finds a volume by its id or identity; by its mount point; by its name, if
// that is no other's.
func (o ops) info(ctx context.Context, in InfoIn) (View, error) {
	views, err := o.views(ctx, true)
	if err != nil {
		return View{}, err
	}
	for _, is := range []func(View) bool{
		func(v View) bool { return v.ID == in.Volume || v.Identity == in.Volume && v.State != Clone },
		func(v View) bool { return v.Mount == in.Volume && v.RawMount == "" },
		func(v View) bool { return v.Name == in.Volume },
		func(v View) bool { return strings.EqualFold(v.Name, in.Volume) },
	} {
		var found []View
		for _, v := range views {
			if is(v) {
				found = append(found, v)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return View{}, errs.New(errs.Invalid, "several volumes are called so").At(in.Volume).Try("Name it by its id, its identity or its mount point.")
		}
	}
	return View{}, errs.New(errs.NotFound, "no such volume").At(in.Volume).Try("Look at the list of volumes.")
}
