// Package volumes finds the storages that are mounted now and knows each by its
// identity (a file system's UUID and the like), never by its mount point: two
// drives that take turns at one mount point are two volumes, and a drive that
// moves to another mount point stays the one it was. It follows mounts that
// come and go, answers which volume an OS path lies on, and hands out drivers
// that are proven to stand on the volume that was asked for.
//
// It must not know what is on a volume: no entries, no catalogue tables, no
// driver. The function that opens a driver is given to it.
package volumes

import (
	"github.com/stardrive/stardrive/internal/errs"
)

// State tells whether a volume can be used.
type State string

// The states of a volume.
const (
	Online  State = "online"
	Offline State = "offline" // known, not mounted now
	Hung    State = "hung"    // mounted, but does not answer in time
	Broken  State = "broken"  // mounted, but examining it failed
	Clone   State = "clone"   // a copy of another volume, which nobody took for one of its own yet; see Service.Adopt
)

// Enum lists the states, for schemas.
func (State) Enum() []string {
	return []string{string(Online), string(Offline), string(Hung), string(Broken), string(Clone)}
}

// TypeName is what clients call the type.
func (State) TypeName() string { return "VolumeState" }

// Class tells how fast a volume is to reach.
type Class string

// The classes of volumes.
const (
	Hot  Class = "hot"  // memory and solid state
	Warm Class = "warm" // spinning disks, and what nothing is known about
	Cold Class = "cold" // across a network, optical
)

// Enum lists the classes, for schemas.
func (Class) Enum() []string { return []string{string(Hot), string(Warm), string(Cold)} }

// TypeName is what clients call the type.
func (Class) TypeName() string { return "VolumeClass" }

// Medium is what a volume is made of.
type Medium string

// The media.
const (
	SSD     Medium = "ssd"
	HDD     Medium = "hdd"
	Memory  Medium = "memory"
	Network Medium = "network"
	Optical Medium = "optical"
	Unknown Medium = "unknown"
)

// Enum lists the media, for schemas.
func (Medium) Enum() []string {
	return []string{string(SSD), string(HDD), string(Memory), string(Network), string(Optical), string(Unknown)}
}

// TypeName is what clients call the type.
func (Medium) TypeName() string { return "VolumeMedium" }

// Facts are what is known of a volume. Identity is the only field that tells it
// from others; everything else may change from one day to the next.
type Facts struct {
	Identity  string `json:"identity"`         // "uuid:…", "nfs:server:/export", …; printable ASCII
	Name      string `json:"name"`             // for people; not unique
	Label     string `json:"label,omitempty"`  // what the file system calls itself
	FS        string `json:"fs"`               // "ext4", "ntfs", "nfs4"
	Device    string `json:"device,omitempty"` // where the system says it comes from: "/dev/sda1", "server:/export"
	Mount     string `json:"mount,omitempty"`  // an OS path, raw bytes; the last one known when offline
	ReadOnly  bool   `json:"read_only"`
	Removable bool   `json:"removable"`
	Network   bool   `json:"network"`
	Medium    Medium `json:"medium"`
	Disks     string `json:"disks,omitempty"` // what it would be lost with: names of hardware, servers, pools, apart by spaces; volumes that share one are lost together
	System    bool   `json:"system"`          // of the system's making (snap images, container layers, run-time folders): usable, not listed unless asked for
	Class     Class  `json:"class"`
	Capacity  int64  `json:"capacity"`
	Free      int64  `json:"free"` // what this user may still write
	Speed     Speed  `json:"speed,omitzero"`
}

// Volume is a storage as it stands now.
type Volume struct {
	Facts
	State  State
	Mounts []string // all mount points it can be reached at; the first is Facts.Mount
	Err    error    // why it is hung, broken or a clone; nil otherwise
}

// Change tells that a volume's state is another one now.
type Change struct {
	Volume Volume
}

func errOffline(what string) error {
	return errs.New(errs.Unavailable, "this volume is offline").At(what).
		Try("Connect and mount the volume, then try again.")
}

func errHung(mount string) error {
	return errs.New(errs.Unavailable, "the volume does not answer").At(mount).
		Try("Check the drive or the network connection; unmount the volume if it is gone for good.")
}

func errGone(mount string) error {
	return errs.New(errs.Unavailable, "the volume was unmounted or another one took its place").At(mount).
		Try("Connect and mount the volume, then try again.")
}

func errClone(mount, of string) error {
	return errs.New(errs.Conflict, "this volume is a copy of %s: both say they are the same", of).At(mount).
		Try("If it is to be a volume of its own, run: stardrive volume adopt " + mount)
}
