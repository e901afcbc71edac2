package bench

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

func TestVerdicts(t *testing.T) {
	var r Report
	for _, v := range []float64{1, 2.5, 3, 5, 5.01} {
		r.add(Row{Work: "x", Value: v, Unit: "x", Budget: 5, Goal: 2.5})
	}
	r.add(Row{Work: "rows", Value: 1, Unit: "rows"})
	var got []string
	for _, row := range r.Rows {
		got = append(got, row.Verdict)
	}
	if want := "goal goal ok ok OVER OVER"; strings.Join(got, " ") != want || r.Over() != 2 {
		t.Errorf("got %v (%d over), want %s", got, r.Over(), want)
	}
	var out strings.Builder
	if err := r.Print(&out); err != nil || !strings.Contains(out.String(), "5.01 x") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestPercentiles(t *testing.T) {
	var times []time.Duration
	for i := range 200 {
		times = append(times, time.Duration((i*77)%200)*time.Millisecond)
	}
	if got := percentiles(times); got != [3]time.Duration{100 * time.Millisecond, 190 * time.Millisecond, 198 * time.Millisecond} {
		t.Error(got)
	}
	if got := percentiles(times[:1]); got != [3]time.Duration{0, 0, 0} {
		t.Error(got)
	}
}

func TestStatus(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("needs /proc")
	}
	if n, err := daemon.Memory(os.Getpid(), "VmHWM"); err != nil || n < 1<<20 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := daemon.Memory(os.Getpid(), "Nonsense"); err == nil {
		t.Error("a size that does not exist was read")
	}
}
