package peers

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMissing(t *testing.T) {
	got := missing([]string{"/a", "/b", "/c"}, map[string]bool{"/b": true, "/d": true})
	if want := []string{"/a", "/c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNothingFoundIsNoError: the programs tell it by their exit code.
func TestNothingFoundIsNoError(t *testing.T) {
	if out, _, err := output(t.Context(), "sh", "-c", "exit 1"); err != nil || len(out) > 0 {
		t.Errorf("%q, %v", out, err)
	}
	if _, _, err := output(t.Context(), "sh", "-c", "echo broken >&2; exit 1"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a complaint is lost: %v", err)
	}
}

func TestPrint(t *testing.T) {
	var out strings.Builder
	rows := []Row{{Work: "names", Peer: "fd", Ours: time.Millisecond, Theirs: time.Second, Hits: [2]int{1, 2}, Missed: []string{"/x"}}}
	if err := Print(&out, rows); err != nil || !strings.Contains(out.String(), "0.001") || !strings.Contains(out.String(), `missed: "/x"`) {
		t.Errorf("%v\n%s", err, out.String())
	}
}
