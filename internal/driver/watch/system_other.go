//go:build !linux && !windows && !darwin

package watch

import "github.com/stardrive/stardrive/internal/errs"

func newSystem() (system, error) {
	return nil, errs.New(errs.Unsupported, "this system has nothing that tells of changes in folders").Try("Rely on scans, which find all changes.")
}
