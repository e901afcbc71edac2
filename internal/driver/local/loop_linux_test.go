package local

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

// What real file systems do and keep, and what they were said to.
func TestPromise_P12_RealVolumes(t *testing.T) {
	const all = posixParts | vfs.PartXattrs | vfs.PartACL | vfs.PartLabels
	for kind, want := range map[string]vfs.Writing{
		"ext4":  {Keeps: all, TimeStep: 1, MaxName: 255, MaxFile: (1<<32 - 1) << 12},
		"ext3":  {Keeps: all, TimeStep: second, MaxName: 255, MaxFile: (1<<32 - 1) << 12},
		"xfs":   {Keeps: all, TimeStep: 1, MaxName: 255, Clones: true},
		"btrfs": {Keeps: all, TimeStep: 1, MaxName: 255, Clones: true},
	} {
		t.Run(kind, func(t *testing.T) {
			l := vfstest.NewLoop(t, kind, "")
			d, err := New(l.Root, Options{})
			must(t, err)
			got := d.writing
			must(t, d.Close())
			if got.Keeps != want.Keeps || got.TimeStep != want.TimeStep || got.MaxName != want.MaxName || got.MaxFile != want.MaxFile || got.Clones != want.Clones {
				t.Errorf("%+v, want %+v", got, want)
			}
			if !d.kind.syncs {
				t.Error("nothing tells when all is synced")
			}
			n, only := 0, []string(nil)
			if kind == "ext3" { // ext4's driver: only times are otherwise
				only = []string{"Facts", "Create", "Promise_P12_Meta", "Fault_A7_LongPath", "Fault_B5_LinksAreNotFollowed"}
			}
			vfstest.RunWriting(t, func(t *testing.T) vfstest.Fixture {
				n++
				root := filepath.Join(l.Root, strconv.Itoa(n))
				must(t, os.Mkdir(root, 0o755))
				d, err := New(root, Options{})
				must(t, err)
				disk := vfstest.NewDisk(t, root)
				return vfstest.Fixture{Driver: d, Make: disk, Mount: disk.MountTmpfs}
			}, only...)
		})
	}
}

// A disk that goes away while it is written must not look like one that has
// everything: no sync succeeds any more, of whatever kind.
func TestFault_D2_P11_NoSyncOfAVolumeThatHasGone(t *testing.T) {
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			l := vfstest.NewLoop(t, kind, "")
			d, err := New(l.Root, Options{})
			must(t, err)
			defer func() { must(t, d.Close()) }()
			dir, err := d.writing.Dir(t.Context(), "")
			must(t, err)
			defer func() { must(t, dir.Close()) }()
			h, err := dir.Create(t.Context(), "f", 0o600)
			must(t, err)
			defer func() { _ = h.Close() }()
			_, err = h.Write(make([]byte, 1<<20))
			must(t, err)
			l.PowerCut(t)
			for what, err := range map[string]error{"Sync": h.Sync(), "Dir.Sync": dir.Sync(t.Context()), "SyncAll": dir.SyncAll(t.Context())} {
				if err == nil {
					t.Errorf("%s says that all is well", what)
				}
			}
			if err := dir.SyncAll(t.Context()); err == nil {
				t.Error("SyncAll says so when asked again")
			}
		})
	}
}
