package powercut

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

// planCuts in the ordinary test run.
const planCuts = 12

// Plans are committed on a volume that loses its power, with the library on the
// same volume or on another one. What was told to be done is there; what was under
// way is done, or can be taken back to what was; no content is lost, and nothing is
// left under a private name.
func TestPromise_P1_PowerCutOfPlans(t *testing.T) {
	n := setting(t, "SOAK_CUTS", planCuts*10) / 10
	if testing.Short() {
		n = 3
	}
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d cuts, SOAK_SEED=%d", n, seed)
	for i, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			l := vfstest.NewLoop(t, kind, "")
			library := t.TempDir()
			if i == 0 {
				library = filepath.Join(l.Root, "library")
			}
			p := &planner{t: t, loop: l, library: library, a: filepath.Join(l.Root, "a"), b: t.TempDir(), dice: rand.New(rand.NewPCG(seed, uint64(i)))}
			p.begin()
			for round := range n / 2 {
				p.cut(round)
				if t.Failed() {
					return
				}
			}
			t.Logf("%d plans in %d cuts, %d of them under way", p.done, n/2, p.half)
		})
	}
}

// planner commits plans, and knows what must be there.
type planner struct {
	t       *testing.T
	loop    *vfstest.Loop
	library string
	a, b    string // the folders of the two volumes
	dice    *rand.Rand
	content int

	tree  string       // of both, when the last plan was told to be done
	under ident.PlanID // what was committed since
	done  int
	half  int
}

// begin makes what plans are about.
func (p *planner) begin() {
	for _, dir := range []string{p.a, p.b, p.library} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, path := range []string{"a/one", "a/d/two", "a/d/sub/three", "a/e/two", "b/far", "b/f/x"} {
		p.content++
		full := filepath.Join(map[bool]string{true: p.a, false: p.b}[path[0] == 'a'], path[2:])
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(full, content(p.content*7).bytes(), 0o640); err != nil {
			p.t.Fatal(err)
		}
	}
	p.sync()
	p.tree = p.dump()
}

func (p *planner) sync() {
	p.loop.Unmount(p.t)
	p.loop.Mount(p.t)
}

// cut commits plans until the power goes, and looks at what a new process makes
// of what is left.
func (p *planner) cut(round int) {
	ctx, stop := context.WithTimeout(p.t.Context(), time.Minute)
	defer stop()
	s, err := openService(ctx, p.library, p.a, p.b)
	if err != nil {
		p.t.Fatal(err)
	}
	running, gone := s, make(chan struct{})
	work, halt := context.WithCancel(ctx)
	defer halt()
	timer := time.AfterFunc(time.Duration(2000+p.dice.IntN(150_000))*time.Microsecond, func() {
		running.die()
		p.loop.PowerCut(p.t)
		close(gone)
		time.Sleep(50 * time.Millisecond) // for what still thinks that it lives
		halt()
	})
	defer timer.Stop()
	p.under = 0
	for going := true; going; {
		going = p.act(work, s)
		select {
		case <-gone:
			going = false
		default:
		}
	}
	<-gone
	s.close()
	p.sync()
	if s, err = openService(ctx, p.library, p.a, p.b); err != nil {
		p.t.Fatalf("round %d: after a power cut the library does not open: %v", round, err)
	}
	defer s.close()
	p.settled(ctx, s, round)
}

// act does one plan; false: it did not come to its end.
func (p *planner) act(ctx context.Context, s *service) bool {
	name, args := p.plan()
	plan, err := s.plans.Propose(ctx, action.Request{Action: name, Args: args}, action.User)
	if err != nil {
		return true // another one may be possible
	}
	p.under = plan.ID
	if _, err := s.plans.Commit(ctx, plan.ID, plan.Confirm); err != nil {
		return false
	}
	if plan, err = s.plans.Wait(ctx, plan.ID); err != nil || plan.State != action.Done {
		return false
	}
	tree, err := dumpTree(p.a, p.b)
	if err != nil {
		return false // it was told to be done, and nobody knows what that came to
	}
	p.tree, p.under = tree, 0
	p.done++
	return true
}

// plan is a random one.
func (p *planner) plan() (string, any) {
	var things, folders []string
	for _, root := range []string{p.a, p.b} {
		folders = append(folders, root)
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || path == root {
				return nil
			}
			if strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			things = append(things, path)
			if d.IsDir() {
				folders = append(folders, path)
			}
			return nil
		})
	}
	if len(things) == 0 {
		things = folders
	}
	thing, folder := things[p.dice.IntN(len(things))], folders[p.dice.IntN(len(folders))]
	policy := []fileops.Policy{fileops.Replace, fileops.KeepBoth}[p.dice.IntN(2)]
	if len(things) > 40 {
		return "files.trash", fileops.TrashIn{Sources: []string{thing}}
	}
	switch p.dice.IntN(8) {
	case 0, 1, 2:
		return "files.copy", fileops.CopyIn{Sources: []string{thing}, Destination: folder, Conflict: policy}
	case 3, 4, 5:
		return "files.move", fileops.MoveIn{Sources: []string{thing}, Destination: folder, Conflict: policy}
	case 6:
		p.content++
		return "files.rename", fileops.RenameIn{Path: thing, Name: fmt.Sprint("n", p.content)}
	}
	return "files.duplicate", fileops.DuplicateIn{Sources: []string{thing}}
}

// settled waits for what was under way, takes it back, and looks at everything.
func (p *planner) settled(ctx context.Context, s *service, round int) {
	if p.under != 0 {
		p.half++
		plan, err := s.plans.Wait(ctx, p.under)
		if err == nil && (plan.State == action.Partial || plan.State == action.Failed) { // it saw its disk fail
			plan, err = p.commit(ctx, s, plan)
		}
		if err != nil && !errs.Is(err, errs.NotFound) { // the power may have taken its preview
			p.t.Errorf("round %d: %q is %s, %v", round, plan.Title, plan.State, err)
		}
		if err == nil && plan.Undoable {
			p.undo(ctx, s, plan, round)
		}
	}
	if now := p.dump(); now != p.tree {
		p.t.Errorf("round %d: after a power cut and undoing what was under way it is\n%s\nand was\n%s", round, now, p.tree)
	}
}

func (p *planner) commit(ctx context.Context, s *service, plan action.Plan) (action.Plan, error) {
	if _, err := s.plans.Commit(ctx, plan.ID, plan.Confirm); err != nil {
		return plan, err
	}
	return s.plans.Wait(ctx, plan.ID)
}

func (p *planner) undo(ctx context.Context, s *service, plan action.Plan, round int) {
	u, err := s.plans.Undo(ctx, plan.ID, action.User)
	if errs.Is(err, errs.Unsupported) {
		return // nothing was done yet
	}
	if err == nil {
		u, err = p.commit(ctx, s, u)
	}
	if err != nil || u.State != action.Done {
		p.t.Errorf("round %d: %q is %s (%s), and undoing it %s (%s), %v", round, plan.Title, plan.State, plan.Error, u.State, u.Error, err)
	}
}

func (p *planner) dump() string {
	p.t.Helper()
	tree, err := dumpTree(p.a, p.b)
	if err != nil {
		p.t.Fatal(err)
	}
	return tree
}

// dumpTree tells what stands in folders, but for the trash: private names, too.
func dumpTree(roots ...string) (string, error) {
	var lines []string
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || path == root {
				return err
			}
			if strings.HasPrefix(d.Name(), ".Trash") {
				return fs.SkipDir
			}
			line := path
			if d.Type().IsRegular() {
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				line += fmt.Sprintf(" %d bytes …%q", len(b), b[max(0, len(b)-20):])
			}
			lines = append(lines, line)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n"), nil
}
