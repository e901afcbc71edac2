package soak

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

const (
	copied     = 3_000 // files of the ordinary test run
	copyKills  = 6
	copiedEach = 5 // so many files hold the same
)

// known is what a library tells of its contents.
type known struct {
	Groups     int64 `json:"groups"`
	Files      int64 `json:"files"`
	Wasted     int64 `json:"wasted"`
	Identified int64 `json:"identified"`
	All        int64 `json:"all_files"`
}

// TestSoak_P10_KillWhileIdentifying: kill -9 at random moments while files are
// read. At the end each is known, and the groups are those that were written.
func TestSoak_P10_KillWhileIdentifying(t *testing.T) {
	files, kills := setting(t, "SOAK_FILES", copied), setting(t, "SOAK_KILLS", copyKills)
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d files, %d kills, SOAK_SEED=%d", files, kills, seed)
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, data := filepath.Join(dir, "tree"), filepath.Join(dir, "data")
	want := known{Identified: int64(files), All: int64(files)}
	for i := range files {
		of := i / copiedEach // which content
		sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(of)))
		b := make([]byte, 0, 64<<10)
		for len(b) < of%1500*32+32 {
			b = append(b, sum[:]...)
		}
		if i%100 == 0 {
			if err := os.MkdirAll(filepath.Join(tree, fmt.Sprint(i/100)), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(tree, fmt.Sprint(i/100), fmt.Sprint(i)), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if i%copiedEach == 0 {
			want.Groups++
		} else {
			want.Files++
			want.Wasted += int64(len(b))
		}
	}
	r := rand.New(rand.NewPCG(seed, 3))
	var progress []int64
	for i := range kills {
		d := start(ctx, t, bin, data)
		if i == 0 {
			if err := d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "content"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		// As far as it came, but not for ever: on a slow machine little is done in between.
		for began := time.Now(); time.Since(began) < 3*time.Second; pause(ctx, t, time.Millisecond) {
			if k := contents(ctx, t, d); k.Identified >= int64(files)*int64(i)/int64(kills) {
				progress = append(progress, k.Identified)
				break
			}
		}
		pause(ctx, t, time.Duration(r.Int64N(int64(30*time.Millisecond))))
		d.Kill()
	}
	t.Logf("known at each kill: %v", progress)
	d := start(ctx, t, bin, data)
	defer d.Kill()
	var got known
	for late := time.Now().Add(2 * time.Minute); got != want; pause(ctx, t, 20*time.Millisecond) {
		if got = contents(ctx, t, d); time.Now().After(late) {
			t.Fatalf("it knows %+v, not %+v", got, want)
		}
	}
	var info struct {
		Contents int64 `json:"contents"`
	}
	if err := d.Call(ctx, "library.info", map[string]any{}, &info); err != nil || info.Contents != want.Groups {
		t.Errorf("%d contents, not %d: %v", info.Contents, want.Groups, err)
	}
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func contents(ctx context.Context, t *testing.T, d *daemon.Daemon) (k known) {
	t.Helper()
	if err := d.Call(ctx, "duplicates.summary", map[string]any{}, &k); err != nil {
		t.Fatal(err)
	}
	return k
}

// TestSoak_E11_MoreThan32Bits: files whose sizes do not fit into 31 or 32 bits are
// read whole, and their hashes are what b3sum says.
func TestSoak_E11_MoreThan32Bits(t *testing.T) {
	if os.Getenv("SOAK_N") == "" {
		t.Skip("reads 6 GiB: part of make soak")
	}
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o700); err != nil {
		t.Fatal(err)
	}
	d := start(ctx, t, bin, filepath.Join(dir, "data"))
	defer d.Kill()
	hashes := map[int64]string{
		0:         "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
		1<<31 + 1: "2668c9ff2413284150cce5338fa4be63f7876c960a63efa84379f50a56271a3b",
		1<<32 + 1: "1c5383e3e425b8b27d54e1b6bf91bb3320b8ba1496f7483f87b5f4490a542794",
	}
	for size := range hashes {
		path := filepath.Join(tree, fmt.Sprint(size))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil { // all holes
			t.Fatal(err)
		}
	}
	if err := d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "shallow"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Indexed(ctx, tree); err != nil {
		t.Fatal(err)
	}
	for size, want := range hashes {
		var out struct {
			Content struct {
				Hash string `json:"hash"`
				Size int64  `json:"size"`
			} `json:"content"`
		}
		if err := d.Call(ctx, "content.identify", map[string]any{"path": filepath.Join(tree, fmt.Sprint(size))}, &out); err != nil {
			t.Fatal(err)
		}
		if out.Content.Hash != want || out.Content.Size != size {
			t.Errorf("%d bytes: %+v, not %s", size, out.Content, want)
		}
	}
}
