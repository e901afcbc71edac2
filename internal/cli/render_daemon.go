package cli

import (
	"encoding/json"
	"fmt"
)

type statusReport struct {
	Version string  `json:"version"`
	Go      string  `json:"go"`
	Uptime  float64 `json:"uptime"`
	PID     int64   `json:"pid"`
	Memory  int64   `json:"memory"`
	Address string  `json:"address"`
	Data    string  `json:"data"`
	Device  struct {
		ID, Name, Slug string
	} `json:"device"`
	Libraries []struct {
		ID, Name, State string
	} `json:"libraries"`
	Jobs struct {
		Running, Queued int64
	} `json:"jobs"`
	Watch    coverage `json:"watch"`
	Problems []struct {
		Kind, Message, Remedy string
	} `json:"problems"`
}

func renderStatus(s *shell, out json.RawMessage) error {
	var st statusReport
	if err := unmarshal(out, &st); err != nil {
		return err
	}
	libraries := ""
	for i, l := range st.Libraries {
		if i > 0 {
			libraries += ", "
		}
		libraries += shown(l.Name)
		if l.State != "" && l.State != "open" {
			libraries += " (" + word(l.State) + ")"
		}
	}
	watch := ""
	if st.Watch.Folders > 0 {
		watch = st.Watch.words()
	}
	err := writeFacts(s.stdout, [][2]string{
		{"daemon", fmt.Sprintf("version %s, process %d, up %s, %s of memory", clean(st.Version), st.PID, humanSeconds(st.Uptime), humanSize(st.Memory))},
		{"address", clean(st.Address)}, {"data", shown(st.Data)}, {"device", shown(st.Device.Name)},
		{"libraries", libraries},
		{"jobs", fmt.Sprintf("%d running, %d queued", st.Jobs.Running, st.Jobs.Queued)},
		{"watching", watch},
	})
	for _, p := range st.Problems {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.stdout, "%s %s\n", s.screen.paint(red, "problem:"), clean(p.Message))
		if err == nil && p.Remedy != "" {
			_, err = fmt.Fprintf(s.stdout, "  %s\n", clean(p.Remedy))
		}
	}
	return err
}

type doctorCheck struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

type doctorReport struct {
	Checks []doctorCheck `json:"checks"`
}

func renderDoctor(s *shell, out json.RawMessage) error {
	var r doctorReport
	if err := unmarshal(out, &r); err != nil {
		return err
	}
	wide := 0
	for _, c := range r.Checks {
		wide = max(wide, columns(c.Name))
	}
	for _, c := range r.Checks {
		mark := s.screen.paint(green, "ok  ")
		if !c.OK {
			mark = s.screen.paint(red, "FAIL")
		}
		if _, err := fmt.Fprintf(s.stdout, "%s  %s  %s\n", mark, pad(clean(c.Name), wide, false), clean(c.Message)); err != nil {
			return err
		}
		if !c.OK && c.Remedy != "" {
			if _, err := fmt.Fprintf(s.stdout, "      %s\n", clean(c.Remedy)); err != nil {
				return err
			}
		}
	}
	return nil
}
