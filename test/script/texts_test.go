package script

import (
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// waittexts QUERY NAME waits until a search finds a file of this name by its text,
// or by what that means: texts are read in the background.
func waitTexts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waittexts QUERY NAME")
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ts.Check(ts.Exec("stardrive", "search", args[0], "--json"))
		if out := ts.ReadFile("stdout"); strings.Contains(out, `"snippets"`) && strings.Contains(out, `"name":"`+args[1]+`"`) {
			return
		}
	}
	ts.Fatalf("%s finds no %s", args[0], args[1])
}
