package vfs

import (
	"strings"
	"testing"
)

func TestPrivateNames(t *testing.T) {
	name := PrivateName()
	if len(name) != 30 || name == PrivateName() {
		t.Fatalf("%q is no name of its own", name)
	}
	for _, is := range []string{name, AsideOf(name)} {
		if !IsPrivate(is) || !Valid(is) {
			t.Errorf("%q is not private", is)
		}
	}
	for _, not := range []string{"", ".sd-", "photo.jpg", name + "x", AsideOf(AsideOf(name)), strings.ToUpper(name), name[1:], "a" + name, ".sd-" + strings.Repeat("1", 26), ".sd-" + strings.Repeat("é", 13)} {
		if IsPrivate(not) {
			t.Errorf("%q is private", not)
		}
	}
	stage := StageName()
	for _, is := range []string{stage, AsideOf(stage)} {
		if !IsPrivate(is) || !IsStage(is) {
			t.Errorf("%q is no stage", is)
		}
	}
	if IsStage(name) || IsStage(AsideOf(name)) || IsPrivate(stage+"u") || IsStage(AsideOf(name)+"u") {
		t.Error("what is no stage is taken for one")
	}
	batch := []Entry{{Name: name}, {Name: "a"}, {Name: AsideOf(name)}, {Name: ".sd-x"}}
	if kept := Public(batch); len(kept) != 2 || kept[0].Name != "a" || kept[1].Name != ".sd-x" {
		t.Errorf("kept %v", kept)
	}
}
