package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestFault_C10_MayChangeTellsBeforehand(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be nobody for a while")
	}
	root := t.TempDir()
	for _, name := range []string{"mine", "all"} {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name, "f"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "all"), 0o777); err != nil {
		t.Fatal(err)
	}
	d, err := New(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, c := range []struct {
		folder, name string
		nobody       bool
		want         errs.Kind
	}{
		{"mine", "f", false, ""}, {"mine", "", false, ""}, {"all", "f", true, ""}, {"all", "none", true, ""}, {"mine", "f", true, errs.Denied}, {"mine", "", true, errs.Denied},
	} {
		f, err := d.Features().Writing.Dir(t.Context(), c.folder)
		if err != nil {
			t.Fatal(err)
		}
		g, ok := vfs.DirAs[vfs.Guarded](f)
		if !ok {
			t.Fatal("the folder does not tell")
		}
		may := func() error {
			if c.nobody {
				defer drop()()
			}
			return g.MayChange(t.Context(), c.name)
		}
		if err := may(); (err != nil) != (c.want != "") || err != nil && errs.KindOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
		_ = f.Close()
	}
}
