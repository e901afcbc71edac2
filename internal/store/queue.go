package store

import (
	"context"
	"slices"
	"sync"
)

// request is one call of Write.
type request struct {
	ctx     context.Context
	fn      func(*Tx) error
	durable bool
	done    chan struct{} // closed when err is final
	err     error
}

// queue holds the requests that wait for the writer goroutine.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	closed  bool
	wake    chan struct{} // has room for one: there is something to see
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// push reports false if the queue is closed.
func (q *queue) push(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, r)
	q.signal()
	return true
}

// remove takes r back; it reports false if the writer already has it.
func (q *queue) remove(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, r)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// next hands out the oldest request, or nil. more says that others wait behind
// it, ended that there will never be one again.
func (q *queue) next() (r *request, more, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil, false, q.closed
	}
	r, more = q.pop()
	return r, more, false
}

// join hands out the oldest request if it may share a commit that is durable
// or not: order is kept, and nothing durable rides on a commit that is not.
func (q *queue) join(durable bool) (r *request, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.waiting[0].durable && !durable {
		return nil, false
	}
	return q.pop()
}

func (q *queue) pop() (r *request, more bool) {
	r = q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return r, len(q.waiting) > 0
}

// close refuses further requests; it reports false if it was closed before.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	q.signal()
	return true
}
