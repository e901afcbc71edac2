//go:build !unix

package vfstest

import "github.com/stardrive/stardrive/internal/errs"

func mkfifo(string) error { return errs.New(errs.Unsupported, "no named pipes on this system") }
