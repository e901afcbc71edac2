package giveway

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waited is how long a Wait took.
func waited(l *Lane) time.Duration {
	began := time.Now()
	l.Wait()
	return time.Since(began)
}

func TestWorkGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &Lane{}
		if took := waited(l); took != 0 {
			t.Errorf("nobody asked, and work waited %v", took)
		}
		done := l.Ask()
		also := l.Ask()
		time.AfterFunc(2*time.Millisecond, done)
		time.AfterFunc(4*time.Millisecond, also)
		if took := waited(l); took != 4*time.Millisecond {
			t.Errorf("work waited %v, not until all was answered", took)
		}
		time.Sleep(time.Second)
		defer l.Ask()()
		if took := waited(l); took != most {
			t.Errorf("a question that takes long held work up for %v", took)
		}
		if took := waited(l); took != 0 {
			t.Errorf("work waited again at once, for %v", took)
		}
		time.Sleep(most / 4)
		if took := waited(l); took != most {
			t.Errorf("work did not give way again: %v", took)
		}
	})
}

// TestDoneTwice: who calls done twice has answered one question.
func TestDoneTwice(t *testing.T) {
	l := &Lane{}
	first, second := l.Ask(), l.Ask()
	first()
	first()
	if n := l.asked.Load(); n != 1 {
		t.Errorf("%d questions are under way", n)
	}
	second()
}

func TestManyAtOnce(t *testing.T) {
	l := &Lane{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 300 {
				done := l.Ask()
				l.Wait()
				done()
				l.Wait()
			}
		})
	}
	wg.Wait()
	if n := l.asked.Load(); n != 0 {
		t.Errorf("%d questions are left", n)
	}
	if took := waited(l); took > time.Second {
		t.Errorf("work waited %v for nobody", took)
	}
}

func TestNoLane(t *testing.T) {
	var l *Lane
	l.Ask()()
	l.Wait()
}
