package worker

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const (
	niceness  = 19
	openFiles = 64
)

// closeIn shuts the process off from all but its memory, its two pipes and the
// time. Every wall is tried, whether the others stand or not.
func closeIn(memory int64) []Wall {
	return []Wall{
		wall("inherited files", closeInherited()),
		wall("memory", limitData(uint64(2*memory))), // beyond that of serve, which tells of it
		wall("limits", errors.Join(limit(unix.RLIMIT_FSIZE, 0), limit(unix.RLIMIT_CORE, 0), limit(unix.RLIMIT_NOFILE, openFiles))),
		wall("low priority", lower()),
		wall("landlock", noFiles()),
		wall("seccomp", onlyCompute()),
	}
}

// noFiles refuses all files. The library would say that all is well on a system
// that has no Landlock.
func noFiles() error {
	if v, err := ll.LandlockGetABIVersion(); err != nil || v < 1 {
		return errors.New("the system has none")
	}
	return landlock.V7.BestEffort().Restrict()
}

func lower() error { return unix.Setpriority(unix.PRIO_PGRP, 0, niceness) }

func limit(what int, n uint64) error { return unix.Setrlimit(what, &unix.Rlimit{Cur: n, Max: n}) }

// limitData bounds the memory that may still be had, beyond what Go reserved at
// its start.
func limitData(more uint64) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(status), "VmData:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return errors.New("the system does not tell how much there is now")
	}
	kib, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		return err
	}
	return limit(unix.RLIMIT_DATA, kib<<10+more)
}

// closeInherited closes what somebody forgot to keep from us. Files that this
// process opened itself have the mark close-on-exec; those that came through
// exec have not.
func closeInherited() error {
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, n := range names {
		fd, err := strconv.Atoi(n.Name())
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
	return nil
}

// computing lists the system calls that Go needs to compute, and to read and
// write what is open. Some are not of every processor.
func computing() []string {
	return []string{
		"read", "write", "readv", "writev", "pread64", "close", "fcntl", "lseek", "fstat", "newfstatat",
		"mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "brk", "prctl",
		"futex", "sched_yield", "sched_getaffinity", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "gettid", "getpid", "getppid", "getuid", "getgid", "geteuid", "getegid",
		"epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "poll", "ppoll",
		"getrandom", "getrlimit", "getrusage", "set_robust_list", "set_tid_address", "rseq", "arch_prctl", "membarrier",
		"timer_create", "timer_settime", "timer_delete", "setitimer", "uname", "sysinfo", "getcpu", "restart_syscall", "exit", "exit_group",
	}
}

// onlyCompute refuses every system call but those of computing, and new threads.
func onlyCompute() error {
	const thread = unix.CLONE_THREAD
	return filter(seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls: []seccomp.SyscallGroup{
			{Names: known(computing()), Action: seccomp.ActionAllow},
			{NamesWithCondtions: []seccomp.NameWithConditions{{Name: "tgkill", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.Equal, Value: uint64(os.Getpid())}}}}, Action: seccomp.ActionAllow},
			{NamesWithCondtions: []seccomp.NameWithConditions{{Name: "clone", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: thread}}}}, Action: seccomp.ActionAllow},
			// C libraries then take clone, whose flags the filter can see.
			{Names: known([]string{"clone3"}), Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS)},
		},
	})
}

// noNetwork refuses what programs of others have no business to do.
func noNetwork() error {
	return filter(seccomp.Policy{
		DefaultAction: seccomp.ActionAllow,
		Syscalls: []seccomp.SyscallGroup{{Action: seccomp.ActionErrno, Names: known([]string{
			"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg",
			"ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd", "mount", "umount2", "pivot_root", "chroot",
			"unshare", "setns", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup",
			"init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "swapoff", "quotactl", "acct",
			"truncate", "ftruncate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "mknod", "mknodat",
			"link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "chown", "lchown", "fchown", "fchownat", "utimensat",
			"setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
			"kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal",
		})}, {Action: seccomp.ActionErrno, NamesWithCondtions: []seccomp.NameWithConditions{
			{Name: "tgkill", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.NotEqual, Value: uint64(os.Getpid())}}},
			{Name: "prlimit64", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.NotEqual, Value: 0}}},
		}}},
	})
}

func filter(p seccomp.Policy) error {
	return seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: p})
}

// known are those of the names that this processor's kernel has.
func known(names []string) []string {
	info, err := arch.GetInfo("")
	if err != nil {
		return names // the filter will say so
	}
	var out []string
	for _, n := range names {
		if _, ok := info.SyscallNames[n]; ok {
			out = append(out, n)
		}
	}
	return out
}

// become closes this process in and makes it the other program. What a system
// has not of Landlock and seccomp is done without: the limits stand.
func become(l toolLimits, path string, args []string) error {
	runtime.LockOSThread()
	const perProcess, lowest = 1, 2<<13 | 7 // of ioprio_set(2): best effort, behind all others
	_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, perProcess, 0, lowest)
	err := errors.Join(
		limit(unix.RLIMIT_AS, uint64(l.Memory)),
		unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: l.Seconds, Max: l.Seconds + 5}),
		limit(unix.RLIMIT_FSIZE, 0), limit(unix.RLIMIT_CORE, 0), limit(unix.RLIMIT_NOFILE, openFiles), lower(),
		onlySystem(), noNetwork(),
	)
	if err != nil {
		return err
	}
	return os.NewSyscallError("execve", syscall.Exec(path, args, toolEnv())) //nolint:gosec // the path is of FindTool
}

// onlySystem leaves the programs and libraries of the system to be read and run,
// and the file to be read.
func onlySystem() error {
	config := landlock.V7.BestEffort()
	system := []landlock.Rule{
		landlock.RODirs("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts", "/nix/store", "/gnu/store").IgnoreIfMissing(),
		landlock.ROFiles("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.preload", "/dev/null", "/dev/urandom").IgnoreIfMissing(),
	}
	file := landlock.PathAccess(ll.AccessFSReadFile, ToolFile)
	if err := config.Restrict(append(system, file)...); err == nil {
		return nil
	}
	return config.Restrict(system...) // files that have no place in the tree need no rule
}

// toolEnv is the environment of other programs.
func toolEnv() []string {
	return []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "OMP_THREAD_LIMIT=1"}
}
