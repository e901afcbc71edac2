//go:build linux

package fileops

import (
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// sick is a scenario on volumes that fail.
type sick struct {
	scenario
	w     *testWorld
	disks map[string]*faultfs.FS
}

// heal begins with fresh volumes.
func (s *sick) heal() {
	s.a.Now = ticks()
	s.b.Now, s.a.NoClone, s.b.NoClone = s.a.Now, true, true
	s.disks = map[string]*faultfs.FS{}
	s.w.inMemoryOf(memfs.NewWith(s.a), memfs.NewWith(s.b))
	for id, fs := range s.w.sites.memory {
		s.disks[id] = faultfs.New(outliving{fs})
		s.w.sites.drivers[id] = s.disks[id]
	}
}

// errnos are what a change of a disk may fail with.
var errnos = []syscall.Errno{
	syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EROFS, syscall.EACCES, syscall.EMFILE, syscall.ENOMEM,
	syscall.EXDEV, syscall.EINTR, syscall.EAGAIN, syscall.EBUSY, syscall.ESTALE, syscall.ENODEV,
}

// Whichever change of a disk fails, once or from then on, no content is lost;
// committed again when the disk is well, the plan ends as if nothing had been.
func TestFault_C7_EachChangeFails(t *testing.T) {
	t.Parallel()
	every, each := thinFaults, 1
	if soak > 0 {
		every, each = 1, 2*len(errnos) // once, and from then on
	}
	for i, c := range scenarios() {
		if i%thinScenarios != 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &sick{scenario: c, w: newTestWorldAs(t, func(w *testWorld) { w.inMemoryOf(memfs.New(nil), memfs.New(nil)) })}
			s.heal()
			fillMore(s.w)
			p := s.plan(s.w)
			changes := map[string]int{}
			for id, d := range s.disks {
				changes[id] = -d.Changes()
			}
			s.w.do(p, action.Done)
			want := s.plain(s.w.tree())
			turn := i
			for id, d := range s.disks {
				most := changes[id] + d.Changes()
				for n := 1 + i%every; n <= most; n += every {
					for range each {
						turn++
						if errnos[turn%len(errnos)] == syscall.EBUSY && strings.HasPrefix(c.name, "unpack") {
							continue // as a name that two members bear: it is told, and not tried again
						}
						rule := faultfs.Rule{Op: faultfs.Change, Path: "**", From: n, Errno: errnos[turn%len(errnos)]}
						if turn%2 > 0 {
							rule.Times = 1
						}
						if s.fails(t, id, rule, want); t.Failed() {
							return
						}
					}
				}
			}
		})
	}
}

var sameFile = regexp.MustCompile(` = \S+`)

// fails commits the scenario's plan while a disk fails, and again when it is well.
func (s *sick) fails(t *testing.T, id string, rule faultfs.Rule, want string) {
	s.heal()
	w := s.w
	fillMore(w)
	before := w.texts()
	p := s.plan(w)
	s.disks[id].Add(rule)
	p = w.end(p)
	state := p.State
	if lost := missing(before, w.texts()); lost != nil && !s.loses {
		t.Errorf("%s: %s: lost is %q", id, rule, lost)
	}
	s.disks[id].Heal()
	if p.State != action.Done {
		p = w.end(p)
		w.clean()
		if p.State != action.Done && onlyConflicts(w.failures(p.ID)) {
			// What was moved aside and back has another time of change: it is not touched
			// any more, which is on the safe side.
			return
		}
		if p.State != action.Done {
			t.Errorf("%s: %s: the plan was %s, and is %s (%s)\n%s", id, rule, state, p.State, p.Error, w.failures(p.ID))
			return
		}
	}
	got := s.plain(w.tree())
	if rule.Errno == syscall.EXDEV { // where a file cannot get another name, a copy of it is one that has its own
		got, want = sameFile.ReplaceAllString(got, ""), sameFile.ReplaceAllString(want, "")
	}
	if got != want {
		t.Errorf("%s: %s, then %s: it is (-), and without (+)\n%s", id, rule, state, differences(got, want))
	}
	w.clean()
}

func onlyConflicts(failures string) bool {
	for _, line := range strings.Split(strings.TrimSpace(failures), "\n") {
		if !strings.Contains(line, " conflict ") {
			return false
		}
	}
	return failures != ""
}
