package sdpath

import (
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestParseAnyUnix(t *testing.T) {
	const cwd, home = "/work/here", "/home/jamie"
	for in, want := range map[string]string{
		"/":                       "sd://local/",
		"//":                      "sd://local/",
		"/a/b":                    "sd://local/a/b",
		"///a//b/":                "sd://local/a/b",
		"/a/./b/../c":             "sd://local/a/c",
		"/..":                     "sd://local/",
		"/../../etc/../..":        "sd://local/",
		"x":                       "sd://local/work/here/x",
		".":                       "sd://local/work/here",
		"..":                      "sd://local/work",
		"../../../../x":           "sd://local/x",
		"~":                       "sd://local/home/jamie",
		"~/x":                     "sd://local/home/jamie/x",
		"~/../../../x":            "sd://local/x",
		"~x":                      "sd://local/work/here/~x",
		"./~":                     "sd://local/work/here/~",
		"sd:x":                    "sd://local/work/here/sd:x",
		"sd:/x":                   "sd://local/work/here/sd:/x",
		"sd://nas/a%20b":          "sd://nas/a b",
		"/100%/%2e%2e/?#":         "sd://local/100%25/%252e%252e/%3F%23",
		"/a\xff\n":                "sd://local/a%FF%0A",
		`C:\x`:                    `sd://local/work/here/C:\x`,
		"-rf":                     "sd://local/work/here/-rf",
		"/content/x":              "sd://local/content/x",
		"/a/\u202e/.hidden/..foo": "sd://local/a/%E2%80%AE/.hidden/..foo",
	} {
		p, err := parseAny(in, cwd, home, false)
		if err != nil || p.String() != want {
			t.Errorf("ParseAny(%q) = %q, %v; want %q", in, p, err, want)
		}
	}
	for _, c := range [][3]string{{""}, {"x", ""}, {"x", "rel"}, {"~", "/", ""}, {"~/x", "/", "rel"}, {"/a\x00"}, {"x", "/\x00"},
		{"sd://"}, {"sd://local/../x"}, {"SD://local/a%2fb"}, {"/" + longText(MaxLen)}, {"/" + invalidUTF8(400000)}} {
		if p, err := parseAny(c[0], c[1], c[2], false); !errs.Is(err, errs.Invalid) {
			t.Errorf("ParseAny(%.40q) = %.40q, %v", c, p, err)
		}
	}
}

func TestParseAnyWindows(t *testing.T) {
	const cwd, home = `C:\work\here`, `c:\Users\Jamie`
	for in, want := range map[string]string{
		`C:\`:                    "sd://local/C:",
		`c:`:                     "sd://local/C:",
		`C:\a\b`:                 "sd://local/C:/a/b",
		`C:/a\b/`:                "sd://local/C:/a/b",
		`C:\..\..\x`:             "sd://local/C:/x",
		`x\y`:                    "sd://local/C:/work/here/x/y",
		`..\..\..\..\x`:          "sd://local/C:/x",
		`\x`:                     "sd://local/C:/x",
		`~\x`:                    "sd://local/C:/Users/Jamie/x",
		`\\nas\media\a`:          "sd://local/UNC/nas/media/a",
		`\\nas\media\..\..\..`:   "sd://local/UNC/nas/media",
		`\\?\C:\a`:               "sd://local/C:/a",
		`\\?\UNC\nas\media\a`:    "sd://local/UNC/nas/media/a",
		`sd://local/C:/a%5Cb`:    `sd://local/C:/a\b`,
		`D:\Ünïcode\` + "\u202e": "sd://local/D:/Ünïcode/%E2%80%AE",
	} {
		p, err := parseAny(in, cwd, home, true)
		if err != nil || p.String() != want {
			t.Errorf("ParseAny(%q) = %q, %v; want %q", in, p, err, want)
		}
	}
	for _, in := range []string{"", `C:x`, `C:\a:stream`, `a:b`, `x\y:z`, `\\nas`, `\\`, `\\..\x\y`, `\\nas\..\..`, `\\.\PhysicalDrive0`,
		`\\?\Volume{x}\a`, "C:\\a\x00"} {
		if p, err := parseAny(in, cwd, home, true); !errs.Is(err, errs.Invalid) {
			t.Errorf("ParseAny(%q) = %q, %v", in, p, err)
		}
	}
	if p, err := parseAny(`\x`, `\\nas\media\deep`, "", true); err != nil || p.Rel != "UNC/nas/media/x" {
		t.Errorf("%q, %v", p, err)
	}
}

func TestMountPoints(t *testing.T) {
	for _, c := range []struct {
		windows        bool
		root, abs, rel string
		back           string // ToOS(root, rel), if it differs from abs
	}{
		{false, "/", "/a/b", "a/b", ""},
		{false, "/", "/", "", ""},
		{false, "/mnt/usb", "/mnt/usb", "", ""},
		{false, "/mnt/usb/", "/mnt/usb/x\xff", "x\xff", ""},
		{false, "/mnt/usb", "/mnt/./usb//a/../b", "b", "/mnt/usb/b"},
		{true, `C:\`, `C:\`, "", ""},
		{true, `C:\`, `c:\a\b`, "a/b", `C:\a\b`},
		{true, `C:\mnt`, `C:\mnt\x`, "x", ""},
		{true, `\\nas\media`, `\\nas\media\x\y`, "x/y", ""},
	} {
		rel, err := fromOS(c.root, c.abs, c.windows)
		if err != nil || rel != c.rel {
			t.Errorf("FromOS(%q, %q) = %q, %v; want %q", c.root, c.abs, rel, err, c.rel)
		}
		if c.back == "" {
			c.back = c.abs
		}
		if abs, err := toOS(c.root, c.rel, c.windows); err != nil || abs != c.back {
			t.Errorf("ToOS(%q, %q) = %q, %v; want %q", c.root, c.rel, abs, err, c.back)
		}
	}
	for _, c := range []struct {
		windows   bool
		root, abs string
	}{
		{false, "/mnt/usb", "/mnt/usb2/x"}, // A14
		{false, "/mnt/usb", "/mnt/usb/../x"},
		{false, "/mnt/usb", "/mnt"},
		{false, "/mnt/usb", "mnt/usb/x"},
		{false, "mnt", "/mnt/x"},
		{true, `C:\a`, `D:\a\x`},
		{true, `C:\a`, `C:\ab`},
	} {
		if rel, err := fromOS(c.root, c.abs, c.windows); !errs.Is(err, errs.Invalid) {
			t.Errorf("FromOS(%q, %q) = %q, %v", c.root, c.abs, rel, err)
		}
	}
	for _, rel := range []string{"..", "a/../b", "/a", "a/", "a//b", "a\x00b"} {
		if abs, err := toOS("/mnt", rel, false); !errs.Is(err, errs.Invalid) {
			t.Errorf("ToOS(%q) = %q, %v", rel, abs, err)
		}
	}
	for _, rel := range []string{`..\x`, "a:b", `a\b`} { // A12
		if abs, err := toOS(`C:\mnt`, rel, true); !errs.Is(err, errs.Invalid) {
			t.Errorf("ToOS(%q) = %q, %v", rel, abs, err)
		}
	}
}

func TestOSPath(t *testing.T) {
	for _, c := range []struct {
		p       Path
		windows bool
		want    string // "" means refused
	}{
		{Path{Local, ""}, false, "/"},
		{Path{Local, "a/b\n"}, false, "/a/b\n"},
		{Path{"nas", "a"}, false, ""},
		{Path{Local, "../a"}, false, ""},
		{Path{Local, "C:"}, true, `C:\`},
		{Path{Local, "C:/a"}, true, `C:\a`},
		{Path{Local, "UNC/nas/media"}, true, `\\nas\media`},
		{Path{Local, ""}, true, ""},
		{Path{Local, "a/b"}, true, ""},
		{Path{Local, `C:/a\..\b`}, true, ""},
		{Path{Local, `C:/a:b`}, true, ""},
		{Path{Content, hash}, false, ""},
	} {
		got, err := c.p.osPath(c.windows)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q.OSPath() = %q, %v; want %q", c.p, got, err, c.want)
		}
	}
}
