// Package config knows where Stardrive keeps its own files on this machine and
// what its few settings are. It knows no library and opens nothing but the
// settings file.
package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// Dir returns the absolute data folder: the flag's value if it is not empty, else
// STARDRIVE_DATA, else the platform's place for application data. env is
// os.Getenv or a test's. It creates nothing.
func Dir(flag string, env func(string) string) (string, error) {
	dir := flag
	if dir == "" {
		dir = env("STARDRIVE_DATA")
	}
	if dir == "" {
		base, err := platformDir(env)
		if err != nil {
			return "", err
		}
		dir = filepath.Join(base, "stardrive")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", errs.New(errs.Invalid, "%w", err).At(dir)
	}
	return abs, nil
}

func platformDir(env func(string) string) (string, error) {
	home := func(parts ...string) (string, error) {
		h := env("HOME")
		if h == "" {
			return "", errs.New(errs.Invalid, "there is no home folder to keep Stardrive's data in").
				Try("Set HOME, or say where with --data DIR or STARDRIVE_DATA.")
		}
		return filepath.Join(append([]string{h}, parts...)...), nil
	}
	switch runtime.GOOS {
	case "windows":
		if d := env("LOCALAPPDATA"); d != "" {
			return d, nil
		}
		return "", errs.New(errs.Invalid, "LOCALAPPDATA is not set").Try("Say where to keep the data with --data DIR.")
	case "darwin":
		return home("Library", "Application Support")
	}
	if d := env("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return d, nil
	}
	return home(".local", "share")
}

// Layout names the files in a data folder. All are for their owner alone.
type Layout struct{ Dir string }

// Settings is the file of the [Settings].
func (l Layout) Settings() string { return filepath.Join(l.Dir, "config.json") }

// Kinds is the user's table of kinds of files, laid over that of the program.
func (l Layout) Kinds() string { return filepath.Join(l.Dir, "kinds.tsv") }

// Token holds the bearer token.
func (l Layout) Token() string { return filepath.Join(l.Dir, "token") }

// Daemon tells process and addresses of the running daemon.
func (l Layout) Daemon() string { return filepath.Join(l.Dir, "daemon.json") }

// DaemonLock is held while a daemon lives.
func (l Layout) DaemonLock() string { return filepath.Join(l.Dir, "daemon.lock") }

// SpawnLock is held while a daemon is started.
func (l Layout) SpawnLock() string { return filepath.Join(l.Dir, "spawn.lock") }

// Log is what a background daemon says.
func (l Layout) Log() string { return filepath.Join(l.Dir, "serve.log") }

// Decoders holds programs of decoders, compiled for this machine. It can be
// deleted while no daemon runs.
func (l Layout) Decoders() string { return filepath.Join(l.Dir, "decoders") }

// Libraries holds one folder a library.
func (l Layout) Libraries() string { return filepath.Join(l.Dir, "libraries") }

// maxSocket is what fits into a socket address everywhere, with room to spare.
const maxSocket = 100

// Socket is the unix socket of the daemon: in the data folder, or, where that
// path is too long for a socket, in a private folder of this user below the
// system's folder for temporary files; see SecureSocket.
func (l Layout) Socket() string {
	if path := filepath.Join(l.Dir, "daemon.sock"); len(path) <= maxSocket {
		return path
	}
	sum := sha256.Sum256([]byte(l.Dir))
	return filepath.Join(shortTemp(), fmt.Sprintf("stardrive-%d", os.Getuid()), hex.EncodeToString(sum[:8])+".sock")
}

// SecureSocket makes the folder of the socket, for its owner alone, and refuses
// one that somebody else may have put there: errs.Denied. Call it before
// listening or connecting, or a stranger may be at the other end.
func (l Layout) SecureSocket() error {
	folder := filepath.Dir(l.Socket())
	if folder == l.Dir {
		return nil // whoever opened the data folder has looked after it
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return errs.New(errs.KindOf(err), "the folder of the socket cannot be made: %w", err).At(folder)
	}
	if err := private(folder); err != nil {
		return errs.New(errs.Denied, "the folder of the socket is not this user's alone: %w", err).At(folder).
			Try("Remove it, or use a data folder with a shorter path.")
	}
	return nil
}

// Settings are what the user may change in config.json. The zero value stands
// for all defaults.
type Settings struct {
	Listen         string `json:"listen,omitempty"`          // address of the web interface, loopback; default 127.0.0.1:0
	DefaultLibrary string `json:"default_library,omitempty"` // id of the library used last
	LogLevel       string `json:"log_level,omitempty"`       // debug, info, warn or error; default info
	LogFormat      string `json:"log_format,omitempty"`      // text or json; default text
	DefaultMode    string `json:"default_mode,omitempty"`    // of new locations: shallow, content or deep; default deep
	SidecarBudget  int64  `json:"sidecar_budget,omitempty"`  // bytes of pictures that a library keeps of its files; default 2 GiB
	ScrubDays      int    `json:"scrub_days,omitempty"`      // after so many days files are read again, to find damage; default 90, below 0: never
	CopyLimit      int64  `json:"copy_limit,omitempty"`      // most bytes a second that copying writes, all plans together; default: as many as there are
	OCR            bool   `json:"ocr,omitempty"`             // read the words in pictures too, where that is installed

	Meaning Meaning `json:"meaning,omitzero"` // how texts are found by what they mean
}

// Meaning says what makes vectors of texts. The zero value is the built-in model.
type Meaning struct {
	Model   string `json:"model,omitempty"`    // builtin, off, folder or endpoint; default builtin
	Folder  string `json:"folder,omitempty"`   // of a sentence transformer
	Base    string `json:"base,omitempty"`     // of an endpoint, such as http://localhost:11434/v1
	Name    string `json:"name,omitempty"`     // the endpoint's name of its model
	Dim     int    `json:"dim,omitempty"`      // how many numbers its vectors have
	KeyFile string `json:"key_file,omitempty"` // a file that holds its key and nothing else
}

// check returns errs.Invalid for what cannot be.
func (m Meaning) check() error {
	switch {
	case !slices.Contains([]string{"", "builtin", "off", "folder", "endpoint"}, m.Model):
		return errs.New(errs.Invalid, "meaning: model %q is not builtin, off, folder or endpoint", m.Model)
	case m.Model == "folder" && !filepath.IsAbs(m.Folder):
		return errs.New(errs.Invalid, "meaning: folder %q is no absolute path", m.Folder)
	case m.Model == "endpoint" && (m.Base == "" || m.Name == "" || m.Dim < 1):
		return errs.New(errs.Invalid, "meaning: an endpoint needs base, name and dim")
	case m.KeyFile != "" && !filepath.IsAbs(m.KeyFile):
		return errs.New(errs.Invalid, "meaning: key_file %q is no absolute path", m.KeyFile)
	}
	return nil
}

// DefaultListen lets the system choose a free port.
const DefaultListen = "127.0.0.1:0"

// Load reads the settings; a missing file means defaults. Unknown, repeated or
// misspelt fields are errs.Invalid: a setting that does nothing would be a lie.
func (l Layout) Load() (Settings, error) {
	var s Settings
	b, err := os.ReadFile(l.Settings())
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, errs.New(errs.KindOf(err), "%w", err).At(l.Settings())
	}
	if err := jsonv2.Unmarshal(b, &s, jsonv2.RejectUnknownMembers(true)); err != nil {
		return Settings{}, errs.New(errs.Invalid, "the settings cannot be read: %w", err).At(l.Settings()).Try("Mend or delete the file.")
	}
	if err := s.Check(); err != nil {
		return Settings{}, errs.New(errs.Invalid, "%w", err).At(l.Settings()).Try("Mend the file.")
	}
	return s, nil
}

// Check returns errs.Invalid for settings that cannot be. An address that others
// can reach is among them: the daemon serves this machine alone.
func (s Settings) Check() error {
	if err := s.Meaning.check(); err != nil {
		return err
	}
	if s.Listen != "" {
		if a, err := netip.ParseAddrPort(s.Listen); err != nil || !a.Addr().IsLoopback() {
			return errs.New(errs.Invalid, "listen %q is not an address of this machine alone, such as %s", s.Listen, DefaultListen)
		}
	}
	if modes := []string{"", "shallow", "content", "deep"}; !slices.Contains(modes, s.DefaultMode) {
		return errs.New(errs.Invalid, "default_mode %q is not shallow, content or deep", s.DefaultMode)
	}
	if s.CopyLimit < 0 {
		return errs.New(errs.Invalid, "copy_limit is below 0")
	}
	if s.SidecarBudget < 0 {
		return errs.New(errs.Invalid, "sidecar_budget is below 0")
	}
	if s.ScrubDays > 36500 {
		return errs.New(errs.Invalid, "scrub_days is more than a hundred years")
	}
	if levels := []string{"", "debug", "info", "warn", "error"}; !slices.Contains(levels, s.LogLevel) {
		return errs.New(errs.Invalid, "log_level %q is not debug, info, warn or error", s.LogLevel)
	}
	if formats := []string{"", "text", "json"}; !slices.Contains(formats, s.LogFormat) {
		return errs.New(errs.Invalid, "log_format %q is not text or json", s.LogFormat)
	}
	return nil
}

// ScrubEvery is how long after a file was read it is read again; negative: never,
// 0: as it is by default.
func (s Settings) ScrubEvery() time.Duration { return time.Duration(s.ScrubDays) * 24 * time.Hour }

// Logger returns a logger to w as the settings want it.
func (s Settings) Logger(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(s.LogLevel)) // "" leaves info; others were checked
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// Save stores the settings, whole or not at all.
func (l Layout) Save(s Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return errs.New(errs.Internal, "%w", err)
	}
	if old, err := os.ReadFile(l.Settings()); err == nil && bytes.Equal(bytes.TrimSpace(old), b) {
		return nil
	}
	if err := durable.Replace(l.Settings(), append(b, '\n')); err != nil {
		return errs.New(errs.KindOf(err), "the settings cannot be stored: %w", err).At(l.Settings()).Try("Make the data folder writable, with some space left.")
	}
	return nil
}

// HomeTrash returns the folder where this system keeps what the user deletes on
// the volume of the home; "" where there is no such folder. It creates nothing.
func HomeTrash() string {
	env := os.Getenv
	switch runtime.GOOS {
	case "windows":
		return ""
	case "darwin":
		if h := env("HOME"); filepath.IsAbs(h) {
			return filepath.Join(h, ".Trash")
		}
		return ""
	}
	data, err := platformDir(env)
	if err != nil || !filepath.IsAbs(data) {
		return ""
	}
	return filepath.Join(data, "Trash")
}
