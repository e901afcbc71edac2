// Package upload takes files from outside, such as a browser, in pieces that may
// come again after whatever went wrong: the page was closed, the daemon was
// killed, the power went. They come into a private folder beside where they
// belong; when all is there and was read back, a plan gives them their names, as
// any change of files is made. It knows nothing of HTTP.
package upload

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// Chunk is how many bytes come at once; only the last piece of a file is shorter.
const Chunk = 4 << 20

const (
	keepUnfinished = 14 * 24 * time.Hour // an upload that nobody goes on with
	atOnce         = 8                   // pieces on their way: each is held in memory
)

// Plans is who keeps plans.
type Plans interface {
	Propose(ctx context.Context, q action.Request, actor string) (action.Plan, error)
	Get(ctx context.Context, id ident.PlanID) (action.Plan, error)
	Discard(ctx context.Context, id ident.PlanID) (action.Plan, error)
}

// Options of a Service.
type Options struct {
	DB      *store.DB
	Volumes fileops.Volumes
	Plans   Plans
	Log     *slog.Logger
	Now     func() time.Time // default time.Now
}

// Service keeps the uploads of one library. Its methods are safe for concurrent use.
type Service struct {
	o     Options
	slots chan struct{}
	wake  chan struct{} // there is something in strays

	mu   sync.Mutex
	busy map[int64]*sync.RWMutex // by upload: pieces read-lock it, what ends it locks it
	file map[[2]int64]*sync.Mutex

	strays map[catalog.Spot]bool // folders of uploads, of which it is to be seen whose they are
}

// New returns a Service.
func New(o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o: o, slots: make(chan struct{}, atOnce), wake: make(chan struct{}, 1), strays: map[catalog.Spot]bool{}, busy: map[int64]*sync.RWMutex{}, file: map[[2]int64]*sync.Mutex{}}
}

// of is the lock of an upload.
func (s *Service) of(id int64) *sync.RWMutex {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] == nil {
		s.busy[id] = new(sync.RWMutex)
	}
	return s.busy[id]
}

// ofFile is the lock of one file of an upload: its pieces come one after the other.
func (s *Service) ofFile(id, n int64) *sync.Mutex {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]int64{id, n}
	if s.file[key] == nil {
		s.file[key] = new(sync.Mutex)
	}
	return s.file[key]
}

// forget drops the locks of what has ended.
func (s *Service) forget(id int64, n ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range n {
		delete(s.file, [2]int64{id, one})
	}
	if len(n) == 0 {
		for key := range s.file {
			if key[0] == id {
				delete(s.file, key)
			}
		}
	}
}

// Sum is the checksum of a piece.
type Sum = [sha256.Size]byte
