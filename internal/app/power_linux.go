package app

import (
	"os"
	"path/filepath"
	"strings"
)

// powerSupplies is where the kernel tells of them.
const powerSupplies = "/sys/class/power_supply"

// onBattery reports whether the machine runs on battery: some battery of its own
// is being drained. A machine that tells nothing is taken to be on mains.
func onBattery() bool { return drained(powerSupplies) }

func drained(dir string) bool {
	supplies, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	drains := false
	for _, s := range supplies {
		is := func(file, want string) bool {
			b, err := os.ReadFile(filepath.Join(dir, s.Name(), file))
			return err == nil && strings.TrimSpace(string(b)) == want
		}
		switch {
		case is("scope", "Device"): // the battery of a mouse
		case is("type", "Battery"):
			drains = drains || is("status", "Discharging")
		case is("online", "1"): // mains or USB, even where a full battery is called discharging
			return false
		}
	}
	return drains
}
