package actions

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

func TestSmallRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it drives the Linux driver, cp and sync")
	}
	var log, out bytes.Buffer
	rows, err := Run(t.Context(), Options{Dir: t.TempDir(), Large: 2 << 20, Small: 120, Log: &log})
	if err != nil {
		t.Fatal(err, log.String())
	}
	if _, err := Show(&out, rows); err != nil || len(rows) < 8 || strings.Count(out.String(), "\n") < len(rows) {
		t.Errorf("%v, %d rows:\n%s", err, len(rows), out.String())
	}
}
