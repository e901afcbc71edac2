package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/fileops/copier"
)

// SetLimit bounds how many bytes a second all plans together write and read back;
// 0: as many as there are. It holds at once, also for what is under way.
func (s *Service) SetLimit(bytesPerSecond int64) {
	s.limit.Store(max(bytesPerSecond, 0))
	s.allLimit.Set(bytesPerSecond)
}

type (
	limitIn struct {
		Limit *int64 `json:"limit,omitempty" cli:"1" jsonschema:"most bytes a second; 0: as many as there are; default: leave it as it is" min:"0"`
	}
	limitOut struct {
		Limit int64 `json:"limit" jsonschema:"most bytes a second; 0: as many as there are"`
	}
)

// opLimit sets the limit, for what is under way and for later, or tells it.
func (s *Service) opLimit(_ context.Context, in limitIn) (limitOut, error) {
	if in.Limit != nil {
		if s.KeepLimit != nil {
			if err := s.KeepLimit(*in.Limit); err != nil {
				return limitOut{}, err
			}
		}
		s.SetLimit(*in.Limit)
	}
	return limitOut{s.limit.Load()}, nil
}

// limited is how many bytes a second a plan with this limit of its own may do; 0:
// as many as there are.
func (s *Service) limited(own int64) int64 {
	all := s.limit.Load()
	if own <= 0 || all > 0 && all < own {
		return all
	}
	return own
}

// limits are those for files of a task.
func (e *running) limits(own int64) []*copier.Limit {
	all := []*copier.Limit{e.s.allLimit}
	if own <= 0 {
		return all
	}
	if e.own == nil {
		e.own = copier.NewLimit(own)
	}
	return append(all, e.own)
}
