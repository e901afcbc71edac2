package app

import (
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/volumes"
)

func TestWorkersFollowTheVolume(t *testing.T) {
	for want, fs := range map[int][]volumes.Facts{
		2:  {{FS: "ext4", Medium: volumes.HDD}},
		16: {{FS: "nfs4", Network: true, Medium: volumes.Network}, {FS: "fuse", Medium: volumes.Unknown}},
		0:  {{FS: "ext4", Medium: volumes.SSD}, {FS: "tmpfs", Medium: volumes.Memory}, {}},
	} {
		for _, f := range fs {
			if got := (places{}).Workers(catalog.Volume{Facts: f.Record()}); got != want {
				t.Errorf("%+v: %d workers, want %d", f, got, want)
			}
		}
	}
}
