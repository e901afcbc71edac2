package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/browse"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/httpapi"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/search"
	"github.com/stardrive/stardrive/internal/volumes"
)

// onMachine is a daemon without faces whose volumes live in memory.
type onMachine struct {
	*daemon
	t *testing.T
	r *runtime // of its library
}

func newOnMachine(t *testing.T, m *machine) *onMachine {
	t.Helper()
	dir := t.TempDir()
	dev, err := device.Open(device.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{version: "test", began: time.Now(), layout: config.Layout{Dir: dir}, log: slog.New(slog.DiscardHandler), device: dev, thrift: newThrift()}
	d.volumes = volumes.New(volumes.Options{Platform: m, Open: m.open, OnChange: d.volumeChanged})
	d.library = library.NewManager(library.Options{Dir: dir, Attach: d.attach})
	l, err := d.library.Get(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = d.volumes.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := errors.Join(d.library.Close(), d.volumes.Close()); err != nil {
			t.Error(err)
		}
	})
	return &onMachine{d, t, l.Runtime.(*runtime)}
}

// on calls an operation of the library.
func on[Out any](d *onMachine, name string, in fields) (out Out, err error) {
	d.t.Helper()
	def, ok := d.r.Ops().Lookup(name)
	if !ok {
		d.t.Fatal("no operation ", name)
	}
	b, err := json.Marshal(in)
	if err != nil {
		d.t.Fatal(err)
	}
	if b, err = def.Call(d.t.Context(), b); err != nil {
		return out, err
	}
	return out, json.Unmarshal(b, &out)
}

func (d *onMachine) found(query string) []catalog.View {
	d.t.Helper()
	hits, err := on[search.Hits](d, "search.query", fields{"query": query})
	if err != nil {
		d.t.Fatal(err)
	}
	var views []catalog.View
	for _, h := range hits.Items {
		views = append(views, h.View)
	}
	return views
}

func (d *onMachine) location(name string) index.Location {
	d.t.Helper()
	l, err := on[index.Location](d, "location.info", fields{"location": name})
	if err != nil {
		d.t.Fatal(err)
	}
	return l
}

// TestVolumeComesAndGoes: what is on a volume that is taken away stays
// known and is said to be offline, and when the volume comes back, elsewhere,
// the library looks at what changed.
func TestVolumeComesAndGoes(t *testing.T) {
	m := newMachine()
	stick := m.mount("/mnt/stick", "Stick", "vfat")
	root, _, _ := m.at("/")
	err := errors.Join(root.MkdirAll("mnt/stick"), root.MkdirAll("media/usb"), stick.MkdirAll("photos/2024"), stick.WriteFile("photos/2024/beach.jpg", []byte("sand")))
	if err != nil {
		t.Fatal(err)
	}
	d := newOnMachine(t, m)
	if _, err := on[index.Location](d, "location.add", fields{"path": "/mnt/stick/photos"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the location is indexed", func() bool { return d.location("photos").State == "ready" })
	eventually(t, "the photo is found", func() bool { return len(d.found("beach")) == 1 })
	before := d.found("beach")[0]
	if before.State != "present" || before.Path != "sd://local/mnt/stick/photos/2024/beach.jpg" || before.OSPath == "" {
		t.Errorf("online: %+v", before)
	}

	m.umount("/mnt/stick")
	eventually(t, "the location is offline", func() bool { return d.location("photos").State == "offline" })
	if v := d.found("beach"); len(v) != 1 || v[0].State != "offline" || v[0].ID != before.ID || v[0].Path != "sd://Stick/photos/2024/beach.jpg" || v[0].OSPath != "" {
		t.Errorf("offline: %+v", v)
	}
	for _, path := range []string{"/mnt/stick/photos/2024", "sd://Stick/photos/2024"} {
		out, err := on[browse.ListOut](d, "entry.list", fields{"path": path})
		if err != nil || out.Live || out.Total != 1 || out.Items[0].ID != before.ID || out.Items[0].State != "offline" {
			t.Errorf("%s: %+v, %v", path, out, err)
		}
	}
	var id ident.EntryID
	if err := id.UnmarshalText([]byte(before.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.r.OpenContent(t.Context(), httpapi.FileRef{ID: id}); !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
		t.Errorf("its bytes: %v", err)
	}
	if _, err := on[index.Location](d, "location.add", fields{"path": "/mnt/stick/photos/2024"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a location on it: %v", err)
	}
	vs, err := on[struct {
		Items []struct{ Name, State string }
	}](d, "volume.list", fields{})
	if err != nil || !slices.Contains(vs.Items, struct{ Name, State string }{"Stick", "offline"}) {
		t.Errorf("volumes: %+v, %v", vs, err)
	}

	if err := errors.Join(stick.WriteFile("photos/mountain.jpg", nil), stick.Remove("photos/2024/beach.jpg")); err != nil {
		t.Fatal(err)
	}
	m.remount("/media/usb", "Stick", "vfat", stick)
	eventually(t, "what changed meanwhile is found", func() bool { return len(d.found("mountain")) == 1 && len(d.found("beach")) == 0 })
	if v := d.found("mountain")[0]; v.State != "present" || v.Path != "sd://local/media/usb/photos/mountain.jpg" {
		t.Errorf("back: %+v", v)
	}
	eventually(t, "the location is ready", func() bool { return d.location("photos").State == "ready" })
	if l := d.location("photos"); l.Path != "sd://local/media/usb/photos" || l.Files != 1 {
		t.Errorf("the location: %+v", l)
	}
	if _, err := on[browse.ListOut](d, "entry.list", fields{"path": "/mnt/stick/photos"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("where it was before: %v", err)
	}
}

// TestVolumeEvents: the change feed tells that a volume of the library comes and
// goes, and whoever listens now hears of every volume.
func TestVolumeEvents(t *testing.T) {
	m := newMachine()
	stick := m.mount("/mnt/stick", "Stick", "vfat")
	root, _, _ := m.at("/")
	if err := errors.Join(root.MkdirAll("mnt/stick"), root.MkdirAll("mnt/new"), stick.MkdirAll("photos")); err != nil {
		t.Fatal(err)
	}
	d := newOnMachine(t, m)
	if _, err := on[index.Location](d, "location.add", fields{"path": "/mnt/stick/photos"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the location is indexed", func() bool { return d.location("photos").State == "ready" })
	seq := d.r.catalog.Reached()
	told := func(what string) func() bool {
		return func() bool {
			events, _, err := d.r.catalog.Since(t.Context(), seq, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(events, func(e event.Event) bool { return e.Type == what })
		}
	}
	m.umount("/mnt/stick")
	eventually(t, "volume.offline", told("volume.offline"))
	m.remount("/mnt/stick", "Stick", "vfat", stick)
	eventually(t, "volume.online", told("volume.online"))

	listen := d.r.bus.Subscribe()
	defer listen.Close()
	m.mount("/mnt/new", "New", "vfat")
	eventually(t, "volume.changed of one that the library does not know", func() bool {
		news, _ := listen.Take()
		return slices.ContainsFunc(news, func(e event.Event) bool {
			n, ok := e.Data.(VolumeNews)
			return ok && e.Type == "volume.changed" && n.Name == "New" && n.State == volumes.Online && n.Mount == "/mnt/new"
		})
	})
}

// TestSecondVolumeOfAName: it gets a number, by which it is shown and found, and
// which it keeps when the first one goes.
func TestSecondVolumeOfAName(t *testing.T) {
	m := newMachine()
	root, _, _ := m.at("/")
	d := newOnMachine(t, m)
	for i, uuid := range []string{"one", "two"} {
		point := "/mnt/" + uuid
		disk := m.labelled(point, "USB", uuid)
		if err := errors.Join(root.MkdirAll(point[1:]), disk.MkdirAll("photos"), disk.WriteFile("photos/"+uuid+".jpg", nil)); err != nil {
			t.Fatal(err)
		}
		l, err := on[index.Location](d, "location.add", fields{"path": point + "/photos", "name": uuid})
		if err != nil || l.Volume != []string{"USB", "USB 2"}[i] {
			t.Fatalf("%+v, %v", l, err)
		}
		eventually(t, "the location is indexed", func() bool { return d.location(uuid).State == "ready" })
	}
	for volume, name := range map[string]string{"USB": "one", "USB 2": "two"} {
		out, err := on[browse.ListOut](d, "entry.list", fields{"path": "sd://" + volume + "/photos"})
		if err != nil || out.Total != 1 || out.Items[0].Name != name+".jpg" {
			t.Errorf("%s: %+v, %v", volume, out, err)
		}
	}
	m.umount("/mnt/one")
	eventually(t, "offline", func() bool { return d.location("one").State == "offline" })
	if l, err := on[index.Location](d, "location.add", fields{"path": "/mnt/two", "name": "all"}); err != nil || l.Volume != "USB 2" {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestLocationProblem: what the status says of locations that need attention.
func TestLocationProblem(t *testing.T) {
	ready := index.Coverage{Folders: 10, Watched: 10, Share: 1}
	for _, c := range []struct {
		location index.Location
		want     errs.Kind
	}{
		{index.Location{State: "ready", Watch: ready}, ""},
		{index.Location{State: "pending"}, ""},
		{index.Location{State: "indexing"}, ""},
		{index.Location{State: "offline"}, errs.Unavailable},
		{index.Location{State: "incomplete"}, errs.Denied},
		{index.Location{State: "ready", Watch: index.Coverage{Folders: 10, Watched: 5, Share: 0.5}}, errs.Unavailable},
		{index.Location{State: "ready", Policy: index.Policy{Watch: "off"}}, ""}, // as it was asked for
	} {
		p, ok := locationProblem(c.location)
		if p.Kind != c.want || ok != (c.want != "") || ok && (p.Message == "" || p.Remedy == "") {
			t.Errorf("%s: %+v", c.location.State, p)
		}
	}
}
