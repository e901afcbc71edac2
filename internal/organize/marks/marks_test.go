package marks

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"howett.net/plist"
	"pgregory.net/rapid"
)

var full = Marks{Tags: []Tag{{"work", "invoices"}, {"日本"}, {"<&>"}}, Stars: 4, Comment: "With Mia\n& \"Tom\""}

func TestXMPRoundTrip(t *testing.T) {
	x, err := ParseXMP(nil)
	if err != nil {
		t.Fatal(err)
	}
	x.Set(full)
	b, err := x.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	y, err := ParseXMP(b)
	if err != nil {
		t.Fatal(err)
	}
	got := y.Marks()
	if !got.Same(full) || !slices.ContainsFunc(got.Tags, func(g Tag) bool { return reflect.DeepEqual(g, full.Tags[0]) }) {
		t.Errorf("%+v\n%s", got, b)
	}
	y.Set(got)
	y.Set(got)
	if again, err := y.Bytes(); err != nil || strings.Count(string(again), "<rdf:li>") != 4 {
		t.Errorf("%v: written again:\n%s", err, again)
	}
}

// foreign is what other photo programs write: other prefixes, attributes for properties,
// several descriptions, settings of theirs.
const foreign = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <R:RDF xmlns:R="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <R:Description R:about="" xmlns:xap="http://ns.adobe.com/xap/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xap:Rating="3" crs:Exposure2012="+0.35">
   <d:description><R:Alt><R:li xml:lang="x-default">A beach</R:li><R:li xml:lang="de">Ein Strand</R:li></R:Alt></d:description>
   <crs:ToneCurve><R:Seq><R:li>0, 0</R:li><R:li>255, 255</R:li></R:Seq></crs:ToneCurve>
  </R:Description>
  <R:Description R:about="" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/">
   <d:subject><R:Bag><R:li>sea</R:li><R:li>places</R:li><R:li>Crete</R:li></R:Bag></d:subject>
   <lr:hierarchicalSubject><R:Bag><R:li>places|Crete</R:li></R:Bag></lr:hierarchicalSubject>
  </R:Description>
 </R:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`

// TestOthersSettingsStay: what a sidecar holds beside marks is there as it was.
func TestOthersSettingsStay(t *testing.T) {
	x, err := ParseXMP([]byte(foreign))
	if err != nil {
		t.Fatal(err)
	}
	m := x.Marks()
	want := Marks{Tags: []Tag{{"places", "Crete"}, {"sea"}}, Stars: 3, Comment: "A beach"}
	if !reflect.DeepEqual(m, want) {
		t.Fatalf("%+v", m)
	}
	m = Merge(Marks{Tags: []Tag{{"beach"}}, Stars: 5}, m, false)
	x.Set(m)
	b, err := x.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`crs:Exposure2012="+0.35"`, "<R:li>255, 255</R:li>", `<R:li xml:lang="de">Ein Strand</R:li>`, `<R:li xml:lang="x-default">A beach</R:li>`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("%s is gone:\n%s", part, b)
		}
	}
	y, err := ParseXMP(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := y.Marks(); got.Stars != 5 || !got.Same(m) || len(got.Tags) != 3 {
		t.Errorf("%+v\n%s", got, b)
	}
}

func TestWhatIsNoXMP(t *testing.T) {
	for _, text := range []string{"x", "<a/>", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", "<R:RDF xmlns:R='other'><R:Description/></R:RDF>", foreign[:200]} {
		if _, err := ParseXMP([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestAttributesRoundTrip(t *testing.T) {
	a := ToXDG(full, nil)
	if got := string(a[xdgTags]); got != "invoices,日本,<&>" {
		t.Error(got)
	}
	if m := FromXDG(a); !m.Same(full) {
		t.Errorf("%+v", m)
	}
	if m := FromXDG(Attrs{xdgTags: []byte("a, b/c ,,\xff, A"), kdeRating: []byte("7")}); len(m.Tags) != 2 || m.Stars != 4 || !reflect.DeepEqual(m.Tags[1], Tag{"b", "c"}) {
		t.Errorf("%+v", m)
	}
	for k, v := range ToXDG(Marks{}, nil) {
		if v != nil {
			t.Errorf("%s is %q", k, v)
		}
	}
}

// TestFinderKeepsColours: the property list is a binary one of Apple's, and a tag that had
// a colour keeps it.
func TestFinderKeepsColours(t *testing.T) {
	f := FinderOn("darwin")
	// of macOS 14: [ "Red\n6", "Holiday\n0" ]
	was := Attrs{f.Where: []byte("bplist00\xa2\x01\x02\x55Red\n6\x59Holiday\n0\x08\x0b\x11\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1b")}
	m, err := f.From(was)
	if err != nil || !reflect.DeepEqual(m.Tags, []Tag{{"Red"}, {"Holiday"}}) {
		t.Fatal(m, err)
	}
	now, err := f.To(Marks{Tags: []Tag{{"work", "Red"}, {"new"}}}, was)
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := f.lines(now); err != nil || !slices.Equal(lines, []string{"Red\n6", "new\n0"}) {
		t.Error(lines, err)
	}
	if _, err := f.From(Attrs{f.Where: []byte("bplist00\xff\xff")}); err == nil {
		t.Error("a broken list was taken")
	}
	if f := FinderOn("linux"); f.Where != "user.com.apple.metadata:_kMDItemUserTags" {
		t.Error(f.Where)
	}
}

// TestMergeLosesNothing: of two that say different things both stay, and ours comes first.
func TestMergeLosesNothing(t *testing.T) {
	names := rapid.SliceOfDistinct(rapid.StringMatching(`[a-z]{1,3}`), rapid.ID)
	rapid.Check(t, func(rt *rapid.T) {
		draw := func() (m Marks) {
			for _, n := range names.Draw(rt, "tags") {
				m.add(n)
			}
			m.Stars = rapid.IntRange(0, 5).Draw(rt, "stars")
			return m
		}
		ours, theirs := draw(), draw()
		got := Merge(ours, theirs, false)
		for _, m := range []Marks{ours, theirs} {
			for _, t := range m.Tags {
				if !got.has(t.Name()) {
					rt.Fatalf("%v is gone from %v", t, got)
				}
			}
		}
		if ours.Stars > 0 && got.Stars != ours.Stars || ours.Stars == 0 && got.Stars != theirs.Stars {
			rt.Fatal(ours, theirs, got)
		}
		if again := Merge(ours, got, false); !again.Same(got) {
			rt.Fatal("merged again:", again, got)
		}
	})
}

// FuzzParseXMP: no sidecar brings the reading down, and what was read is read again when it
// was written.
func FuzzParseXMP(f *testing.F) {
	f.Add([]byte(foreign))
	f.Add([]byte(emptyXMP))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseXMP(b)
		if err != nil {
			return
		}
		x.Set(full)
		out, err := x.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		y, err := ParseXMP(out)
		if err != nil {
			t.Fatalf("%v: %q", err, out)
		}
		if m := y.Marks(); !m.Same(full) {
			t.Fatalf("%+v of %q", m, out)
		}
	})
}

// TestFinerThanMarksStays: a rejected photo, a half star and a comment that is too long
// to be taken stay as they are when something else is written.
func TestFinerThanMarksStays(t *testing.T) {
	long := strings.Repeat("x", maxComment+1)
	text := strings.NewReplacer(`Rating="3"`, `Rating="-1"`, "A beach", long).Replace(foreign)
	x, err := ParseXMP([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	x.Set(Merge(Marks{Tags: []Tag{{"beach"}}}, x.Marks(), false))
	b, err := x.Bytes()
	if err != nil || !strings.Contains(string(b), `Rating="-1"`) || !strings.Contains(string(b), long) || !strings.Contains(string(b), ">beach<") {
		t.Errorf("%v\n%.2000s", err, b)
	}
	was := Attrs{kdeRating: []byte("7"), xdgComment: []byte(long)}
	a := ToXDG(Merge(Marks{Tags: []Tag{{"beach"}}}, FromXDG(was), false), was)
	if string(a[kdeRating]) != "7" || string(a[xdgComment]) != long || string(a[xdgTags]) != "beach" {
		t.Errorf("%.200q", a)
	}
	if a := ToXDG(Marks{Stars: 2}, was); string(a[kdeRating]) != "4" {
		t.Errorf("%q", a[kdeRating])
	}
}

// TestNothingIsLostOnRewriting: what stands there and is no tag of ours stays as it was
// written: other ways to a name, names that no tag can have; exactly ours is written where
// that is asked for.
func TestNothingIsLostOnRewriting(t *testing.T) {
	long := strings.Repeat("n", maxName+1)
	ours := Marks{Tags: []Tag{{"work", "Phoenix"}, {"new"}}}
	check := func(form string, write func(m Marks, was []string) []string, read func(all []string) Marks, had, kept, exact []string) {
		t.Helper()
		said := read(had)
		got := write(Merge(ours, said, false), had)
		if slices.Sort(got); !slices.Equal(got, kept) {
			t.Errorf("%s: %q, want %q", form, got, kept)
		}
		again := Merge(ours, read(got), false)
		if !again.Same(read(got)) {
			t.Errorf("%s: it is written again and again", form)
		}
		only := Merge(ours, said, true)
		if only.Same(said) {
			t.Errorf("%s: what stands there is not ours alone", form)
		}
		got = write(only, had)
		if slices.Sort(got); !slices.Equal(got, exact) {
			t.Errorf("%s exactly: %q, want %q", form, got, exact)
		}
	}
	xdg := func(all []string) Attrs { return Attrs{xdgTags: []byte(strings.Join(all, ","))} }
	check("xattr", func(m Marks, was []string) []string { return strings.Split(string(ToXDG(m, xdg(was))[xdgTags]), ",") }, func(all []string) Marks { return FromXDG(xdg(all)) },
		[]string{"work/Phoenix", "city/Phoenix", long, "beach"}, []string{"beach", "city/Phoenix", "new", long, "work/Phoenix"}, []string{"new", "work/Phoenix"})
	f := Finder{"x"}
	lines := func(all []string) Attrs {
		b, err := plist.Marshal(all, plist.BinaryFormat)
		if err != nil {
			t.Fatal(err)
		}
		return Attrs{"x": b}
	}
	read := func(all []string) Marks {
		m, err := f.From(lines(all))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	check("finder", func(m Marks, was []string) []string {
		a, err := f.To(m, lines(was))
		if err != nil {
			t.Fatal(err)
		}
		all, err := f.lines(a)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}, read, []string{"Phoenix\n6", "phoenix\n2", long + "\n0"}, []string{"Phoenix\n6", "new\n0", long + "\n0", "phoenix\n2"}, []string{"Phoenix\n6", "new\n0"})
	x, err := ParseXMP(nil)
	if err != nil {
		t.Fatal(err)
	}
	x.setList(hierarchy, []string{"work|Phoenix", "city|Phoenix"})
	x.setList(subject, []string{"Phoenix", long})
	x.Set(Merge(ours, x.Marks(), false))
	if got := append(x.list(hierarchy), x.list(subject)...); !slices.Equal(got, []string{"work|Phoenix", "city|Phoenix", "Phoenix", "new", long}) {
		t.Errorf("xmp: %q", got)
	}
	x.Set(Merge(ours, x.Marks(), true))
	if got := append(x.list(hierarchy), x.list(subject)...); !slices.Equal(got, []string{"work|Phoenix", "Phoenix", "new"}) {
		t.Errorf("xmp exactly: %q", got)
	}
}
