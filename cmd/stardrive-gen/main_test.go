package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckAndWrite: -check fails until the files are written, and again when
// one of them is touched.
func TestCheckAndWrite(t *testing.T) {
	web, docs := filepath.Join(t.TempDir(), "gen"), filepath.Join(t.TempDir(), "docs")
	gen := func(more ...string) (bool, string) {
		t.Helper()
		var out, errOut bytes.Buffer
		stale, err := run(append([]string{"-out", web, "-docs", docs}, more...), &out, &errOut)
		if err != nil {
			t.Fatal(err, errOut.String())
		}
		return stale, out.String()
	}
	if stale, list := gen("-check"); !stale || strings.Count(list, "\n") != 3 {
		t.Errorf("nothing written: stale %v, %q", stale, list)
	}
	if _, err := os.Stat(web); err == nil {
		t.Error("-check wrote")
	}
	if stale, list := gen(); stale || strings.Count(list, "\n") != 3 {
		t.Errorf("write: stale %v, %q", stale, list)
	}
	if stale, list := gen("-check"); stale || list != "" {
		t.Errorf("fresh: stale %v, %q", stale, list)
	}
	client := filepath.Join(web, "client.ts")
	if err := os.WriteFile(client, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stale, list := gen("-check"); !stale || list != client+"\n" {
		t.Errorf("touched: stale %v, %q", stale, list)
	}
	if _, err := run([]string{"-nonsense"}, &bytes.Buffer{}, &bytes.Buffer{}); err == nil {
		t.Error("an unknown flag was accepted")
	}
}
