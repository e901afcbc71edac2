// Package device keeps who this machine is: an Ed25519 key made at the first
// start, the id that follows from it, and a name for people. The key file is
// never replaced: where it is lost or damaged, Open says so instead of becoming
// another device. The package must not know other devices, pairing or networks.
package device

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/secret"
)

// Names of the files in the data folder.
const (
	KeyFile  = "device.key"
	InfoFile = "device.json"
)

// Options tells Open where and how. Only Dir must be set.
type Options struct {
	Dir      string                 // the data folder, which exists
	Hostname func() (string, error) // nil: the system's
	Now      func() time.Time       // nil: the clock
}

// Device is this machine. Its methods are safe for concurrent use. It prints as
// its id in every format.
type Device struct {
	id   ident.DeviceID
	key  Signer
	path string // of InfoFile

	mu   sync.Mutex
	info stored
}

// Info is what may be told about a device.
type Info struct {
	ID      ident.DeviceID `json:"id" jsonschema:"the device's public key"`
	Display string         `json:"display" jsonschema:"the id in groups with check characters, for people to compare"`
	Name    string         `json:"name" jsonschema:"name for people"`
	Slug    string         `json:"slug" jsonschema:"the name as it stands in addresses: sd://SLUG/path"`
	Created time.Time      `json:"created" jsonschema:"when the device was first started"`
}

// TypeName is what clients call the type.
func (Info) TypeName() string { return "Device" }

// Open loads the device kept in o.Dir, and makes it at the first start. Errors:
// errs.Denied (others may read the key), errs.Invalid (a damaged file, or files
// that do not belong together), errs.NotFound (the key of a known device is
// missing); all with a remedy.
func Open(o Options) (*Device, error) {
	if o.Hostname == nil {
		o.Hostname = os.Hostname
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d, err := open(o)
	if err != nil {
		return nil, errs.In("device.open", err)
	}
	return d, nil
}

func open(o Options) (*Device, error) {
	keyPath, infoPath := filepath.Join(o.Dir, KeyFile), filepath.Join(o.Dir, InfoFile)
	info, known, err := loadInfo(infoPath)
	if err != nil {
		return nil, err
	}
	key, err := loadKey(keyPath)
	if errs.Is(err, errs.NotFound) {
		if known {
			return nil, errs.New(errs.NotFound, "the key of the device %q is missing", info.Name).At(keyPath).
				Try(fmt.Sprintf("Restore %s from a backup, or remove %s to start as a new device.", KeyFile, infoPath))
		}
		key, err = makeKey(keyPath)
	}
	if err != nil {
		return nil, err
	}
	d := &Device{id: ID(key.public), key: key, path: infoPath, info: info}
	switch {
	case !known:
		name := hostName(o.Hostname)
		d.info = stored{ID: d.id, Name: name, Created: o.Now().UTC()}
		return d, saveInfo(infoPath, d.info)
	case info.ID != d.id:
		return nil, errs.New(errs.Invalid, "%s belongs to another key than %s", InfoFile, KeyFile).At(infoPath).
			Try(fmt.Sprintf("Restore the %s that belongs to it, or remove %s to go on with the key that is there.", KeyFile, infoPath))
	}
	return d, nil
}

// ID returns the device's id.
func (d *Device) ID() ident.DeviceID { return d.id }

// Signer returns the device's private key as something that signs.
func (d *Device) Signer() Signer { return d.key }

// Info tells about the device.
func (d *Device) Info() Info {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.info.view()
}

// Rename gives the device another name; errs.Invalid if it is none. The new name
// is on the disk when Rename returns.
func (d *Device) Rename(ctx context.Context, name string) (Info, error) {
	name, err := checkName(name)
	if err != nil {
		return Info{}, errs.In("device.rename", err)
	}
	if err := ctx.Err(); err != nil {
		return Info{}, errs.In("device.rename", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.info
	next.Name = name
	if err := saveInfo(d.path, next); err != nil {
		return Info{}, errs.In("device.rename", err)
	}
	d.info = next
	return next.view(), nil
}

// Format prints the id, whatever the verb: a Device holds a private key.
func (d *Device) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, string(d.id)) }

// hostName makes a device name of the host name, without its domain.
func hostName(hostname func() (string, error)) string {
	host, err := hostname()
	host, _, _ = strings.Cut(host, ".")
	if name, bad := checkName(host); err == nil && bad == nil {
		return name
	}
	return "device"
}

// Signer signs with the device's key. It prints as •••.
type Signer struct {
	public ed25519.PublicKey
	seed   secret.Text
}

var _ crypto.Signer = Signer{}

// Public returns the ed25519.PublicKey.
func (s Signer) Public() crypto.PublicKey { return s.public }

// Sign signs as ed25519.PrivateKey does.
func (s Signer) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return ed25519.NewKeyFromSeed([]byte(s.seed.Reveal())).Sign(rand, message, opts)
}
