package copier_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// TestLimitIsShared copies two files at a time through one limit, by a clock that
// moves only while all wait.
func TestLimitIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := memfs.New(nil), memfs.NewWith(memfs.Options{NoClone: true})
		into, err := to.Features().Writing.Dir(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer into.Close()
		var ps []copier.Piece
		for _, name := range []string{"a", "b"} {
			if err := from.WriteFile(name, noise(3<<20, 1)); err != nil {
				t.Fatal(err)
			}
			seen, err := from.Stat(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			ps = append(ps, copier.Piece{From: from, Path: name, Seen: seen, Into: into, Name: name, Temp: vfs.PrivateName()})
		}
		began := time.Now()
		for _, out := range copier.New().Write(t.Context(), ps, copier.Options{Limits: []*copier.Limit{copier.NewLimit(0), copier.NewLimit(1 << 20)}}) {
			if out.Err != nil {
				t.Fatal(out.Err)
			}
		}
		// six MiB, the first of which passes at once
		if took := time.Since(began); took < 4900*time.Millisecond || took > 5100*time.Millisecond {
			t.Errorf("6 MiB at 1 MiB/s took %v", took)
		}
	})
}

// TestLimitThatGoes lifts a limit under which a file would take days.
func TestLimitThatGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := memfs.New(nil), memfs.NewWith(memfs.Options{NoClone: true})
		into, err := to.Features().Writing.Dir(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer into.Close()
		if err := from.WriteFile("a", noise(3<<20, 1)); err != nil {
			t.Fatal(err)
		}
		seen, err := from.Stat(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		limit := copier.NewLimit(1)
		began := time.Now()
		lifted := time.AfterFunc(time.Minute, func() { limit.Set(0) })
		defer lifted.Stop()
		p := copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Name: "a", Temp: vfs.PrivateName()}
		if out := copier.New().Write(t.Context(), []copier.Piece{p}, copier.Options{Limits: []*copier.Limit{limit}}); out[0].Err != nil {
			t.Fatal(out[0].Err)
		}
		if took := time.Since(began); took < time.Minute || took > time.Minute+10*time.Second {
			t.Errorf("lifted after a minute, it took %v", took)
		}
	})
}

// TestLimitDoesNotHoldAStop ends a file at once that would take days, and gives its turn
// back.
func TestLimitDoesNotHoldAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := memfs.New(nil), memfs.NewWith(memfs.Options{NoClone: true})
		into, err := to.Features().Writing.Dir(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer into.Close()
		if err := from.WriteFile("a", noise(3<<20, 1)); err != nil {
			t.Fatal(err)
		}
		seen, err := from.Stat(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		limit, began, enough := copier.NewLimit(1), time.Now(), errors.New("enough")
		stop := func(int) error {
			if time.Since(began) > time.Minute+time.Millisecond {
				return enough
			}
			return nil
		}
		p := copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Name: "a", Temp: vfs.PrivateName()}
		if out := copier.New().Write(t.Context(), []copier.Piece{p}, copier.Options{Limits: []*copier.Limit{limit}, Stop: stop}); !errors.Is(out[0].Err, enough) {
			t.Errorf("it ended with %v", out[0].Err)
		}
		if took := time.Since(began); took > time.Minute+200*time.Millisecond {
			t.Errorf("asked to stop after a minute, it stopped after %v", took)
		}
	})
}
