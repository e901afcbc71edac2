package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
)

// Events is where the news of a library comes from.
type Events struct {
	Bus  *event.Bus
	Feed event.Feed
	Head func() int64    // how far the feed reaches now
	Done <-chan struct{} // closed when the library closes; streams end then
}

const (
	heartbeat  = 15 * time.Second // a silent stream shows that it lives
	maxFolders = 1000             // ids in one folders.changed
)

// events streams a library's news as server-sent events until the client, the
// session, the library or the server ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	lib, err := s.library(r)
	if err != nil {
		return err
	}
	st := stream{w: w, flush: http.NewResponseController(w).Flush, log: s.o.Log, beat: s.heartbeat}
	src := lib.Events()
	if err := st.parse(r, src.Head); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	ctx, end := s.streamContext(r, src.Done)
	defer end()
	if err := st.run(ctx, src); ctx.Err() == nil {
		return err
	}
	return nil
}

// streamContext ends with the request, its session, done, and the server's stop.
func (s *Server) streamContext(r *http.Request, done <-chan struct{}) (context.Context, func()) {
	var loggedOut <-chan struct{}
	life := sessionLife // a bearer token's stream, too, is renewed now and then
	if ses := callerOf(r).session; ses != nil {
		loggedOut, life = ses.done, ses.expires.Sub(s.o.Now())
	}
	ctx, cancel := context.WithTimeout(r.Context(), life)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-ctx.Done():
		case <-loggedOut:
		case <-done:
		case <-s.stopping:
		}
		cancel()
	})
	return ctx, func() { cancel(); watcher.Wait() }
}

// stream is one client's side of the news.
type stream struct {
	w       http.ResponseWriter
	flush   func() error
	log     logger
	beat    time.Duration
	cursor  int64 // all durable events up to here were sent
	types   []string
	summary bool
	once    bool // end with what has happened so far
	jumped  bool // the client's cursor was beyond the feed
}

// logger is the part of slog.Logger that a stream needs.
type logger interface{ Warn(msg string, args ...any) }

// parse reads the query. Last-Event-ID, which browsers send when they connect
// again, outranks since. Without either the stream begins now.
func (st *stream) parse(r *http.Request, head func() int64) error {
	q := r.URL.Query()
	st.cursor = head()
	for _, from := range []struct{ name, text string }{
		{"since", q.Get("since")}, {"Last-Event-ID", r.Header.Get("Last-Event-ID")},
	} {
		if from.text == "" {
			continue
		}
		n, err := strconv.ParseInt(from.text, 10, 64)
		if err != nil || n < 0 {
			return errs.New(errs.Invalid, "%q is not a sequence number", from.text).At(from.name)
		}
		st.cursor = n
	}
	if now := head(); st.cursor > now { // of another library, or of one since restored
		st.cursor, st.jumped = now, true
	}
	if t := q.Get("types"); t != "" {
		st.types = strings.Split(t, ",")
	}
	follow := true
	for name, to := range map[string]*bool{"summary": &st.summary, "follow": &follow} {
		t := q.Get(name)
		if t == "" {
			continue
		}
		yes, err := strconv.ParseBool(t)
		if err != nil {
			return errs.New(errs.Invalid, "%q is neither true nor false", t).At(name)
		}
		*to = yes
	}
	st.once = !follow
	return nil
}

// run sends until ctx ends or the client is gone, or, once, until the feed ends.
func (st *stream) run(ctx context.Context, src Events) error {
	sub := src.Bus.Subscribe()
	defer sub.Close()
	if err := st.write("retry: 1000\n\n"); err != nil {
		return err
	}
	if st.jumped {
		if err := st.send(event.Event{Time: time.Now(), Type: event.LaggedType}, false); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		more, err := st.page(ctx, src)
		if err != nil {
			return err
		}
		if err := st.news(sub); err != nil {
			return err
		}
		if more {
			continue
		}
		if st.once {
			return nil
		}
		if err := st.wait(ctx, sub); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wait sleeps until there is something to send, with a heartbeat now and then.
func (st *stream) wait(ctx context.Context, sub *event.Subscription) error {
	for {
		nap, wake := context.WithTimeout(ctx, st.beat)
		err := sub.Wait(nap, st.cursor)
		wake()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := st.write(": still here\n\n"); err != nil {
			return err
		}
	}
}

// page sends the next durable events and tells whether there may be more. Where
// nothing comes, all numbers up to the head were for rows that changed again or
// that nobody may see: the cursor passes over them, or waiting would never end.
func (st *stream) page(ctx context.Context, src Events) (more bool, err error) {
	head, old := src.Head(), st.cursor
	events, next, err := src.Feed.Since(ctx, st.cursor, event.Page)
	if err != nil {
		return false, err
	}
	if len(events) == 0 && next == old {
		st.cursor = max(old, head)
		return false, nil
	}
	if st.summary {
		events = fold(events)
	}
	for _, e := range events {
		st.cursor = e.Seq
		if err := st.send(e, true); err != nil {
			return false, err
		}
	}
	st.cursor = next
	return true, nil
}

// news sends what is ephemeral. Its sequence number is that of the last durable
// event of this stream, whatever the bus says: a client that comes back with it
// must miss nothing.
func (st *stream) news(sub *event.Subscription) error {
	events, lagged := sub.Take()
	if lagged {
		events = append(events, event.Event{Time: time.Now(), Type: event.LaggedType})
	}
	for _, e := range events {
		if err := st.send(e, false); err != nil {
			return err
		}
	}
	return nil
}

// send writes one event. Only durable ones move the client's cursor.
func (st *stream) send(e event.Event, durable bool) error {
	if len(st.types) > 0 && e.Type != event.LaggedType && !slices.Contains(st.types, e.Type) {
		return nil
	}
	if !durable {
		e.Seq = st.cursor
	}
	b, err := json.Marshal(e)
	if err != nil {
		st.log.Warn("An event cannot be written", "type", e.Type, "err", err)
		return nil
	}
	text := "data: " + string(b) + "\n\n"
	if durable {
		text = "id: " + strconv.FormatInt(e.Seq, 10) + "\n" + text
	}
	return st.write(text)
}

func (st *stream) write(text string) error {
	if _, err := st.w.Write([]byte(text)); err != nil {
		return err
	}
	return st.flush()
}

// foldersChanged is the data of folders.changed: the folders whose children
// changed. More means that there are others, which the list does not name.
type foldersChanged struct {
	Folders []string `json:"folders"`
	More    bool     `json:"more"`
}

// fold replaces the entry events of a page by one folders.changed before all
// others. Its sequence number stays below theirs, so that a client which breaks
// off in between is sent again what it has not seen.
func fold(page []event.Event) []event.Event {
	var sum foldersChanged
	var rest []event.Event
	var last event.Event
	seen := map[string]bool{}
	for _, e := range page {
		if !strings.HasPrefix(e.Type, "entry.") {
			rest = append(rest, e)
			continue
		}
		last = e
		for _, folder := range foldersOf(e) {
			switch {
			case folder == "" || !seen[folder] && len(seen) >= maxFolders:
				sum.More = true
			case !seen[folder]:
				seen[folder] = true
				sum.Folders = append(sum.Folders, folder)
			}
		}
	}
	if last.Type == "" {
		return rest
	}
	if sum.Folders == nil {
		sum.Folders = []string{}
	}
	seq := last.Seq
	if len(rest) > 0 {
		seq = min(seq, rest[0].Seq-1)
	}
	all := []event.Event{{Seq: seq, Time: last.Time, Type: "folders.changed", Data: sum}}
	return append(all, rest...)
}

// foldersOf names the folders whose children an entry event tells of: the one it
// stands in, "" where that is not told; and, of a folder, itself: what was moved out of
// it tells of its new place alone, but the time or the sums of the old one are others.
func foldersOf(e event.Event) []string {
	var in struct {
		ID     string `json:"id"`
		Parent string `json:"parent"`
		Kind   string `json:"kind"`
	}
	b, err := json.Marshal(e.Data)
	if err == nil {
		err = json.Unmarshal(b, &in)
	}
	switch {
	case err != nil:
		return []string{""}
	case in.Kind == "folder" && in.ID != "":
		return []string{in.Parent, in.ID}
	}
	return []string{in.Parent}
}
