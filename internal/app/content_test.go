package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
)

// TestUsersKinds: the user's table is laid over ours, and one that is wrong is
// told of.
func TestUsersKinds(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	write := func(text string) {
		if err := os.MkdirAll(data, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, "kinds.tsv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("model\tmodel/x-mine\tmine\n")
	r := serve(t, data)
	file := filepath.Join(t.TempDir(), "a.mine")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	is := must[catalog.View](r, "entry.info", fields{"path": file})
	if p := must[Status](r, "daemon.status", fields{}).Problems; len(p) != 0 || is.Type != "model" || is.MIME != "model/x-mine" {
		t.Errorf("%v; a.mine is %s, %s", p, is.Type, is.MIME)
	}
	r.end()
	write("what is this?\n")
	p := must[Status](serve(t, data), "daemon.status", fields{}).Problems
	if len(p) != 1 || !strings.Contains(p[0].Message, "line 1") || !strings.Contains(p[0].Message, "kinds.tsv") || p[0].Remedy == "" {
		t.Errorf("%+v", p)
	}
}
