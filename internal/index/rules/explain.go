package rules

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Step is what was decided about an entry or about a folder above it.
type Step struct {
	Path     string // relative to the location's root
	Kind     vfs.Kind
	Size     int64
	Decision Decision
}

// Explain tells whether an entry is indexed and why, in words for people. Steps
// lead from the topmost folder down to the entry; they may end at the first
// that is excluded, as it decides. Names that are no plain text are escaped.
func Explain(steps []Step) (excluded bool, why string) {
	if len(steps) == 0 {
		return false, "It is the location itself, which is always indexed."
	}
	last := len(steps) - 1
	for i, s := range steps {
		if !s.Decision.Excluded {
			continue
		}
		if i == last && s.Kind != vfs.Folder {
			return true, fmt.Sprintf("It is excluded by %s.", s.by())
		}
		if i == last {
			return true, fmt.Sprintf("The folder %s and all below it are excluded by %s.", quote(s.Path), s.by())
		}
		return true, fmt.Sprintf("The folder %s above it is excluded by %s. No rule can include what is below an excluded folder; include the folder itself first.",
			quote(s.Path), s.by())
	}
	s := steps[last]
	if s.Decision.Rule == nil {
		return false, "It is indexed: no rule matches it."
	}
	return false, fmt.Sprintf("It is indexed: it is included by %s.", s.by())
}

// by names the rule that decided, and what of it.
func (s Step) by() string {
	d := s.Decision
	rule := fmt.Sprintf("rule %d", d.Rule.ID)
	switch d.Rule.Kind {
	case Pattern:
		return fmt.Sprintf("%s, the pattern %s", rule, quote(d.Pattern))
	case Preset:
		return fmt.Sprintf("%s, the preset %s (its pattern %s)", rule, d.Rule.Value, quote(d.Pattern))
	case Gitignore:
		return fmt.Sprintf("line %d of %s, %s, which %s honours", d.Line, quote(d.File), quote(d.Pattern), rule)
	}
	return fmt.Sprintf("%s, files %s than %s (it has %d bytes)", rule, d.Rule.Kind, d.Rule.Value, s.Size)
}

// quote makes bytes of any kind safe to show.
func quote(s string) string { return strconv.Quote(s) }

// inRule names the rule an error is about.
func inRule(id int, err error) error {
	var e *errs.Error
	if !errors.As(err, &e) {
		return err
	}
	return errs.New(e.Kind, "rule %d: %w", id, e.Err).Try(e.Remedy)
}
