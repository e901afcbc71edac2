package index

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Policy says when a location is looked at, and at what cost. Its zero value is
// how a new location is treated.
type Policy struct {
	Watch     Switch    `json:"watch,omitempty" jsonschema:"whether changes are seen as they happen (default on)"`
	Schedule  string    `json:"schedule,omitempty" jsonschema:"how often all of it is looked at again: 15m, 6h, 2d, daily; manual: only when asked; auto (default): every 15 minutes where not all of it is watched, else daily"`
	Priority  Priority  `json:"priority,omitempty" jsonschema:"low: after everything else, and gently (default normal)"`
	OnBattery OnBattery `json:"on_battery,omitempty" jsonschema:"pause: on battery it is looked at only when asked (default run)"`
}

// Switch is on or off; the zero value is on.
type Switch string

// Enum lists the positions.
func (Switch) Enum() []string { return []string{"on", "off"} }

// Priority is how a location's scans stand to other work; the zero value is normal.
type Priority string

// Enum lists the priorities.
func (Priority) Enum() []string { return []string{"normal", "low"} }

// OnBattery is what happens to scans while the machine runs on battery; the
// zero value is run.
type OnBattery string

// Enum lists the choices.
func (OnBattery) Enum() []string { return []string{"run", "pause"} }

// The values that are told from the defaults.
const (
	off  = "off"
	low  = "low"
	wait = "pause"

	manual = "manual"
	auto   = "auto"
	daily  = "daily"
)

// whole is p with all that was left open filled in, for people.
func (p Policy) whole() Policy {
	return Policy{
		Watch: cmp.Or(p.Watch, "on"), Schedule: cmp.Or(p.Schedule, auto), Priority: cmp.Or(p.Priority, "normal"),
		OnBattery: cmp.Or(p.OnBattery, "run"),
	}
}

// over is p, and base where p says nothing.
func (p Policy) over(base Policy) Policy {
	return Policy{
		Watch: cmp.Or(p.Watch, base.Watch), Schedule: cmp.Or(p.Schedule, base.Schedule), Priority: cmp.Or(p.Priority, base.Priority),
		OnBattery: cmp.Or(p.OnBattery, base.OnBattery),
	}
}

// The shortest and the longest interval between scans.
const (
	minInterval = time.Minute
	maxInterval = 366 * day
	day         = 24 * time.Hour
)

// interval is how long after a scan the next one comes; 0: never.
func (p Policy) interval(watched bool) time.Duration {
	switch p.Schedule {
	case manual:
		return 0
	case "", auto:
		if watched {
			return day
		}
		return 15 * time.Minute
	case daily:
		return day
	}
	d, err := parseInterval(p.Schedule)
	if err != nil {
		return day // it was checked when it was set
	}
	return d
}

// rank is the priority of jobs: higher runs earlier.
func (p Policy) rank() int {
	if p.Priority == low {
		return -1
	}
	return 0
}

// check refuses what a Policy cannot be.
func (p Policy) check() error {
	switch p.Schedule {
	case "", auto, daily, manual:
		return nil
	}
	_, err := parseInterval(p.Schedule)
	return err
}

// parseInterval reads a number of minutes, hours or days: "15m", "6h", "2d".
func parseInterval(s string) (time.Duration, error) {
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": day}
	if n := len(s); n > 1 {
		number, err := strconv.ParseUint(s[:n-1], 10, 32)
		if d := time.Duration(number) * units[s[n-1:]]; err == nil && minInterval <= d && d <= maxInterval {
			return d, nil
		}
	}
	return 0, errs.New(errs.Invalid, "%q is not a schedule", s).Try("Use auto, manual, daily, or an interval such as 15m, 6h or 2d.")
}

// SetIn says what to change of a location; what is left out stays.
type SetIn struct {
	Location string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	Name     string `json:"name,omitempty" jsonschema:"its new name"`
	Mode     Mode   `json:"mode,omitempty" jsonschema:"how deep to look from now on: shallow, content or deep; what is known already stays known"`
	Policy
}

// set changes the name and the policy of a location.
func (s *Service) set(ctx context.Context, id ident.LocationID, in SetIn) error {
	if err := in.check(); err != nil {
		return err
	}
	var before, after Policy
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		if in.Name != "" {
			if err := rename(&tx.Reader, &l, in.Name); err != nil {
				return err
			}
		}
		if in.Mode != "" {
			l.Mode = string(in.Mode)
		}
		set, err := settings(l)
		if err != nil {
			return err
		}
		before = set.Policy
		set.Policy = in.Policy.over(before)
		after = set.Policy
		if err := set.set(&l); err != nil {
			return err
		}
		return tx.SetLocation(l)
	})
	if err != nil {
		return err
	}
	s.schedule.look()
	if (before.Watch == off) == (after.Watch == off) {
		return nil
	}
	return s.rewatch(ctx, id, after)
}

// rename gives l another name, which may be its own in another spelling.
func rename(r *catalog.Reader, l *catalog.Location, name string) error {
	ls, err := r.Locations()
	if err != nil {
		return err
	}
	for _, o := range ls {
		if o.ID != l.ID && strings.EqualFold(o.Name, name) {
			return errs.New(errs.Conflict, "another location is named %q", o.Name).Try("Choose another --name.")
		}
	}
	l.Name = name
	return nil
}

// rewatch has a location watched that was not, or the other way round. What is
// to be watched is found by a scan.
func (s *Service) rewatch(ctx context.Context, id ident.LocationID, p Policy) error {
	if p.Watch == off {
		return s.watcher.leave(ctx, id)
	}
	s.watcher.mayWatch(id, true)
	s.due.add(id)
	return nil
}

// policyOf is the policy of l, the default one where its settings cannot be read.
func policyOf(l catalog.Location) Policy {
	set, err := settings(l)
	if err != nil {
		return Policy{}
	}
	return set.Policy
}

// workers is how many folders of a location are listed at the same time.
func (s *Service) workers(l catalog.Location, v catalog.Volume) int {
	if policyOf(l).Priority == low {
		return 1
	}
	return cmp.Or(s.Volumes.Workers(v), s.Workers)
}

// mayScan reports whether a location may be scanned though nobody asked for it.
func (s *Service) mayScan(l catalog.Location) bool {
	set, err := settings(l)
	if err != nil {
		return true // the scan says what is wrong
	}
	return set.Policy.Schedule != manual && !s.waits(set.Policy)
}

// Waits reports whether what nobody asked for in a location waits for mains power now.
func (s *Service) Waits(l catalog.Location) bool {
	set, err := settings(l)
	return err == nil && s.waits(set.Policy)
}

// waits reports whether scans wait for mains power now.
func (s *Service) waits(p Policy) bool {
	return p.OnBattery == wait && s.OnBattery != nil && s.OnBattery()
}
