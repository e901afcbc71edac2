package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOnBattery(t *testing.T) {
	battery := map[string]string{"type": "Battery", "status": "Discharging"}
	for name, c := range map[string]struct {
		supplies map[string]map[string]string
		want     bool
	}{
		"nothing known":     {nil, false},
		"battery alone":     {map[string]map[string]string{"BAT0": battery}, true},
		"unplugged":         {map[string]map[string]string{"AC": {"type": "Mains", "online": "0"}, "BAT0": battery}, true},
		"plugged in":        {map[string]map[string]string{"AC": {"type": "Mains", "online": "1"}, "BAT0": {"type": "Battery", "status": "Charging"}}, false},
		"threshold reached": {map[string]map[string]string{"BAT0": battery, "ucsi": {"type": "USB", "online": "1"}}, false},
		"full":              {map[string]map[string]string{"BAT0": {"type": "Battery", "status": "Full"}}, false},
		"mouse":             {map[string]map[string]string{"hid": {"type": "Battery", "status": "Discharging", "scope": "Device"}}, false},
		"second one drains": {map[string]map[string]string{"BAT0": {"type": "Battery", "status": "Not charging"}, "BAT1": battery}, true},
	} {
		dir := t.TempDir()
		for supply, files := range c.supplies {
			if err := os.Mkdir(filepath.Join(dir, supply), 0o700); err != nil {
				t.Fatal(err)
			}
			for f, text := range files {
				if err := os.WriteFile(filepath.Join(dir, supply, f), []byte(text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := drained(dir); got != c.want {
			t.Errorf("%s: on battery %v, want %v", name, got, c.want)
		}
	}
	if drained(filepath.Join(t.TempDir(), "none")) {
		t.Error("a machine without power supplies is on battery")
	}
}
