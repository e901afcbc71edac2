package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/svc"
	"github.com/stardrive/stardrive/internal/webui"
)

// None is an empty input or result.
type None struct{}

// Status is how the daemon does.
type Status struct {
	Version   string         `json:"version" jsonschema:"of the daemon"`
	Go        string         `json:"go" jsonschema:"version of the Go it was built with"`
	PID       int            `json:"pid" jsonschema:"its process"`
	Uptime    float64        `json:"uptime" jsonschema:"seconds since its start"`
	Memory    int64          `json:"memory" jsonschema:"bytes of memory it holds"`
	Address   string         `json:"address" jsonschema:"of the web interface"`
	Data      string         `json:"data" jsonschema:"the data folder"`
	Device    device.Info    `json:"device" jsonschema:"this machine"`
	Libraries []LibraryState `json:"libraries" jsonschema:"the libraries of the data folder"`
	Jobs      JobCounts      `json:"jobs" jsonschema:"jobs in all open libraries"`
	Watch     index.Coverage `json:"watch" jsonschema:"how the indexed folders are watched"`
	Problems  []Problem      `json:"problems" jsonschema:"what needs attention"`
}

// LibraryState tells whether a library is open.
type LibraryState struct {
	ID    ident.LibraryID `json:"id" jsonschema:"the library's id; empty if it is too damaged to tell"`
	Name  string          `json:"name" jsonschema:"its name"`
	State library.State   `json:"state" jsonschema:"open, closed or broken"`
}

// JobCounts counts jobs that have not ended.
type JobCounts struct {
	Running int `json:"running" jsonschema:"jobs at work"`
	Queued  int `json:"queued" jsonschema:"jobs that wait for their turn"`
	Paused  int `json:"paused" jsonschema:"jobs that somebody paused"`
}

// Problem is something that needs attention, and what to do about it.
type Problem struct {
	Kind    errs.Kind `json:"kind" jsonschema:"its class, as errors have it"`
	Message string    `json:"message" jsonschema:"what is wrong"`
	Remedy  string    `json:"remedy" jsonschema:"what to do about it"`
}

// Diagnosis is what the doctor found.
type Diagnosis struct {
	Checks []Check `json:"checks" jsonschema:"all that was looked at"`
}

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name" jsonschema:"what was looked at"`
	OK      bool   `json:"ok" jsonschema:"it is as it should be"`
	Message string `json:"message" jsonschema:"how it is"`
	Remedy  string `json:"remedy,omitempty" jsonschema:"what to do about it"`
}

// Link is a login link.
type Link struct {
	URL string `json:"url" jsonschema:"logs a browser in, once, within ten minutes"`
}

func (d *daemon) ops() []op.Def {
	return []op.Def{
		op.NewQuery("daemon.status", "Show how the daemon does", d.status, op.Example("stardrive status")),
		op.NewCommand("daemon.stop", "Stop the daemon", func(context.Context, None) (None, error) {
			time.AfterFunc(50*time.Millisecond, d.stop) // after the answer is on its way
			return None{}, nil
		}, op.Example("stardrive stop")),
		op.NewQuery("daemon.doctor", "Look for problems", d.doctor, op.Example("stardrive doctor")),
		op.NewCommand("daemon.login_link", "Make a link that logs a browser in", func(context.Context, None) (Link, error) {
			url, err := d.server.LoginLink()
			return Link{url}, err
		}, op.Example("stardrive open")),
	}
}

func (d *daemon) status(ctx context.Context, _ None) (Status, error) {
	s := Status{
		Version: d.version, Go: goruntime.Version(), PID: os.Getpid(), Uptime: time.Since(d.began).Seconds(), Memory: residentMemory(),
		Address: d.server.Addresses().HTTP, Data: catalog.PlainName(d.layout.Dir), Device: d.device.Info(),
	}
	all, err := d.library.List(ctx)
	if err != nil {
		return s, err
	}
	for _, i := range all {
		s.Libraries = append(s.Libraries, LibraryState{i.ID, i.Name, i.State})
		switch failed := d.failed.Load(); {
		case i.Err != nil:
			s.Problems = append(s.Problems, Problem{errs.KindOf(i.Err), i.Err.Error(), errs.RemedyOf(i.Err)})
		case i.Default && i.State == library.Closed && failed != nil:
			s.Problems = append(s.Problems, Problem{errs.KindOf(*failed), (*failed).Error(), errs.RemedyOf(*failed)})
		}
	}
	if d.kindsWhy != nil {
		s.Problems = append(s.Problems, Problem{errs.KindOf(d.kindsWhy), d.kindsWhy.Error(), errs.RemedyOf(d.kindsWhy)})
	}
	s.Problems = append(s.Problems, failing("of the daemon", d.parts.States())...)
	for _, l := range d.library.Opened() {
		r := l.Runtime.(*runtime)
		if hanging, err := r.hanging(ctx, d.patient); err == nil {
			s.Problems = append(s.Problems, hanging...)
		}
		if err := r.addTo(ctx, &s); err != nil { // it may be closing just now
			s.Problems = append(s.Problems, Problem{errs.KindOf(err), "The library " + l.Name + " does not answer: " + err.Error(), errs.RemedyOf(err)})
		}
	}
	return s, nil
}

// addTo adds what one library contributes to the status.
func (r *runtime) addTo(ctx context.Context, s *Status) error {
	open, err := r.jobs.List(ctx, job.Filter{States: []job.State{job.Running, job.Queued, job.Paused}})
	if err != nil {
		return err
	}
	for _, j := range open {
		switch j.State {
		case job.Running:
			s.Jobs.Running++
		case job.Queued:
			s.Jobs.Queued++
		case job.Paused:
			s.Jobs.Paused++
		}
	}
	s.Problems = append(s.Problems, failing("of the library "+r.name, r.parts.States())...)
	s.Problems = append(s.Problems, r.addedProblems()...)
	s.Problems = append(s.Problems, r.copies.problems(r.name)...)
	files, err := r.fileProblems(ctx)
	if err != nil {
		return err
	}
	s.Problems = append(s.Problems, files...)
	locations, err := r.index.Locations(ctx)
	for _, l := range locations {
		s.Watch.Add(l.Watch)
		if p, ok := locationProblem(l); ok {
			s.Problems = append(s.Problems, p)
		}
	}
	return err
}

// failing tells of the services that do not get anywhere.
func failing(whose string, services []svc.State) (problems []Problem) {
	for _, s := range services {
		if s.Err == nil || s.Running && time.Since(s.Since) > time.Minute {
			continue
		}
		remedy := errs.RemedyOf(s.Err)
		if remedy == "" {
			remedy = "Look for the cause with: stardrive doctor"
		}
		problems = append(problems, Problem{errs.KindOf(s.Err),
			fmt.Sprintf("The part %q %s has failed %d times and is started again: %v", s.Name, whose, s.Failed, s.Err), remedy})
	}
	return problems
}

func locationProblem(l index.Location) (Problem, bool) {
	switch {
	case l.State == "offline":
		return Problem{errs.Unavailable, "The location " + l.Name + " is offline.", "Connect the volume " + l.Volume + "."}, true
	case l.Job != nil && l.Job.State == job.Failed:
		return Problem{l.Job.ErrorKind, "Indexing " + l.Name + " failed: " + l.Job.Error, "Mend the cause and run: stardrive location rescan " + l.Name}, true
	case l.State == "incomplete":
		remedy := "Look for the reason with: stardrive job list"
		if l.Job != nil {
			remedy = fmt.Sprintf("See which with: stardrive job warnings %d", l.Job.ID)
		}
		return Problem{errs.Denied, "Parts of " + l.Name + " could not be read.", remedy}, true
	case l.State == "ready" && l.Policy.Watch != "off" && l.Watch.Share < 0.99:
		return Problem{errs.Unavailable, "Not all folders of " + l.Name + " are watched live; the rest is seen by scans.", "Raise fs.inotify.max_user_watches."}, true
	}
	return Problem{}, false
}

func (d *daemon) doctor(ctx context.Context, _ None) (Diagnosis, error) {
	var g Diagnosis
	check := func(name string, err error, good string) {
		c := Check{Name: name, OK: err == nil, Message: good}
		if err != nil {
			c.Message, c.Remedy = err.Error(), errs.RemedyOf(err)
		}
		g.Checks = append(g.Checks, c)
	}
	check("data folder", private(d.layout.Dir), "is private")
	check("access token", private(d.layout.Token()), "is private")
	check("device key", private(filepath.Join(d.layout.Dir, device.KeyFile)), "is private")
	check("clock", clock(), "is plausible")
	check("web interface", interfaceBuilt(), "is part of this program")
	all, err := d.library.List(ctx)
	if err != nil {
		return g, err
	}
	for _, i := range all {
		err, good := i.Err, "is "+string(i.State)
		if err == nil && i.Default && i.State == library.Closed { // the daemon wants it open: why is it not?
			_, err = d.library.Get(ctx, string(i.ID))
			good = "can be opened"
		}
		check("library "+i.Name, err, good)
	}
	for _, l := range d.library.Opened() {
		check("database of "+l.Name, l.DB.Check(ctx), "is sound")
		check("files of "+l.Name, l.Runtime.(*runtime).checkFiles(ctx), "could all be read, and none is known to be damaged")
		good, err := l.Runtime.(*runtime).checkMeaning(ctx)
		check("meaning in "+l.Name, err, good)
	}
	good, err := d.decoder.state(ctx)
	check("decoders", err, good)
	for _, lack := range d.decoder.Missing() { // nothing is wrong without it
		check("optional program", nil, lack)
	}
	for _, c := range limits() {
		check(c.name, c.err, c.good)
	}
	return g, nil
}

func private(path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return errs.New(errs.KindOf(err), "%w", err)
	}
	if goruntime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0 {
		return errs.New(errs.Denied, "others can read it").At(path).Try("Run: chmod go= " + path)
	}
	return nil
}

func clock() error {
	if now := time.Now(); now.Year() < 2026 || now.Year() > 2100 {
		return errs.New(errs.Invalid, "the clock says %s", now.Format(time.DateOnly)).Try("Set the clock of this machine.")
	}
	return nil
}

func interfaceBuilt() error {
	if !webui.Built() {
		return errs.New(errs.Unsupported, "this program was built without it").Try("Build it with: make build")
	}
	return nil
}

// limit is a limit of the system and whether it is high enough.
type limit struct {
	name string
	err  error
	good string
}
