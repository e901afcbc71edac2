package script

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// drawing FILE WIDTH HEIGHT draws a PNG.
func drawing(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: drawing FILE WIDTH HEIGHT")
	}
	w, err := strconv.Atoi(args[1])
	ts.Check(err)
	h, err := strconv.Atoi(args[2])
	ts.Check(err)
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), 90, 255})
		}
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(png.Encode(f, m))
	ts.Check(f.Close())
}

// waitsidecars KIND STATUS N waits until N sidecars of a kind stand so.
func waitSidecars(ts *testscript.TestScript, _ bool, args []string) {
	wait(ts, strings.Join(args, " "), func() bool {
		var totals struct {
			Items []struct {
				Kind, Status string
				Count        json.Number
			}
		}
		_ = json.Unmarshal(quiet(ts, "--no-start", "sidecar", "totals"), &totals)
		for _, t := range totals.Items {
			if t.Kind == args[0] && t.Status == args[1] {
				return t.Count.String() == args[2]
			}
		}
		return args[2] == "0"
	})
}

// fetch FILE STATUS PATH [HEADER] asks the daemon for something by HTTP, demands
// a status, and writes what came to FILE and its headers to FILE.head.
func fetch(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: fetch FILE STATUS PATH [HEADER]")
	}
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(ts.Getenv("STARDRIVE_DATA"), "daemon.sock"))
	}}}
	req, err := http.NewRequest("GET", "http://localhost"+os.Expand(args[2], ts.Getenv), nil)
	ts.Check(err)
	for _, h := range args[3:] {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	var head strings.Builder
	fmt.Fprintln(&head, resp.StatusCode)
	ts.Check(resp.Header.Write(&head))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), body, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".head"), []byte(strings.ReplaceAll(head.String(), "\r", "")), 0o600))
	if strconv.Itoa(resp.StatusCode) != args[1] {
		ts.Fatalf("%s: %s%s", args[2], head.String(), body)
	}
}
