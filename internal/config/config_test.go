package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestDirIsTheFirstThatIsSaid(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the paths of Linux")
	}
	for _, c := range []struct {
		flag string
		env  func(string) string
		want string
	}{
		{"/flag", env("STARDRIVE_DATA", "/env", "HOME", "/h"), "/flag"},
		{"", env("STARDRIVE_DATA", "/env", "HOME", "/h"), "/env"},
		{"", env("XDG_DATA_HOME", "/xdg", "HOME", "/h"), "/xdg/stardrive"},
		{"", env("XDG_DATA_HOME", "relative", "HOME", "/h"), "/h/.local/share/stardrive"},
	} {
		if got, err := config.Dir(c.flag, c.env); err != nil || got != c.want {
			t.Errorf("got %q, %v; want %q", got, err, c.want)
		}
	}
}

func TestFault_F9_NoHome(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows asks LOCALAPPDATA")
	}
	_, err := config.Dir("", env())
	if !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Fatalf("want a clear error, got %v", err)
	}
}

func TestLongDataFolderGetsAShortSocket(t *testing.T) {
	short := config.Layout{Dir: "/data"}.Socket()
	if short != filepath.Join("/data", "daemon.sock") {
		t.Error(short)
	}
	long := config.Layout{Dir: "/" + strings.Repeat("x", 200)}.Socket()
	other := config.Layout{Dir: "/" + strings.Repeat("y", 200)}.Socket()
	if len(long) > 107 || long == other {
		t.Error(long, other)
	}
}

func TestSettingsAreStrict(t *testing.T) {
	l := config.Layout{Dir: t.TempDir()}
	if s, err := l.Load(); err != nil || s != (config.Settings{}) {
		t.Fatal(s, err)
	}
	want := config.Settings{Listen: "127.0.0.1:7000", DefaultLibrary: "zu Hause", LogLevel: "debug", LogFormat: "json"}
	if err := l.Save(want); err != nil {
		t.Fatal(err)
	}
	if s, err := l.Load(); err != nil || s != want {
		t.Fatal(s, err)
	}
	for _, bad := range []string{`{"listne":""}`, `{"Listen":""}`, `{"listen":"a","listen":"b"}`, `{"log_level":"loud"}`,
		`{"log_format":"xml"}`, `{"default_mode":"names"}`, `{"sidecar_budget":-1}`, `{"listen":"0.0.0.0:7000"}`, `{"listen":"192.168.1.2:7000"}`, `{"listen":"localhost:7000"}`,
		`{"listen":7000}`, `{} {}`, ``, `[]`, `{`} {
		if err := os.WriteFile(l.Settings(), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := l.Load(); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" || s != (config.Settings{}) {
			t.Errorf("%s: %+v, %v", bad, s, err)
		}
	}
	if err := l.Save(config.Settings{Listen: "0.0.0.0:1"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("saved an open address: %v", err)
	}
}

func TestLogger(t *testing.T) {
	var b strings.Builder
	l := config.Settings{LogLevel: "warn", LogFormat: "json"}.Logger(&b)
	l.Info("no")
	l.Warn("yes")
	if s := b.String(); !strings.HasPrefix(s, "{") || strings.Contains(s, `"no"`) || !strings.Contains(s, `"yes"`) {
		t.Errorf("logged %s", s)
	}
	b.Reset()
	config.Settings{}.Logger(&b).Info("yes")
	if s := b.String(); !strings.Contains(s, "msg=yes") {
		t.Errorf("logged %s", s)
	}
}
