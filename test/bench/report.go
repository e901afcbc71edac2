package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
)

// Report is one run's figures.
type Report struct {
	Time    time.Time        `json:"time"`
	Commit  string           `json:"commit"`
	Cores   int              `json:"cores"`
	System  string           `json:"system"`
	Load    string           `json:"load"` // others at work when it began
	Tree    treegen.Manifest `json:"tree"`
	Rows    []Row            `json:"rows"`
	Problem string           `json:"problem,omitempty"` // why the run broke off
}

// Row is one measurement against its budget. Smaller is better.
type Row struct {
	Work      string  `json:"work"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"` // "x": a ratio to the reference
	Ours      string  `json:"ours,omitempty"`
	Reference string  `json:"reference,omitempty"`
	Budget    float64 `json:"budget"`
	Goal      float64 `json:"goal"`
	Note      string  `json:"note,omitempty"`
	Verdict   string  `json:"verdict"` // goal, ok, over
}

// Verdicts.
const (
	reached = "goal"
	kept    = "ok"
	over    = "OVER"
)

func newReport(ctx context.Context) *Report {
	return &Report{Time: time.Now().UTC(), Cores: runtime.NumCPU(), Commit: output(ctx, "git", "describe", "--always", "--dirty"),
		System: output(ctx, "uname", "-srm"), Load: first(os.ReadFile("/proc/loadavg"))}
}

func output(ctx context.Context, name string, args ...string) string {
	return first(exec.CommandContext(ctx, name, args...).Output())
}

func first(b []byte, _ error) string {
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

func (r *Report) add(row Row) {
	switch {
	case row.Value <= row.Goal:
		row.Verdict = reached
	case row.Value <= row.Budget:
		row.Verdict = kept
	default:
		row.Verdict = over
	}
	r.Rows = append(r.Rows, row)
}

func (r *Report) ratio(work string, ours time.Duration, tool string, ref time.Duration, budget, goal float64, note string) {
	r.add(Row{Work: work, Value: ours.Seconds() / ref.Seconds(), Unit: "x", Ours: fmt.Sprintf("%.2f s", ours.Seconds()),
		Reference: fmt.Sprintf("%s %.2f s", tool, ref.Seconds()), Budget: budget, Goal: goal, Note: note})
}

// Over reports how many rows missed their budget.
func (r *Report) Over() (n int) {
	for _, row := range r.Rows {
		if row.Verdict == over {
			n++
		}
	}
	return n
}

// Print writes the table for people.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "stardrive %s, %s, %d cores, %s, load %s\n", r.Commit, r.Time.Format(time.DateTime), r.Cores, r.System, r.Load)
	fmt.Fprintf(w, "tree: %d entries, %d folders, hash %s\n\n", r.Tree.Entries, r.Tree.Folders, r.Tree.Hash)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tours\treference\tresult\tbudget\tgoal\tverdict\tnote")
	for _, x := range r.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.Work, dash(x.Ours), dash(x.Reference),
			figure(x.Value, x.Unit), figure(x.Budget, x.Unit), figure(x.Goal, x.Unit), x.Verdict, x.Note)
	}
	if r.Problem != "" {
		fmt.Fprintf(t, "\nBROKEN OFF: %s\n", r.Problem)
	}
	return t.Flush()
}

func figure(v float64, unit string) string {
	digits := 2
	if v >= 100 || v == float64(int64(v)) {
		digits = 0
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + unit
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func mb(bytes int64) float64 { return float64(bytes) / 1e6 }
