//go:build linux || darwin || freebsd

package embed

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
)

// TestFileThatIsCutOffWhileItIsMapped would end the process, were it not caught.
func TestFileThatIsCutOffWhileItIsMapped(t *testing.T) {
	x := openIndex(t, 64)
	r := rand.New(rand.NewPCG(17, 18))
	all := meanings(r, 3000, 64)
	fill(t, x, all)
	if err := x.Put(9999, all[:1]); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(x.path, blockAlign+4096); err != nil {
		t.Fatal(err)
	}
	_, near := x.Nearest(context.Background(), all[0], 10, nil)
	_, rescored := x.Rescore(all[0], []int64{2999})
	for what, err := range map[string]error{"nearest": near, "rescore": rescored, "owners": x.Owners(func(int64) bool { return true }), "drop": x.Drop(2999)} {
		if !errors.Is(err, ErrUnusable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for range 2 { // it would append first, and then make all anew
		if err := x.Flush(context.Background()); !errors.Is(err, ErrUnusable) {
			t.Errorf("flush: %v", err)
		}
	}
}
