package volumes

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
)

// probe examines r, unless that is under way already. Called with s.mu held.
func (s *Service) probe(r *row) *flight {
	return s.fly(r, &r.probing, func() error {
		p, err := s.platform.Probe(r.Mount)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.probed(r, p, err)
		return err
	})
}

// probed takes over what the examination of r brought. Called with s.mu held.
func (s *Service) probed(r *row, p Probed, err error) {
	if r.gone || s.closed {
		return
	}
	before := r.facts
	switch {
	case err != nil:
		s.endSession(r)
		r.state, r.err = Broken, errs.New(brokenKind(err), "examine the volume: %w", err).At(r.Point)
		s.log.Debug("A mount cannot be examined", "mount", r.Point, "error", err)
	case !p.Folder:
		r.state, r.file = Broken, true
	default:
		m := r.Mount
		m.ReadOnly = r.readOnly
		s.take(r, describe(m, p), p)
	}
	if before.Identity != r.facts.Identity {
		s.retell(before)
	}
	s.retell(r.facts)
}

// take takes over the facts of a volume that answers. Called with s.mu held.
func (s *Service) take(r *row, facts Facts, p Probed) {
	carried := facts.Identity
	identity, copied := s.whoIs(carried, p.Traits)
	facts.Identity = identity
	facts.Speed = s.memory.Speeds[identity]
	facts.Class = facts.Speed.class(facts.Class)
	if identity != r.facts.Identity || p.Root != r.root {
		s.endSession(r) // another one took its place, or it is known by another name
		r.copied = false
	}
	r.facts, r.root, r.carried, r.traits, r.state, r.err = facts, p.Root, carried, p.Traits, Online, nil
	if copied && !r.copied {
		s.endSession(r)
		r.copied, r.original = true, "another volume"
	}
	s.tellCopies(r)
}

// brokenKind keeps "not allowed" and calls everything else unavailable.
func brokenKind(err error) errs.Kind {
	if errs.Is(err, errs.Denied) {
		return errs.Denied
	}
	return errs.Unavailable
}

// tellCopies finds out whether r, which was just examined, or another mount is a
// copy: another file system with the same identity. The original is the one
// that was there first. A copy stays one when the original goes: its files are
// not those that the catalogue knows by this identity. Called with s.mu held.
func (s *Service) tellCopies(r *row) {
	if !r.copied && strong(r.facts.Identity) {
		for _, other := range s.table.rows {
			same := other.facts.Identity == r.facts.Identity && other.Dev != r.Dev
			if !same || other.copied || other.state != Online && other.state != Hung {
				continue
			}
			original, copied := other, r
			if r.born < other.born {
				original, copied = r, other
			}
			copied.copied, copied.original = true, "the one mounted at "+original.Point
			s.noteTwins(original, copied)
			s.endSession(copied)
			copied.state, copied.err = Clone, errClone(copied.Point, copied.original)
		}
	}
	if r.copied {
		r.state, r.err = Clone, errClone(r.Point, r.original)
	}
}

// hang marks r as hung until an examination, which is under way or starts now,
// returns. Called with s.mu held.
func (s *Service) hang(r *row) {
	if r.gone || s.closed {
		return
	}
	if r.state != Hung {
		s.log.Warn("A volume does not answer", "mount", r.Point, "fs", r.Type)
	}
	r.state, r.err = Hung, errHung(r.Point)
	s.retell(r.facts)
	s.probe(r)
}

// settle waits until r was examined once, and returns its error if it cannot be
// used.
func (s *Service) settle(ctx context.Context, r *row) error {
	s.mu.Lock()
	var fl *flight
	if r.state == "" && r.probes() && !r.gone {
		fl = s.probe(r)
	}
	s.mu.Unlock()
	if fl != nil {
		if err := s.wait(ctx, r, fl); err != nil && ctx.Err() != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usable(r)
}

// usable returns why r cannot be used, or nil. Called with s.mu held.
func (s *Service) usable(r *row) error {
	switch {
	case s.closed:
		return errClosed
	case r.gone:
		return errGone(r.Point)
	case r.file:
		return nil
	case r.err != nil:
		return r.err
	case r.state != Online:
		return errHung(r.Point)
	}
	return nil
}
