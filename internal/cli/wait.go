package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/errs"
)

// jobState is a job's snapshot as the wire has it.
type jobState struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Title     string    `json:"title"`
	State     string    `json:"state"`
	Step      string    `json:"step"`
	Done      int64     `json:"done"`
	Total     int64     `json:"total"`
	Bytes     int64     `json:"bytes"`
	Rate      float64   `json:"rate"`
	ETA       float64   `json:"eta"`
	Current   string    `json:"current"`
	Warnings  int64     `json:"warnings"`
	Error     string    `json:"error"`
	ErrorKind errs.Kind `json:"error_kind"`
	Created   time.Time `json:"created"`
	Started   time.Time `json:"started"`
	Finished  time.Time `json:"finished"`
	Seconds   float64   `json:"seconds"`
}

func (j jobState) ended() bool {
	return j.State == "done" || j.State == "failed" || j.State == "cancelled"
}

// err is what a job's end means to the command that waited for it.
func (j jobState) err() error {
	switch j.State {
	case "failed":
		message := j.Error
		if message == "" {
			message = "see 'stardrive job warnings " + j.ID + "'"
		}
		// A failed job is a failed command (exit 1), whatever class its cause has.
		return errs.New(errs.Internal, "job %s failed: %s", j.ID, message)
	case "cancelled":
		return errs.New(errs.Cancelled, "job %s was cancelled", j.ID)
	case "done":
		if j.Kind == "index.verify" && j.Warnings > 0 { // that they are the same is what was asked
			return errs.New(errs.Conflict, "the index and the disk differ: %d found", j.Warnings).Try("See 'stardrive job warnings " + j.ID + "'.")
		}
	}
	return nil
}

// waitTwist gives a command that starts a job the flag --wait.
func waitTwist(sp *spec) {
	sp.extra = func(f *pflag.FlagSet) { f.Bool("wait", false, "wait until the job is done, showing its progress") }
	sp.run = func(c *call) error {
		if !c.flag("wait") {
			return c.plain()
		}
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		return c.waitForLocation(cl, out)
	}
}

// waitJobTwist is waitTwist for a command whose answer is the job.
func waitJobTwist(sp *spec) {
	waitTwist(sp)
	sp.run = func(c *call) error {
		if !c.flag("wait") {
			return c.plain()
		}
		cl, err := c.connect(c.ctx)
		if err != nil {
			return err
		}
		defer cl.close()
		out, err := cl.call(c.ctx, c.def.Name, c.in)
		if err != nil {
			return err
		}
		return c.followToEnd(c.ctx, cl, text(out, "id"))
	}
}

// followToEnd follows a job, prints it where JSON is wanted, and fails as it did.
func (s *shell) followToEnd(ctx context.Context, cl *client, id string) error {
	out, j, err := s.follow(ctx, cl, id, "")
	if err == nil && s.json {
		err = s.printJSON(out)
	}
	if err == nil {
		err = j.err()
	}
	return err
}

// waitForLocation follows the job in out, then prints the location with the
// job beside it.
func (c *call) waitForLocation(cl *client, out json.RawMessage) error {
	id := jobIDOf(field(out, "job"))
	var snapshot json.RawMessage
	var job jobState
	if id != "" {
		var err error
		title := ""
		if name := text(out, "name"); name != "" {
			title = "Index " + name
		}
		if snapshot, job, err = c.follow(c.ctx, cl, id, title); err != nil {
			return err
		}
	}
	ref := any(text(out, "id"))
	if ref == "" { // the answer tells the job alone
		ref = c.in["location"]
	}
	location, err := cl.call(c.ctx, "location.info", map[string]any{"location": ref})
	if errs.Is(err, errs.NotFound) { // it was there when the job began
		return errs.New(errs.NotFound, "the location %s was removed meanwhile", shown(cmp.Or(text(out, "name"), text(out, "id"))))
	}
	if err == nil && snapshot != nil {
		location, err = with(location, "job", snapshot)
	}
	if err == nil && (c.json || !c.quiet) {
		if d, ok := c.deps.Ops.Lookup("location.info"); ok {
			err = c.render(d, location)
		} else {
			err = c.printJSON(location)
		}
	}
	if err == nil {
		err = heldErr(location, job)
	}
	if err == nil {
		err = job.err()
	}
	return err
}

// heldErr is what a scan that found too much missing means to the command that
// waited for it: the user is asked.
func heldErr(location json.RawMessage, job jobState) error {
	var l locationState
	if err := unmarshal(location, &l); err != nil || job.State != "failed" || l.State != "held" {
		return err
	}
	return errs.New(errs.ApprovalNeeded, "%s missing in the location %s, and nothing was marked as gone", plural(l.Missing, "entry is", "entries are"), shown(l.Name)).
		Try(fmt.Sprintf("List them with: stardrive job warnings %s. If they are meant to be gone: stardrive location rescan %s --accept-missing %d. Else bring them back, and scan again.",
			clean(job.ID), clean(l.ID), l.Missing))
}

// jobIDOf reads a job's id from its snapshot, or from the id alone.
func jobIDOf(job json.RawMessage) string {
	if isObject(job) {
		return text(job, "id")
	}
	var id string
	_ = json.Unmarshal(job, &id) // null, absent: no job
	return id
}

// follow polls a job until it ends, showing its progress under a title ("" for
// the job's own). Ctrl-C stops the watching, not the job.
func (s *shell) follow(ctx context.Context, cl *client, id, title string) (json.RawMessage, jobState, error) {
	bar := s.newProgress()
	defer bar.close()
	for began := time.Now(); ; {
		out, err := cl.call(ctx, "job.show", map[string]string{"job": id})
		if err != nil {
			return nil, jobState{}, s.detached(ctx, bar, id, err)
		}
		var j jobState
		if err := unmarshal(out, &j); err != nil {
			return nil, j, err
		}
		if title != "" {
			j.Title = title
		}
		if j.ended() {
			bar.end(j)
			return out, j, nil
		}
		bar.show(j)
		pause := 50 * time.Millisecond
		if time.Since(began) > 2*time.Second {
			pause = 200 * time.Millisecond
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, j, s.detached(ctx, bar, id, err)
		}
	}
}

// detached adds to an interruption that the job goes on without us.
func (s *shell) detached(ctx context.Context, bar *progress, id string, err error) error {
	bar.close()
	if ctx.Err() == nil {
		return err
	}
	return (&errs.Error{Kind: errs.Cancelled, Err: fmt.Errorf("not waiting any more: job %s goes on in the background", id)}).
		Try("See 'stardrive job watch " + id + "', or end it by 'stardrive job cancel " + id + "'.")
}

// jobWatchCommand follows one job from outside.
func (s *shell) jobWatchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "watch JOB", Short: "Show a job's progress until it ends",
		Example: "  stardrive job watch 12",
		Args:    cobra.ExactArgs(1),
		RunE: s.runE(func(cmd *cobra.Command, args []string) error {
			c, err := s.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer c.close()
			return s.followToEnd(cmd.Context(), c, args[0])
		}),
		ValidArgsFunction: s.completeFirst("job"),
	}
	return cmd
}
