package volumes

import (
	"context"
	"encoding/base64"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/errs"
)

// SpeedtestIn says what to measure.
type SpeedtestIn struct {
	Volume string `json:"volume" cli:"1" min:"1" jsonschema:"id, identity, mount point or name of the volume"`
	Write  bool   `json:"write,omitempty" jsonschema:"write on it too: at most 64 MB, into a file that is removed at once"`
}

func (o ops) speedtest(ctx context.Context, in SpeedtestIn) (View, error) {
	v, err := o.info(ctx, InfoIn{Volume: in.Volume})
	if err != nil {
		return View{}, err
	}
	if v.State != Online {
		return View{}, errs.New(errs.Unavailable, "the volume is %s", v.State).At(v.Name).Try("Connect and mount the volume, then try again.")
	}
	if _, err := o.s.Speedtest(ctx, v.Identity, in.Write); err != nil {
		return View{}, err
	}
	if err := o.s.Keep(ctx, o.book); err != nil {
		return View{}, err
	}
	return o.info(ctx, InfoIn{Volume: v.Identity})
}

// AdoptIn says what a volume is that says it is another one.
type AdoptIn struct {
	Volume string `json:"volume" cli:"1" min:"1" jsonschema:"mount point or name of the volume"`
	As     string `json:"as,omitempty" jsonschema:"name or identity of the volume that it is after all, though its size or hardware changed; default: one of its own"`
	Mark   bool   `json:"mark,omitempty" jsonschema:"write a small file (.stardrive-volume) on it, by which every machine tells it from the volume it is a copy of"`
}

func (o ops) adopt(ctx context.Context, in AdoptIn) (View, error) {
	v, err := o.info(ctx, InfoIn{Volume: in.Volume})
	if err != nil {
		return View{}, err
	}
	if v.Mount == "" {
		return View{}, errs.New(errs.Unavailable, "the volume is not mounted").At(v.Name).Try("Connect and mount the volume, then try again.")
	}
	mount := filepath.ToSlash(v.Mount)
	if raw, err := base64.StdEncoding.DecodeString(v.RawMount); err == nil && len(raw) > 0 {
		mount = string(raw)
	}
	as := ""
	if in.As != "" {
		is, err := o.info(ctx, InfoIn{Volume: in.As})
		if err != nil {
			return View{}, err
		}
		as = is.Identity
	}
	got, err := o.s.Adopt(ctx, mount, as, in.Mark)
	if err != nil {
		return View{}, err
	}
	if err := o.s.Keep(ctx, o.book); err != nil {
		return View{}, err
	}
	return o.info(ctx, InfoIn{Volume: got.Identity})
}
