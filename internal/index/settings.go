package index

import (
	"bytes"
	"encoding/json"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/index/rules"
)

// Settings are what the user chose for a location. They are stored with it.
type Settings struct {
	Rules  rules.List `json:"rules"`
	Policy Policy     `json:"policy"`
}

// settings reads those of a location. A text that this version does not
// understand is an error: to go on without a rule could index what nobody wants
// indexed.
func settings(l catalog.Location) (s Settings, err error) {
	if l.Settings == "" {
		return s, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(l.Settings)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, errs.New(errs.Unsupported, "the settings of the location are of another version of Stardrive: %w", err).At(l.Name).
			Try("Start the newer version, or remove the location and add it again.")
	}
	return s, nil
}

// set puts s into the location, which is still to be stored.
func (s Settings) set(l *catalog.Location) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	l.Settings = string(b)
	return nil
}
