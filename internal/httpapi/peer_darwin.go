package httpapi

import (
	"net"

	"golang.org/x/sys/unix"
)

const hasModes = true

// trusted asks the kernel who is at the other end.
func trusted(c *net.UnixConn, owner int) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var cred *unix.Xucred
	var asked error
	err = raw.Control(func(fd uintptr) {
		cred, asked = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	return err == nil && asked == nil && (cred.Uid == 0 || int(cred.Uid) == owner)
}
