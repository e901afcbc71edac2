package daemon

import (
	"context"
	"fmt"
	"time"
)

// Location is what the tests look at of a location.
type Location struct {
	ID      string `json:"id"`
	Entry   string `json:"entry"`
	State   string `json:"state"`
	Files   int64  `json:"files"`
	Folders int64  `json:"folders"`
	Bytes   int64  `json:"bytes"`
	Skipped int64  `json:"skipped"`
	Errors  int64  `json:"errors"`
	Job     *Job   `json:"job"`
}

// Job is what the tests look at of a job.
type Job struct {
	ID      string  `json:"id"`
	State   string  `json:"state"`
	Done    int64   `json:"done"`
	Error   string  `json:"error"`
	Seconds float64 `json:"seconds"`
}

// Entry is what the tests look at of an entry.
type Entry struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Raw      []byte `json:"raw"`
	Kind     string `json:"kind"`
	Size     int64  `json:"size"`
	Modified string `json:"modified"`
	Mode     string `json:"mode"`
	State    string `json:"state"`
	Files    int64  `json:"files"`
	Folders  int64  `json:"folders"`
}

// RawName is the name as the file system has it.
func (e Entry) RawName() string {
	if e.Raw != nil {
		return string(e.Raw)
	}
	return e.Name
}

// List is an answer that is a page of entries.
type List struct {
	Folder Entry   `json:"folder"`
	Items  []Entry `json:"items"`
	Next   string  `json:"next"`
	Total  int64   `json:"total"`
}

// Indexed waits until the location's scan has ended, and fails unless it ended well.
func (d *Daemon) Indexed(ctx context.Context, location string) (Location, error) {
	for {
		var l Location
		if err := d.Call(ctx, "location.info", map[string]any{"location": location}, &l); err != nil {
			return l, err
		}
		if l.Job != nil {
			switch l.Job.State {
			case "done":
				return l, nil
			case "failed", "cancelled", "paused":
				return l, fmt.Errorf("the scan is %s: %s", l.Job.State, l.Job.Error)
			}
		}
		select {
		case <-ctx.Done():
			return l, fmt.Errorf("waiting for the scan, which is %+v: %w", l.Job, ctx.Err())
		case <-d.exited:
			return l, fmt.Errorf("the daemon ended: %w", d.err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Walk calls visit for every entry below the folder id, with its path below it.
func (d *Daemon) Walk(ctx context.Context, id, path string, visit func(path string, e Entry)) error {
	in := map[string]any{"id": id, "hidden": true, "limit": 1000}
	for {
		var l List
		if err := d.Call(ctx, "entry.list", in, &l); err != nil {
			return fmt.Errorf("%q: %w", path, err)
		}
		for _, e := range l.Items {
			p := e.RawName()
			if path != "" {
				p = path + "/" + p
			}
			visit(p, e)
			if e.Kind == "folder" {
				if err := d.Walk(ctx, e.ID, p, visit); err != nil {
					return err
				}
			}
		}
		if l.Next == "" {
			return nil
		}
		in["cursor"] = l.Next
	}
}
