package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/svc"
)

// TestLibraryThatCannotBeOpened: status and doctor say so, and what to do.
func TestLibraryThatCannotBeOpened(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data).end()
	db := filepath.Join(data, "libraries", library.DefaultName+library.Suffix, "library.db")
	if err := os.WriteFile(db, []byte(strings.Repeat("no database ", 10_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := serve(t, data)
	eventually(t, "the status tells of it", func() bool {
		s := must[Status](r, "daemon.status", fields{})
		return len(s.Problems) == 1 && s.Problems[0].Kind == errs.Invalid && strings.Contains(s.Problems[0].Message, "library.db")
	})
	for _, c := range must[Diagnosis](r, "daemon.doctor", fields{}).Checks {
		if c.Name == "library Home" && (c.OK || !strings.Contains(c.Message, "library.db")) {
			t.Errorf("%+v", c)
		}
	}
}

// TestFailing: services that fail again and again are a problem, those that have
// run well since are none.
func TestFailing(t *testing.T) {
	bad := errs.New(errs.Internal, "bad page").Try("Restore it.")
	for _, c := range []struct {
		state svc.State
		want  string // the remedy; "": no problem
	}{
		{svc.State{Name: "a", Running: true, Since: time.Now()}, ""},
		{svc.State{Name: "b", Running: true, Since: time.Now().Add(-time.Hour), Failed: 3, Err: bad}, ""},
		{svc.State{Name: "c", Running: true, Since: time.Now(), Failed: 3, Err: bad}, "Restore it."},
		{svc.State{Name: "d", Since: time.Now().Add(-time.Hour), Failed: 1, Err: bad}, "Restore it."},
		{svc.State{Name: "e", Failed: 1, Err: os.ErrInvalid}, "Look for the cause with: stardrive doctor"},
	} {
		got := failing("of a test", []svc.State{c.state})
		if len(got) == 0 && c.want == "" {
			continue
		}
		if len(got) != 1 || got[0].Remedy != c.want || !strings.Contains(got[0].Message, c.state.Name) {
			t.Errorf("%+v: %+v", c.state, got)
		}
	}
}
