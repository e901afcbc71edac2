package volumes

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// remembered is what a machine remembers of its volumes from one run to the next,
// beside what libraries know. It is guarded by Service.mu.
type remembered struct {
	// Twins are the volumes that carry one and the same identity, by that identity.
	Twins map[string][]twin `json:"twins"`
	// Speeds are what was measured, by identity.
	Speeds map[string]Speed `json:"speeds"`
}

// recall reads the memory; what cannot be read is left out, and said.
func (s *Service) recall() {
	s.memory = remembered{map[string][]twin{}, map[string]Speed{}}
	if s.o.Memory == "" {
		return
	}
	b, err := os.ReadFile(s.o.Memory)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var m remembered
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		s.log.Warn("What was remembered of volumes cannot be read", "file", s.o.Memory, "error", err)
		return
	}
	maps.Copy(s.memory.Twins, m.Twins)
	maps.Copy(s.memory.Speeds, m.Speeds)
}

// save writes the memory.
func (s *Service) save() error {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.mu.Lock()
	b, err := json.MarshalIndent(s.memory, "", "  ")
	s.mu.Unlock()
	if err != nil || s.o.Memory == "" {
		return err
	}
	if err := durable.Replace(s.o.Memory, append(b, '\n')); err != nil {
		return errs.New(errs.KindOf(err), "what is known of volumes cannot be stored: %w", err).At(s.o.Memory)
	}
	return nil
}

// saveSoon writes the memory beside. Called with s.mu held.
func (s *Service) saveSoon() {
	if s.closed {
		return
	}
	s.spawn(func() {
		if err := s.save(); err != nil {
			s.log.Warn("Volumes may not be recognised after the next start", "error", err)
		}
	})
}
