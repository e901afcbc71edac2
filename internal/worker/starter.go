package worker

import (
	"os/exec"
	"runtime"
)

// starter starts processes, always from the same thread: the system kills them
// when the thread that started them ends (Pdeathsig), and Go ends threads as it
// likes.
type starter struct {
	asked chan startAsk
	ended chan struct{}
}

type startAsk struct {
	cmd *exec.Cmd
	err chan error
}

func newStarter() starter {
	s := starter{make(chan startAsk), make(chan struct{})}
	go func() {
		defer close(s.ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread() // else the thread would end
		for a := range s.asked {
			a.err <- a.cmd.Start()
		}
	}()
	return s
}

func (s starter) start(cmd *exec.Cmd) error {
	a := startAsk{cmd, make(chan error)}
	s.asked <- a
	return <-a.err
}

// close ends it; nothing may be started any more.
func (s starter) close() {
	close(s.asked)
	<-s.ended
}
