package organize

import (
	"encoding/json"
	"strings"
)

// ruleSource is what a rule gives.
const ruleSource = "rule"

// application is how a tag came to a file, where the user did not apply it himself:
// the value of the fact.
type application struct {
	Source     string  `json:"source,omitempty"`
	By         string  `json:"by,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
	On         string  `json:"on,omitempty"` // the device that found the rule to fit
}

func (a application) String() string {
	if a == (application{}) {
		return ""
	}
	b, err := json.Marshal(a)
	if err != nil {
		return "" // strings and a number
	}
	return string(b)
}

func readApplication(value string) (a application) {
	if value != "" {
		_ = json.Unmarshal([]byte(value), &a) // what cannot be read says nothing
	}
	if a.Source == "" {
		a.Source = "user"
	}
	return a
}

// weight orders who gave a tag: the user's word counts most, that of a rule least.
func (a application) weight() int {
	switch a.Source {
	case "", "user":
		return 2
	case ruleSource:
		return 0
	}
	return 1
}

// giver names who gave a tag. The caller holds the model.
func (m *model) giver(a application) string {
	if o := m.objects[a.By]; a.Source == ruleSource && o.there() {
		return o.one[nameField]
	}
	return a.By
}

// ruled reports whether a rule gives a tag, or puts into a collection. The caller holds
// the model.
func (m *model) ruled(into string) bool {
	for id, o := range m.objects {
		if strings.HasPrefix(id, ruleTarget) && o.there() && o.one[intoField] == into {
			return true
		}
	}
	return false
}
