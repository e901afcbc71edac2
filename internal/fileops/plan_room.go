package fileops

import (
	"context"
	"fmt"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/vfs"
)

// end tells what the plan comes to.
func (t *transfer) end(ctx context.Context) error {
	if err := t.seer.flush(ctx); err != nil {
		return err
	}
	if t.odd > 0 {
		t.d.Warn(number(int64(t.odd), "thing") + " that are no files or folders (pipes, sockets, devices, other volumes mounted there) stay where they are.")
	}
	for from := range t.across {
		if text := lost(from, t.to.v); text != "" {
			t.d.Warn(text)
		}
	}
	return t.rooms(ctx)
}

// lost tells in words what a volume cannot keep that another keeps.
func lost(from, to *volume) string {
	had, step := ^vfs.Parts(0), int64(1)
	if from.writing != nil {
		had, step = from.writing.Keeps, from.writing.TimeStep
	}
	text := partNames(had &^ to.writing.Keeps)
	if had&to.writing.Keeps&vfs.PartModified != 0 && to.writing.TimeStep > step {
		if text != "" {
			text += ", "
		}
		text += "times more exact than " + time.Duration(to.writing.TimeStep).String()
	}
	if text == "" {
		return ""
	}
	return "The volume " + catalog.PlainName(to.Ground.Name) + " does not keep: " + text + "."
}

// missed are the parts that a volume lost though it is one that keeps them: no
// plan told of that.
func (v *volume) missed(lost vfs.Parts) vfs.Parts {
	return lost & v.writing.Keeps & (vfs.PartMode | vfs.PartModified | vfs.PartXattrs | vfs.PartACL)
}

// partNames tells parts in words.
func partNames(parts vfs.Parts) (text string) {
	for _, p := range []struct {
		part vfs.Parts
		name string
	}{
		{vfs.PartMode, "access rights"}, {vfs.PartModified, "times"}, {vfs.PartOwner, "owners"}, {vfs.PartXattrs, "extended attributes"},
		{vfs.PartACL, "access control lists"}, {vfs.PartLinks, "hard links"}, {vfs.PartHoles, "holes"}, {vfs.PartSymlinks, "symlinks"},
	} {
		if parts&p.part != 0 {
			if text != "" {
				text += ", "
			}
			text += p.name
		}
	}
	return text
}

// size writes "14.2 MB".
func size(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
