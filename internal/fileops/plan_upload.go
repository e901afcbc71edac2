package fileops

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Upload is the kind of plans that give what was uploaded its names.
const Upload = "files.upload"

// UploadIn says where what was uploaded stands, and where it belongs. It is all
// on one volume: nothing is written any more.
type UploadIn struct {
	Volume   string // identity
	Stage    string // the private folder that holds it, a path of the volume
	Folder   string // where it belongs, likewise
	Conflict Policy
	Files    int64 // how much it is
	Folders  int64
	Bytes    int64
}

// planUpload plans to move what is in the private folder where it belongs.
func (s *Service) planUpload(ctx context.Context, in UploadIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: moveAcross, sent: true}
	v, err := t.writable(ctx, in.Volume)
	if err != nil {
		return err
	}
	is, err := v.Driver.Stat(ctx, in.Folder)
	if err != nil {
		return v.at(in.Folder, err)
	}
	if t.to, err = t.newPlace(ctx, v, in.Folder, is); err != nil {
		return err
	}
	var all []*source
	err = v.Driver.List(ctx, in.Stage, func(batch []vfs.Entry) error {
		for i := range batch {
			all = append(all, &source{v: v, path: vfs.Join(in.Stage, batch[i].Name), is: batch[i]})
		}
		return nil
	})
	if err != nil {
		return v.at(in.Stage, err)
	}
	if len(all) == 0 {
		return errs.New(errs.Invalid, "nothing was uploaded")
	}
	_, into := vfs.Split(in.Folder)
	if into == "" {
		into = v.Ground.Name
	}
	d.Title = fmt.Sprintf("Upload %s to %s", several(all), catalog.PlainName(into))
	t.begin(all)
	for _, src := range all {
		_, name := vfs.Split(src.path)
		if err := t.source(ctx, src, name); err != nil {
			return err
		}
	}
	d.Summary.Files, d.Summary.Folders, d.Summary.Bytes = in.Files, in.Folders, in.Bytes
	return t.end(ctx)
}

// CheckName tells why a volume cannot hold a name: errs.Invalid.
func CheckName(w *vfs.Writing, name string) error { return checkName(&volume{writing: w}, name) }
