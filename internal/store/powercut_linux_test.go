package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ext4Shutdown is EXT4_IOC_SHUTDOWN; with noLogFlush nothing that was not
// synced reaches the disk any more, as when the power goes.
const (
	ext4Shutdown = 0x8004587d
	noLogFlush   = 2
)

// TestFault_E2_PowerCut: after a power cut the database is sound, transactions
// are whole, and what WriteDurable was told is committed is there.
func TestFault_E2_PowerCut(t *testing.T) {
	schema := []Migration{{"first", "CREATE TABLE pair (id INTEGER PRIMARY KEY, half INTEGER NOT NULL, pad BLOB NOT NULL) STRICT"}}
	if path := os.Getenv(childEnv); path != "" {
		writeUntilCut(Options{Path: path, ApplicationID: appID, Migrations: schema})
		return
	}
	if testing.Short() || os.Getuid() != 0 {
		t.Skip("needs root, to mount a disk of its own and cut its power")
	}
	disk := newDisk(t)
	durable := int64(0)
	for round := range 8 {
		disk.mount()
		o := Options{Path: filepath.Join(disk.folder, "test.db"), ApplicationID: appID, Migrations: schema}
		cmd, out := child(t, t.Name(), o.Path)
		power := time.AfterFunc(time.Duration(100+rand.IntN(400))*time.Millisecond, func() {
			disk.cut()
			cmd.Process.Kill()
		})
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Sscanf(lines.Text(), "durable %d", &durable)
		}
		_ = cmd.Wait()
		power.Stop()
		disk.unmount()
		disk.mount()
		db, err := Open(t.Context(), o) // checks the whole database
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		var n, last, halves int64
		err = db.Read(t.Context(), func(tx *Tx) error {
			return tx.QueryRow("SELECT count(*), coalesce(max(id), 0), coalesce(sum(half), 0) FROM pair").Scan(&n, &last, &halves)
		})
		if err != nil || last < durable || n != last || n%2 != 0 || halves != 0 {
			t.Errorf("round %d: %v; %d rows, last %d, halves sum to %d; %d was durable", round, err, n, last, halves, durable)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		disk.unmount()
	}
	if durable == 0 {
		t.Error("no durable write was acknowledged in any round")
	}
	t.Logf("%d rows were durable", durable)
}

// writeUntilCut writes pairs, some durable, and tells of those.
func writeUntilCut(o Options) {
	db, err := Open(context.Background(), o)
	for i := 0; err == nil; i++ {
		var last int64
		write := db.Write
		if i%5 == 4 {
			write = db.WriteDurable
		}
		err = write(context.Background(), func(tx *Tx) error {
			for _, half := range []int{-1, 1} {
				res, err := tx.Exec("INSERT INTO pair (half, pad) VALUES (?, randomblob(3000))", half)
				if err != nil {
					return err
				}
				last, _ = res.LastInsertId()
			}
			return nil
		})
		if err == nil && i%5 == 4 {
			fmt.Println("durable", last)
		}
	}
}

// disk is a small ext4 of its own, on a loop device.
type disk struct {
	t             *testing.T
	image, folder string

	mu   sync.Mutex
	root *os.File // while it is mounted; the only thing whose power is ever cut
}

func newDisk(t *testing.T) *disk {
	d := &disk{t: t, image: filepath.Join(t.TempDir(), "disk.img"), folder: t.TempDir()}
	for _, cmd := range [][]string{{"truncate", "-s", "64M", d.image}, {"mkfs.ext4", "-q", "-F", d.image},
		{"mount", "-o", "loop", d.image, d.folder}} {
		if out, err := exec.Command(cmd[0], cmd[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no disk to cut the power of: %s: %v: %s", strings.Join(cmd, " "), err, out)
		}
	}
	d.unmount()
	t.Cleanup(func() {
		d.release()
		_ = exec.Command("umount", "-l", d.folder).Run()
	})
	return d
}

// mount mounts the disk and makes sure that it did: the shutdown of the file
// system below would be a disaster.
func (d *disk) mount() {
	d.t.Helper()
	d.run("mount", "-o", "loop", d.image, d.folder)
	root, err := os.Open(d.folder)
	if err != nil {
		d.t.Fatal(err)
	}
	var here, above unix.Stat_t
	if err := errors.Join(unix.Fstat(int(root.Fd()), &here), unix.Stat(filepath.Dir(d.folder), &above)); err != nil || here.Dev == above.Dev {
		root.Close()
		d.t.Fatalf("the disk is not mounted: %v", err)
	}
	d.mu.Lock()
	d.root = root
	d.mu.Unlock()
}

func (d *disk) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		d.root.Close()
		d.root = nil
	}
}

func (d *disk) unmount() {
	d.t.Helper()
	d.release()
	for range 200 { // others of this machine may look at what is mounted, for a moment
		if exec.Command("umount", d.folder).Run() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.run("umount", d.folder)
}

// cut takes the power away, if the disk is still mounted.
func (d *disk) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root == nil {
		return
	}
	if err := unix.IoctlSetPointerInt(int(d.root.Fd()), ext4Shutdown, noLogFlush); err != nil {
		d.t.Errorf("cutting the power: %v", err)
	}
}

func (d *disk) run(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v: %s", name, err, out)
	}
}
