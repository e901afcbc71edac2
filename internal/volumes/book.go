package volumes

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Known is a volume that a library has files on.
type Known struct {
	ID       ident.VolumeID
	Device   ident.DeviceID // whose volume it is
	Identity string
	Name     string // the user's, or the one it had first
	Facts    Facts  // as they were when it was last online
	Online   bool
	Seen     time.Time // when it was last online
}

// Book is one library's memory of volumes. Both methods return an *errs.Error.
type Book interface {
	// Volumes returns all volumes of the library.
	Volumes(ctx context.Context) ([]Known, error)
	// Update stores Name, Facts, Online and Seen of volumes that the library has.
	Update(ctx context.Context, changed []Known) error
}

// Keep brings a library's book up to date with what is mounted now: what its
// volumes are like, which of them are online, and that no two have one name. It writes nothing if nothing but
// the free space changed. Call it when a library was opened and after a Change.
func (s *Service) Keep(ctx context.Context, book Book) error {
	known, err := book.Volumes(ctx)
	if err != nil {
		return errs.In("volume.keep", err)
	}
	named := slices.Clone(known)
	settleNames(named)
	var changed []Known
	for i, k := range known {
		v, ok := s.Find(ctx, k.Identity)
		now := named[i]
		if now.Online = ok && v.State == Online; now.Online {
			now.Facts, now.Seen = v.Facts, time.Now()
		}
		if now.Online != k.Online || now.Name != k.Name || !sameButFree(now.Facts, k.Facts) {
			changed = append(changed, now)
		}
	}
	if err := ctx.Err(); err != nil || len(changed) == 0 {
		return errs.In("volume.keep", err)
	}
	return errs.In("volume.keep", book.Update(ctx, changed))
}

func sameButFree(a, b Facts) bool {
	a.Free, b.Free = 0, 0
	return a == b
}

// Record writes facts the way a catalogue keeps them.
func (f Facts) Record() json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return json.RawMessage("{}") // cannot be: only text, numbers and booleans
	}
	return bytes.TrimSpace(b.Bytes())
}

// Recall reads facts that Record wrote; what cannot be read is left out.
func Recall(record json.RawMessage) Facts {
	var f Facts
	if json.Unmarshal(record, &f) != nil {
		return Facts{}
	}
	return f
}

// CatalogBook keeps the book in a library's catalogue.
func CatalogBook(c *catalog.Catalog) Book { return catalogBook{c} }

type catalogBook struct{ c *catalog.Catalog }

func (b catalogBook) Volumes(ctx context.Context) (known []Known, err error) {
	err = b.c.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			known = append(known, Known{
				ID: v.ID, Device: v.Device, Identity: v.Identity, Name: v.Name, Facts: Recall(v.Facts), Online: v.Online, Seen: v.Seen,
			})
		}
		return err
	})
	return known, errs.In("volume.list", err)
}

func (b catalogBook) Update(ctx context.Context, changed []Known) error {
	return b.c.Write(ctx, func(tx *catalog.Tx) error {
		for _, k := range changed {
			v, err := tx.VolumeByIdentity(k.Identity)
			if errs.Is(err, errs.NotFound) {
				continue // forgotten meanwhile
			}
			if err != nil {
				return err
			}
			v.Name, v.Facts, v.Online, v.Seen = k.Name, k.Facts.Record(), k.Online, k.Seen
			if _, err := tx.PutVolume(v); err != nil {
				return err
			}
		}
		return nil
	})
}
