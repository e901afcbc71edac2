package volumes

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// Traits are what may tell a volume from its copy, block for block the same. The
// zero value of each means that it is not known.
type Traits struct {
	Serial string `json:"serial,omitempty"` // of the hardware and the partition; of a loop device, its file
	Size   int64  `json:"size,omitempty"`   // of the device, bytes
	Born   int64  `json:"born,omitempty"`   // when the root folder was made, in nanoseconds
}

// differ reports whether a and b are known to belong to two volumes.
func (a Traits) differ(b Traits) bool {
	return a.Serial != "" && b.Serial != "" && a.Serial != b.Serial ||
		a.Size != 0 && b.Size != 0 && a.Size != b.Size || a.Born != 0 && b.Born != 0 && a.Born != b.Born
}

// twin is one of several volumes that say they are the same.
type twin struct {
	Identity string `json:"identity,omitempty"` // "": nobody said yet which volume it is
	Traits
}

// whoIs tells which of the volumes that carry the identity carried this one is:
// identity is its own, or it is a copy that nobody adopted yet. Called with s.mu
// held.
func (s *Service) whoIs(carried string, t Traits) (identity string, copied bool) {
	twins := s.memory.Twins[carried]
	if len(twins) == 0 {
		return carried, false
	}
	found := -1
	for i, tw := range twins {
		if tw.differ(t) {
			continue
		}
		if found >= 0 {
			return carried, true // it could be either
		}
		found = i
	}
	if found < 0 || twins[found].Identity == "" {
		return carried, true
	}
	return twins[found].Identity, false
}

// noteTwins remembers that there are two volumes where one was thought to be, if
// something tells them apart. Called with s.mu held.
func (s *Service) noteTwins(original, copied *row) {
	if !original.traits.differ(copied.traits) {
		return
	}
	carried := copied.carried
	twins := s.memory.Twins[carried]
	if len(twins) == 0 {
		twins = []twin{{original.facts.Identity, original.traits}}
	}
	if slices.ContainsFunc(twins, func(t twin) bool { return !t.differ(copied.traits) }) {
		return
	}
	s.memory.Twins[carried] = append(twins, twin{"", copied.traits})
	s.saveSoon()
}

// Adopt says what a volume is that carries the identity of another one. With as
// "" it is a volume of its own and gets an identity that it keeps; else it is the
// volume known by the identity as, which has changed (another case, another
// size). mark allows that a small file is written on it, by which it is known
// everywhere; without it a volume is recognised on this machine alone, by its
// hardware or size.
//
// Errors are errs.Conflict (it carries nobody else's identity, the other is
// mounted as well, nothing tells the two apart without a mark), errs.Unavailable,
// errs.Unsupported (a mark for a part of a volume), those of writing the mark, or
// ctx's.
func (s *Service) Adopt(ctx context.Context, mount, as string, mark bool) (Volume, error) {
	t, err := s.sync()
	if err != nil {
		return Volume{}, border("volume.adopt", err)
	}
	r := t.byPoint[mount]
	if r == nil || !r.probes() {
		return Volume{}, errs.New(errs.NotFound, "no volume is mounted there").At(mount)
	}
	if err := s.settle(ctx, r); err != nil && !errs.Is(err, errs.Conflict) {
		return Volume{}, border("volume.adopt", err)
	}
	s.mu.Lock()
	identity, err := s.ownIdentity(r, as, mark)
	carried := r.carried
	s.mu.Unlock()
	if err != nil {
		return Volume{}, border("volume.adopt", err)
	}
	if mark {
		if err := s.leaveMark(ctx, r, Mark{strings.TrimPrefix(identity, carried+"+"), carried}); err != nil {
			return Volume{}, border("volume.adopt", err)
		}
	}
	s.mu.Lock()
	s.assign(r, carried, identity, mark)
	s.mu.Unlock()
	if err := s.save(); err != nil {
		return Volume{}, border("volume.adopt", err)
	}
	if err := s.reexamine(ctx, r, carried); err != nil {
		return Volume{}, border("volume.adopt", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.volume(r), border("volume.adopt", s.usable(r))
}

// ownIdentity returns what r shall be known by. Called with s.mu held.
func (s *Service) ownIdentity(r *row, as string, mark bool) (string, error) {
	twins := s.memory.Twins[r.carried]
	open := slices.ContainsFunc(twins, func(t twin) bool { return t.Identity == "" })
	alike := slices.ContainsFunc(twins, func(t twin) bool {
		return t.Identity != "" && !t.differ(r.traits) && (r.state == Clone || t.Identity != r.facts.Identity)
	})
	switch {
	case r.gone || r.state != Online && r.state != Clone:
		return "", errHung(r.Point)
	case r.state == Online && !open:
		return "", errs.New(errs.Conflict, "no other volume says it is this one").At(r.Point).Try("There is nothing to do.")
	case as != "" && as != r.carried && !strings.HasPrefix(as, r.carried+"+"):
		return "", errs.New(errs.Conflict, "it carries another identity (%s) than the volume it is said to be", r.carried).At(r.Point)
	case as != "":
		for _, other := range s.table.rows {
			if other != r && other.Dev != r.Dev && other.facts.Identity == as && other.state == Online {
				return "", errs.New(errs.Conflict, "that volume is mounted at %s", other.Point).At(r.Point)
			}
		}
		return as, nil
	case mark && r.readOnly:
		return "", errs.New(errs.Denied, "nothing can be written on it").At(r.Point).Try("Leave out --mark.")
	case mark && r.Root != "/" && r.Root != "":
		return "", errs.New(errs.Unsupported, "only a folder of it is mounted").At(r.Point).Try("Mount all of it, or leave out --mark.")
	case !mark && (alike || len(twins) == 0):
		return "", errs.New(errs.Conflict, "nothing tells it from the volume it is a copy of").At(r.Point).
			Try("Allow a small file on it with --mark, or give it a UUID of its own (tune2fs -U random, xfs_admin -U generate, btrfstune -u).")
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return r.carried + "+" + hex.EncodeToString(b[:]), nil
}

// assign remembers that r is the volume known by identity. What has a mark may
// have nothing else that tells it from others; then there is nothing to remember.
// Called with s.mu held.
func (s *Service) assign(r *row, carried, identity string, marked bool) {
	var twins []twin
	was, differs := "", true
	for _, t := range s.memory.Twins[carried] {
		switch {
		case t.Identity == identity:
		case t.differ(r.traits):
			twins = append(twins, t)
		case marked && t.Identity != "" && (r.state == Clone || t.Identity != r.facts.Identity):
			twins, differs = append(twins, t), false
		default:
			was = t.Identity
		}
	}
	if was == carried && identity != carried { // it was taken for the original, which is the other one then
		var open []int
		for i, t := range twins {
			if t.Identity == "" {
				open = append(open, i)
			}
		}
		if len(open) == 1 {
			twins[open[0]].Identity = carried
		}
	}
	if differs && len(twins) > 0 {
		twins = append(twins, twin{identity, r.traits})
	}
	if s.memory.Twins[carried] = twins; len(twins) == 0 {
		delete(s.memory.Twins, carried)
	}
}

// leaveMark writes the mark while r is what stands at its mount point.
func (s *Service) leaveMark(ctx context.Context, r *row, m Mark) error {
	s.mu.Lock()
	root := r.root
	fl := s.fly(r, &r.marking, func() error {
		if now, err := s.platform.Root(r.Point); err != nil || now != root {
			return errGone(r.Point)
		}
		return s.platform.SetMark(r.Point, m)
	})
	s.mu.Unlock()
	return s.wait(ctx, r, fl)
}

// reexamine looks anew at r and at all that carry the same identity.
func (s *Service) reexamine(ctx context.Context, r *row, carried string) error {
	s.mu.Lock()
	var again []*row
	for _, other := range s.table.rows {
		if other.carried == carried {
			other.copied, other.original = false, ""
			again = append(again, other)
		}
	}
	s.mu.Unlock()
	for _, other := range again {
		if err := s.examine(ctx, other); err != nil {
			return err
		}
	}
	return s.settle(ctx, r)
}
