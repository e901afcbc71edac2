package worker

import "github.com/stardrive/stardrive/internal/errs"

func lower() error { return nil } // by attributes

func become(toolLimits, string, []string) error {
	return errs.New(errs.Unsupported, "other programs are not used on this system")
}
