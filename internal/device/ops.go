package device

import (
	"context"

	"github.com/stardrive/stardrive/internal/op"
)

// InfoIn asks for this device.
type InfoIn struct{}

// RenameIn is the new name of this device.
type RenameIn struct {
	Name string `json:"name" cli:"1" min:"1" max:"100" jsonschema:"the new name"`
}

// Ops returns the operations on this device.
func (d *Device) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("device.info", "Show this device", func(context.Context, InfoIn) (Info, error) { return d.Info(), nil },
			op.Example("stardrive device info")),
		op.NewCommand("device.rename", "Rename this device", func(ctx context.Context, in RenameIn) (Info, error) { return d.Rename(ctx, in.Name) },
			op.Example(`stardrive device rename "Jamie's laptop"`)),
	}
}
