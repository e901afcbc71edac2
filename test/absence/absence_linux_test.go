package absence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// play is a scene with its stage and its location.
type play struct {
	scene
	s     *stage
	w     *world
	x     *indexed
	ready bool // its stage could be built, and nothing went wrong yet
}

// TestPromise_P8_Absence plays all scenes on one daemon: all are built, all break,
// the daemon looks in three ways one after the other, and all are repaired.
func TestPromise_P8_Absence(t *testing.T) {
	for name, scenes := range map[string][]scene{"volumes": volumeScenes, "folders": folderScenes} {
		t.Run(name, func(t *testing.T) {
			dir := scratch(t)
			perform(t, newWorld(t, filepath.Join(dir, "data")), dir, scenes)
		})
	}
}

// TestPromise_P8_AbsenceBehindTheBack plays the same scenes while no daemon runs.
func TestPromise_P8_AbsenceBehindTheBack(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newSeries(t, w, dir, slices.Concat(volumeScenes, folderScenes))
	w.stop(t)
	s.act(t, "break", func(p *play) { p.breaks(p.s) })
	w.start(t)
	s.act(t, "started", func(p *play) { w.rests(p.s, p.x.id); p.check() })
	w.stop(t)
	s.act(t, "repair", func(p *play) { p.repairs(p.s) })
	w.start(t)
	s.act(t, "repaired", func(p *play) { p.whole() })
}

// series is some scenes that are played together.
type series []*play

// newSeries builds the stages of the scenes, and leaves out what cannot be built here.
func newSeries(t *testing.T, w *world, dir string, scenes []scene) (all series) {
	t.Helper()
	for i, sc := range scenes {
		p := &play{scene: sc, w: w, s: newStage(t, filepath.Join(dir, fmt.Sprintf("%02d", i))), ready: true}
		p.s.play = p
		all = append(all, p)
	}
	all.act(t, "build", func(p *play) { p.raise() })
	return slices.DeleteFunc(all, func(p *play) bool { return p.x == nil })
}

// act does something with each scene with which nothing went wrong yet.
func (all series) act(t *testing.T, name string, do func(*play)) {
	t.Helper()
	for _, p := range all {
		if !p.ready {
			continue
		}
		p.ready = t.Run(p.name+"/"+name, func(t *testing.T) {
			p.s.TB = t
			do(p)
		})
	}
}

func perform(t *testing.T, w *world, dir string, scenes []scene) {
	t.Helper()
	s := newSeries(t, w, dir, scenes)
	canary := newCanary(t, w, filepath.Join(dir, "canary"))
	s.act(t, "break", func(p *play) { p.breaks(p.s) })
	canary.seen(t)
	s.act(t, "watch", func(p *play) { w.noneAbsent(p.s, p.x) })
	s.act(t, "rescan", func(p *play) { w.rescan(p.s, p.x); p.check() })
	w.restart(t)
	canary.seen(t)
	s.act(t, "restart", func(p *play) { w.rests(p.s, p.x.id); p.check() })
	s.act(t, "repair", func(p *play) { p.repairs(p.s) })
	canary.seen(t)
	s.act(t, "repaired", func(p *play) { p.whole() })
}

// raise builds the stage and has the location indexed.
func (p *play) raise() {
	if p.build == nil {
		p.build = func(s *stage) { s.volume("vol") }
	}
	if p.at == "" {
		p.at = "vol/photos"
	}
	p.build(p.s)
	p.x = p.w.add(p.s, p.s.path(p.at))
	if len(p.x.known) < 10 {
		p.s.Fatalf("only %d entries are indexed", len(p.x.known))
	}
}

// check is what must be true while the scene is broken.
func (p *play) check() {
	l := p.w.rests(p.s, p.x.id)
	if p.says != nil && !p.says[l.State] {
		p.s.Errorf("the location is %s, want one of %v; %s", l.State, p.says, p.w.why(p.s, l))
	}
	p.w.noneAbsent(p.s, p.x)
	if p.also != nil {
		p.also(p.s, p)
	}
}

// whole is what must be true after the repair, at the latest after a scan.
func (p *play) whole() {
	if p.accept > 0 {
		must(p.s, p.w.d.Call(p.s.Context(), "location.rescan", fields{"location": p.x.id, "accept_missing": p.accept}, nil))
		p.w.rests(p.s, p.x.id)
	}
	if l := p.w.rescan(p.s, p.x); l.State != "ready" {
		p.s.Errorf("after the repair the location is %s; %s", l.State, p.w.why(p.s, l))
	}
	p.w.whole(p.s, p.x)
}

// canary is a location in which files do go away: it shows that the daemon looks.
type canary struct {
	w   *world
	dir string
	x   *indexed
	n   int
}

func newCanary(t *testing.T, w *world, dir string) *canary {
	t.Helper()
	must(t, os.Mkdir(dir, 0o755))
	c := &canary{w: w, dir: dir}
	for i := range 10 {
		must(t, os.WriteFile(c.file(i), nil, 0o644))
	}
	c.x = w.add(t, dir)
	return c
}

func (c *canary) file(i int) string { return filepath.Join(c.dir, fmt.Sprint(i)) }

// seen removes a file and waits until that is noticed: what happened before was
// told to the daemon as well.
func (c *canary) seen(t *testing.T) {
	t.Helper()
	must(t, os.Remove(c.file(c.n)))
	c.n++
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, absent := c.w.states(t, c.x); len(absent) == c.n {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the daemon does not see that a file is gone: %+v", c.w.location(t, c.x.id))
		}
	}
	time.Sleep(200 * time.Millisecond) // other volumes are looked at beside
}
