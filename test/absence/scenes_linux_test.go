package absence

import (
	"os"

	"golang.org/x/sys/unix"
)

// scene is one way in which things go away. Nothing of what was known may be
// absent while they are away, and all must be as it was when they are back.
type scene struct {
	name    string              // with the faults of the catalogue of faults it is about
	build   func(*stage)        // default: a file system in memory at "vol"
	at      string              // the folder that is indexed; default "vol/photos"
	breaks  func(*stage)        //
	repairs func(*stage)        //
	says    map[string]bool     // what the location may say while it is broken; nil: anything
	accept  int                 // entries that are new while it is broken, and that the user says may go with the repair
	also    func(*stage, *play) // what else must be true while it is broken; may be nil
}

func states(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// volumeScenes take the whole volume away.
var volumeScenes = []scene{
	{
		name: "D1 unplugged", breaks: func(s *stage) { s.take("vol") }, repairs: func(s *stage) { s.bring("vol") }, says: states("offline"),
	},
	{
		name: "D1 unplugged, the volume's root is the location", at: "vol",
		breaks: func(s *stage) { s.take("vol") }, repairs: func(s *stage) { s.bring("vol") }, says: states("offline"),
	},
	{
		name: "D1 unplugged, files left below the mount point",
		build: func(s *stage) {
			s.write("vol/photos/below.txt")
			s.write("vol/photos/2024/below.txt")
			s.volume("vol")
		},
		breaks: func(s *stage) { s.take("vol") }, repairs: func(s *stage) { s.bring("vol") }, says: states("offline"),
	},
	{
		name:   "D1 real drive unplugged",
		build:  func(s *stage) { s.drive("a.img", "vol", "photos") },
		breaks: func(s *stage) { s.umount("vol") }, repairs: func(s *stage) { s.loop("a.img", "vol") }, says: states("offline"),
	},
	{
		name:    "P8 empty remount",
		breaks:  func(s *stage) { s.take("vol"); s.tmpfs("vol") },
		repairs: func(s *stage) { s.umount("vol"); s.bring("vol") }, says: states("offline"),
	},
	{
		name:    "P8 empty remount with the same folder",
		breaks:  func(s *stage) { s.take("vol"); s.tmpfs("vol"); s.mkdir("vol/photos") },
		repairs: func(s *stage) { s.umount("vol"); s.bring("vol") }, says: states("offline"),
	},
	{
		name:    "D3 other disk at the mount point",
		breaks:  func(s *stage) { s.take("vol"); s.tmpfs("vol"); s.write("vol/photos/2024/other.jpg") },
		repairs: func(s *stage) { s.umount("vol"); s.bring("vol") }, says: states("offline"),
	},
	{
		name:  "D3 other real drive at the mount point, with the same label",
		build: func(s *stage) { s.drive("a.img", "vol", "photos") },
		breaks: func(s *stage) {
			s.umount("vol")
			s.image("b.img", "photos")
			s.loop("b.img", "vol")
			s.write("vol/photos/other.jpg")
		},
		repairs: func(s *stage) { s.umount("vol"); s.loop("a.img", "vol") }, says: states("offline"),
	},
	{
		name:   "D3 mounted over",
		breaks: func(s *stage) { s.tmpfs("vol"); s.mkdir("vol/photos") }, repairs: func(s *stage) { s.umount("vol") }, says: states("offline"),
	},
	{
		name:    "D4 same disk elsewhere",
		breaks:  func(s *stage) { s.take("vol"); s.bring("elsewhere") },
		repairs: func(s *stage) { s.take("elsewhere"); s.bring("vol") },
		says:    states("ready"), also: standsAt("elsewhere/photos"),
	},
	{
		name:  "D4 same real drive elsewhere, on another device",
		build: func(s *stage) { s.drive("a.img", "vol", "photos") },
		breaks: func(s *stage) {
			s.umount("vol")
			s.image("b.img", "other") // takes the device that was free
			s.loop("b.img", "vol")
			s.loop("a.img", "elsewhere")
		},
		repairs: func(s *stage) { s.umount("vol"); s.umount("elsewhere"); s.loop("a.img", "vol") },
		says:    states("ready"), also: standsAt("elsewhere/photos"),
	},
	{
		name:    "D4 same disk at the folder of its own location",
		breaks:  func(s *stage) { s.take("vol"); s.bring("vol/photos") },
		repairs: func(s *stage) { s.take("vol/photos"); s.bring("vol") },
		says:    states("ready"), also: standsAt("vol/photos/photos"),
	},
	{
		name:    "C10 read-only remount",
		breaks:  func(s *stage) { s.mount("tmpfs", "vol", "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "") },
		repairs: func(s *stage) { s.mount("tmpfs", "vol", "tmpfs", unix.MS_REMOUNT, "") }, says: states("ready"),
	},
	{
		name:    "D11 real drive comes back read-only",
		build:   func(s *stage) { s.drive("a.img", "vol", "photos") },
		breaks:  func(s *stage) { s.umount("vol"); s.loop("a.img", "vol", "ro") },
		repairs: func(s *stage) { s.umount("vol"); s.loop("a.img", "vol") }, says: states("ready"),
	},
	{
		name:   "B7 the mount is made read-only",
		breaks: func(s *stage) { s.mount("", "vol", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "") },
		repairs: func(s *stage) {
			s.mount("", "vol", "", unix.MS_REMOUNT|unix.MS_BIND, "")
		}, says: states("ready"),
	},
	{
		name:   "D1 one of two mounts of a volume goes",
		build:  func(s *stage) { s.volume("vol"); s.bind("vol", "second") },
		breaks: func(s *stage) { s.umount("vol") }, repairs: func(s *stage) { s.bind("second", "vol"); s.umount("second"); s.mkdir("second") },
		says: states("ready"), also: standsAt("second/photos"),
	},
	{
		name: "D1 overlay unmounted",
		build: func(s *stage) {
			tree(s, s.mkdir("lower/photos"))
			s.mkdir("upper")
			s.mkdir("work")
			overlay(s)
			s.write("vol/photos/upper.txt")
		},
		breaks: func(s *stage) { s.umount("vol") }, repairs: overlay, says: states("offline"),
	},
	{
		name:    "P8 the folder of the mount point is renamed",
		build:   func(s *stage) { s.volume("media/vol") },
		at:      "media/vol/photos",
		breaks:  func(s *stage) { s.rename("media", "run"); s.mkdir("media/vol/photos") },
		repairs: func(s *stage) { must(s, os.RemoveAll(s.path("media"))); s.rename("run", "media") },
		says:    states("ready"), also: standsAt("run/vol/photos"),
	},
}

func overlay(s *stage) {
	s.mount("overlay", "vol", "overlay", 0, "lowerdir="+s.path("lower")+",upperdir="+s.path("upper")+",workdir="+s.path("work"))
}

// standsAt says where the location must be found now.
func standsAt(rel string) func(*stage, *play) {
	return func(s *stage, p *play) {
		if got, want := p.w.location(s, p.x.id).Path, "sd://local"+s.path(rel); got != want {
			s.Errorf("the location stands at %s, want %s", got, want)
		}
	}
}

// folderScenes take folders away, or hide them.
var folderScenes = []scene{
	{
		name: "B8 tmpfs over a subfolder", breaks: func(s *stage) { s.tmpfs("vol/photos/2024") }, repairs: func(s *stage) { s.umount("vol/photos/2024") },
	},
	{
		name:   "B8 tmpfs with files over a subfolder",
		breaks: func(s *stage) { s.tmpfs("vol/photos/2024"); s.write("vol/photos/2024/a.jpg") }, repairs: func(s *stage) { s.umount("vol/photos/2024") },
	},
	{
		name: "B8 tmpfs over the location", breaks: func(s *stage) { s.tmpfs("vol/photos") }, repairs: func(s *stage) { s.umount("vol/photos") },
	},
	{
		name:   "B8 tmpfs over a folder above the location",
		build:  func(s *stage) { s.tmpfs("vol"); tree(s, s.mkdir("vol/home/me/photos")) },
		at:     "vol/home/me/photos",
		breaks: func(s *stage) { s.tmpfs("vol/home"); s.mkdir("vol/home/me/photos") }, repairs: func(s *stage) { s.umount("vol/home") },
	},
	{
		name:   "B8 bind mount of an empty folder over a subfolder",
		breaks: func(s *stage) { s.mkdir("vol/none"); s.bind("vol/none", "vol/photos/2024") }, repairs: func(s *stage) { s.umount("vol/photos/2024") },
	},
	{
		name:   "B8 bind mount of another folder over the location",
		breaks: func(s *stage) { s.write("vol/other/x"); s.bind("vol/other", "vol/photos") }, repairs: func(s *stage) { s.umount("vol/photos") },
	},
	{
		name: "B7 bind mount of a parent in a child", breaks: func(s *stage) { s.bind("vol", "vol/photos/2024/beach") }, repairs: func(s *stage) { s.umount("vol/photos/2024/beach") },
	},
	{
		name: "B7 bind mount of the location in itself", breaks: func(s *stage) { s.bind("vol/photos", "vol/photos/2025") }, repairs: func(s *stage) { s.umount("vol/photos/2025") },
	},
	{
		name: "B8 a file mounted over a file", breaks: func(s *stage) { s.bindFile("vol/photos/2024/b.jpg", "vol/photos/notes.txt") }, repairs: func(s *stage) { s.umount("vol/photos/notes.txt") },
	},
	{
		name: "P8 location renamed", breaks: func(s *stage) { s.rename("vol/photos", "vol/pictures") }, repairs: func(s *stage) { s.rename("vol/pictures", "vol/photos") },
	},
	{
		name:    "P8 location moved into another folder",
		breaks:  func(s *stage) { s.mkdir("vol/attic"); s.rename("vol/photos", "vol/attic/photos") },
		repairs: func(s *stage) { s.rename("vol/attic/photos", "vol/photos") },
	},
	{
		name:    "P8 location replaced by a file",
		breaks:  func(s *stage) { s.rename("vol/photos", "vol/saved"); s.write("vol/photos") },
		repairs: func(s *stage) { must(s, os.Remove(s.path("vol/photos"))); s.rename("vol/saved", "vol/photos") },
	},
	{
		name: "P8 location replaced by a symlink to an empty folder",
		breaks: func(s *stage) {
			s.rename("vol/photos", "vol/saved")
			s.mkdir("vol/none")
			must(s, os.Symlink("none", s.path("vol/photos")))
		},
		repairs: func(s *stage) { must(s, os.Remove(s.path("vol/photos"))); s.rename("vol/saved", "vol/photos") },
	},
	{
		name: "P8 location replaced by a symlink to itself",
		breaks: func(s *stage) {
			s.rename("vol/photos", "vol/saved")
			must(s, os.Symlink("saved", s.path("vol/photos")))
		},
		repairs: func(s *stage) { must(s, os.Remove(s.path("vol/photos"))); s.rename("vol/saved", "vol/photos") },
	},
	{
		name:   "P8 folder above the location renamed",
		build:  func(s *stage) { s.tmpfs("vol"); tree(s, s.mkdir("vol/home/me/photos")) },
		at:     "vol/home/me/photos",
		breaks: func(s *stage) { s.rename("vol/home", "vol/users") }, repairs: func(s *stage) { s.rename("vol/users", "vol/home") },
	},
	{
		name:  "P8 folder above the location replaced by a symlink",
		build: func(s *stage) { s.tmpfs("vol"); tree(s, s.mkdir("vol/home/me/photos")) },
		at:    "vol/home/me/photos",
		breaks: func(s *stage) {
			s.rename("vol/home", "vol/users")
			s.mkdir("vol/elsewhere/me/photos")
			must(s, os.Symlink("elsewhere", s.path("vol/home")))
		},
		repairs: func(s *stage) { must(s, os.Remove(s.path("vol/home"))); s.rename("vol/users", "vol/home") },
	},
	{
		name: "B8 what was mounted in a location is unmounted",
		build: func(s *stage) {
			s.volume("vol")
			s.tmpfs("vol/photos/2025/mounted")
			s.write("vol/photos/2025/mounted/x")
		},
		breaks: func(s *stage) { s.umount("vol/photos/2025/mounted") }, repairs: func(s *stage) { s.tmpfs("vol/photos/2025/mounted") },
		says: states("ready"),
	},

	// Another folder stands where the location was: nobody can tell that from a
	// location that was emptied, so it is asked about however little is gone.
	{
		name:    "P8 location replaced by an empty folder",
		breaks:  func(s *stage) { s.rename("vol/photos", "vol/saved"); s.mkdir("vol/photos") },
		repairs: func(s *stage) { must(s, os.Remove(s.path("vol/photos"))); s.rename("vol/saved", "vol/photos") }, says: states("held"),
	},
	{
		name:    "P8 location replaced by another folder",
		breaks:  func(s *stage) { s.rename("vol/photos", "vol/saved"); s.write("vol/photos/2024/else.txt") },
		repairs: func(s *stage) { must(s, os.RemoveAll(s.path("vol/photos"))); s.rename("vol/saved", "vol/photos") }, says: states("held"),
		accept: 1,
	},
}
