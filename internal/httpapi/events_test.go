package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/event"
)

// fakeFeed keeps durable events in memory.
type fakeFeed struct {
	mu     sync.Mutex
	all    []event.Event
	bus    *event.Bus
	closed chan struct{}
}

func (f *fakeFeed) Events() Events {
	return Events{Bus: f.bus, Feed: f, Head: f.head, Done: f.closed}
}

func (f *fakeFeed) head() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.all))
}

func (f *fakeFeed) Since(_ context.Context, seq int64, limit int) ([]event.Event, int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := min(int64(len(f.all)), seq+int64(limit))
	return append([]event.Event(nil), f.all[seq:end]...), end, nil
}

type entryData struct {
	ID     string `json:"id"`
	Parent string `json:"parent,omitempty"`
}

// happen adds durable events: "entry.changed 5 2" is entry 5 in folder 2.
func (f *fakeFeed) happen(what ...string) {
	f.mu.Lock()
	for _, text := range what {
		e := event.Event{Seq: int64(len(f.all) + 1), Time: time.Unix(1e9, 0)}
		var d entryData
		_, _ = fmt.Sscan(text, &e.Type, &d.ID, &d.Parent)
		e.Data = d
		f.all = append(f.all, e)
	}
	n := int64(len(f.all))
	f.mu.Unlock()
	f.bus.Reached(n)
}

type jobData struct {
	ID   string `json:"id"`
	Done int    `json:"done"`
}

var jobChanged = event.Topic[jobData]{Name: "job.changed", Key: func(j jobData) string { return j.ID }}

// listener reads one stream.
type listener struct {
	t      *testing.T
	lines  *bufio.Scanner
	cancel context.CancelFunc
	status int
}

func (w *world) listen(t *testing.T, c *http.Client, url string, headers ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Set(k, v)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); resp.Body.Close() })
	return &listener{t, bufio.NewScanner(resp.Body), cancel, resp.StatusCode}
}

// next returns the next event as "id|type|seq|fields", skipping comments.
func (l *listener) next() string {
	l.t.Helper()
	id := ""
	for l.lines.Scan() {
		line := l.lines.Text()
		if v, ok := strings.CutPrefix(line, "id: "); ok {
			id = v
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(data), &m); err != nil {
			l.t.Fatal(err)
		}
		seq, typ := m["seq"], m["type"]
		delete(m, "seq")
		delete(m, "type")
		delete(m, "time")
		rest, _ := json.Marshal(m)
		return fmt.Sprintf("%s|%s|%v|%s", id, typ, seq, rest)
	}
	return fmt.Sprint("end ", l.lines.Err())
}

func (l *listener) want(events ...string) {
	l.t.Helper()
	for _, e := range events {
		if got := l.next(); got != e {
			l.t.Fatalf("got  %s\nwant %s", got, e)
		}
	}
}

// ended waits for the end of the stream.
func (l *listener) ended() {
	l.t.Helper()
	if got := l.next(); got != "end <nil>" {
		l.t.Errorf("not a clean end: %s", got)
	}
}

func TestEvents(t *testing.T) {
	w := start(t)
	c := w.client(t, true)
	w.lib.happen("entry.changed 5 2", "location.changed 1", "entry.removed 6")
	l := w.listen(t, c, "http://any/v1/events?since=1")
	l.want(`2|location.changed|2|{"id":"1"}`, `3|entry.removed|3|{"id":"6"}`)
	event.Publish(w.lib.bus, jobChanged, jobData{"9", 1})
	l.want(`|job.changed|3|{"done":1,"id":"9"}`) // no id: it cannot be resumed from
	w.lib.happen("entry.changed 7 2")
	l.want(`4|entry.changed|4|{"id":"7","parent":"2"}`)

	w.listen(t, c, "http://any/v1/events?since=1", "Last-Event-ID: 3").want(`4|entry.changed|4|{"id":"7","parent":"2"}`)
	w.listen(t, c, "http://any/v1/events?since=0&types=location.changed,job.changed").want(`2|location.changed|2|{"id":"1"}`)
	now := w.listen(t, c, "http://any/v1/events")
	w.lib.happen("volume.changed 3")
	now.want(`5|volume.changed|5|{"id":"3"}`)
	w.listen(t, c, "http://any/v1/events?since=99").want(`|lagged|5|{}`)

	so := w.listen(t, c, "http://any/v1/events?since=3&follow=false")
	so.want(`4|entry.changed|4|{"id":"7","parent":"2"}`, `5|volume.changed|5|{"id":"3"}`)
	so.ended()
	w.listen(t, c, "http://any/v1/events?follow=false").ended()

	for _, bad := range []string{"since=x", "since=-1", "summary=perhaps", "follow=x", "library=nowhere"} {
		resp, body := send(t, c, "GET", "http://any/v1/events?"+bad, "")
		if resp.StatusCode != 400 && resp.StatusCode != 404 {
			t.Errorf("%s: %d %s", bad, resp.StatusCode, body)
		}
	}
	if resp, _ := send(t, c, "HEAD", "http://any/v1/events", ""); resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %d", resp.StatusCode)
	}
}

func TestEventsOverManyPages(t *testing.T) {
	w := start(t)
	var many []string
	for i := range 2500 {
		many = append(many, fmt.Sprintf("entry.changed %d 1", i))
	}
	w.lib.happen(many...)
	l := w.listen(t, w.client(t, true), "http://any/v1/events?since=0")
	for i := range 2500 {
		l.want(fmt.Sprintf(`%d|entry.changed|%d|{"id":"%d","parent":"1"}`, i+1, i+1, i))
	}
}

// TestEventsSlowClient: who is slow is told that ephemeral news was dropped, and
// is never given a number from which durable events would be missed.
func TestEventsSlowClient(t *testing.T) {
	bus := event.NewBus()
	sub := bus.Subscribe()
	defer sub.Close()
	bus.Reached(500)
	for i := range 1000 {
		event.Publish(bus, jobChanged, jobData{fmt.Sprint(i), 1})
	}
	rec := httptest.NewRecorder()
	st := stream{w: rec, flush: func() error { return nil }, cursor: 20}
	if err := st.news(sub); err != nil {
		t.Fatal(err)
	}
	out := rec.Body.String()
	if n := strings.Count(out, "data: "); n < 2 || strings.Count(out, `"seq":20,`) != n || strings.Contains(out, "id: ") ||
		!strings.Contains(out, `"type":"lagged"`) {
		t.Errorf("%d events, the last: %s", n, out[len(out)-200:])
	}
}

// holes is a feed whose numbers reach further than its events.
type holes struct{ asked atomic.Int64 }

func (h *holes) Since(_ context.Context, seq int64, _ int) ([]event.Event, int64, error) {
	h.asked.Add(1)
	return nil, seq, nil
}

func TestEventsDoNotSpinOnHoles(t *testing.T) {
	bus, feed := event.NewBus(), &holes{}
	bus.Reached(7)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	st := stream{w: httptest.NewRecorder(), flush: func() error { return nil }, beat: time.Hour}
	err := st.run(ctx, Events{Bus: bus, Feed: feed, Head: func() int64 { return 7 }})
	if n := feed.asked.Load(); err == nil || n > 3 || st.cursor != 7 {
		t.Errorf("asked %d times, cursor %d, %v", n, st.cursor, err)
	}
}

func TestEventsSummary(t *testing.T) {
	w := start(t)
	w.lib.happen("entry.changed 5 2", "entry.changed 6 2", "location.changed 1", "entry.changed 7 3", "entry.removed 8")
	l := w.listen(t, w.client(t, true), "http://any/v1/events?since=0&summary=true")
	l.want(`2|folders.changed|2|{"folders":["2","3"],"more":true}`, `3|location.changed|3|{"id":"1"}`)
	w.lib.happen("entry.changed 9 4")
	l.want(`6|folders.changed|6|{"folders":["4"],"more":false}`)
}

func TestFold(t *testing.T) {
	var page []event.Event
	for i := range 1500 {
		page = append(page, event.Event{Seq: int64(i + 1), Type: "entry.changed", Data: entryData{Parent: fmt.Sprint(i)}})
	}
	got := fold(page)
	sum, ok := got[0].Data.(foldersChanged)
	if len(got) != 1 || !ok || len(sum.Folders) != maxFolders || !sum.More || got[0].Seq != 1500 {
		t.Errorf("%d events, %d folders, more %v, seq %d", len(got), len(sum.Folders), sum.More, got[0].Seq)
	}
	// A file was moved from 8 to 9, both in 7: all of them may be shown somewhere.
	moved := []event.Event{
		{Seq: 1, Type: "entry.moved", Data: map[string]string{"id": "20", "parent": "9", "kind": "file"}},
		{Seq: 2, Type: "entry.modified", Data: map[string]string{"id": "8", "parent": "7", "kind": "folder"}},
	}
	if sum := fold(moved)[0].Data.(foldersChanged); !reflect.DeepEqual(sum, foldersChanged{Folders: []string{"9", "7", "8"}}) {
		t.Errorf("of a move: %+v", sum)
	}
	none := []event.Event{{Seq: 3, Type: "volume.changed"}}
	if got := fold(none); !reflect.DeepEqual(got, none) {
		t.Errorf("%+v", got)
	}
}

// TestEventsEndWithTheSession: who logs out hears no more.
func TestEventsEndWithTheSession(t *testing.T) {
	w := start(t)
	c := w.client(t, false)
	resp, _ := w.logIn(t, c, w.loginToken(t))
	cookie := "Cookie: " + resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
	l := w.listen(t, c, w.Addresses().HTTP+"/v1/events", cookie)
	token := w.listen(t, c, w.Addresses().HTTP+"/v1/events", bearer)
	if l.status != 200 || token.status != 200 {
		t.Fatal(l.status, token.status)
	}
	send(t, c, "POST", w.Addresses().HTTP+"/v1/logout", "{}", cookie)
	l.ended()
	w.lib.happen("volume.changed 3")
	token.want(`1|volume.changed|1|{"id":"3"}`) // another caller's stream lives on
	close(w.lib.closed)
	token.ended()
}

func TestEventsEndWithTheServer(t *testing.T) {
	w := newWorld(t)
	if err := w.Listen(t.Context(), "", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx) }()
	l := w.listen(t, w.client(t, false), w.Addresses().HTTP+"/v1/events", bearer)
	begin := time.Now()
	stop()
	l.ended()
	if err := <-done; err != nil || time.Since(begin) > stopPatience {
		t.Errorf("%v after %s", err, time.Since(begin))
	}
}

func TestEventsHeartbeat(t *testing.T) {
	w := start(t)
	w.heartbeat = 10 * time.Millisecond
	l := w.listen(t, w.client(t, true), "http://any/v1/events")
	beats := 0
	for beats < 3 && l.lines.Scan() {
		if strings.HasPrefix(l.lines.Text(), ":") {
			beats++
		}
	}
	if beats < 3 {
		t.Errorf("%d heartbeats, then %v", beats, l.lines.Err())
	}
	l.cancel()
}
