package organize

import (
	"context"

	"github.com/stardrive/stardrive/internal/organize/merge"
)

// dropOrphans takes back what rules gave that are not there any more: another device
// may have given something while one deleted the rule.
func (s *Service) dropOrphans(ctx context.Context) {
	orphans := false
	s.model.look(func(*tree) {
		for rule, files := range s.model.given {
			orphans = orphans || len(files) > 0 && !s.model.objects[rule].there()
		}
	})
	if !orphans {
		return
	}
	_, err := s.change(ctx, "", func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			for rule := range s.model.given {
				if !s.model.objects[rule].there() {
					changes = append(changes, s.planBack(&object{id: rule}, false, nil)...)
				}
			}
		})
		return changes, nil
	})
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("What a rule gave that is gone could not be taken back", "error", err)
	}
}
