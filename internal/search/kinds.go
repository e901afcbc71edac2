package search

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/vfs"
)

// class is what a file is for, as its extension promises.
type class uint8

const (
	classOther class = iota
	classImage
	classVideo
	classAudio
	classDocument
	classText
	classCode
	classArchive
	classApp
	classFont
	numClasses
)

var classNames = [numClasses]string{"other", "image", "video", "audio", "document", "text", "code", "archive", "app", "font"}

// extensionsOf are the extensions of each class.
var extensionsOf = [numClasses]string{
	classImage:    "jpg jpeg jpe jfif png gif webp avif heic heif svg bmp tif tiff ico psd xcf raw cr2 cr3 nef arw dng orf rw2 raf pef srw jxl jp2 ai eps kra",
	classVideo:    "mp4 m4v mkv webm mov avi wmv flv mpg mpeg m2ts mts 3gp 3g2 ogv vob divx asf rm rmvb",
	classAudio:    "mp3 flac ogg oga opus wav m4a m4b aac wma aiff aif alac ape mid midi amr mka dsf dff",
	classDocument: "pdf doc docx odt rtf pages xls xlsx ods numbers csv tsv ppt pptx odp key epub mobi azw azw3 djvu ps tex xps odg vsd vsdx msg eml mbox ics vcf",
	classText:     "txt md markdown rst org log nfo readme srt sub vtt ass asc adoc textile",
	classCode: "go py pyi c h cc cpp cxx hpp hh hxx rs js mjs cjs jsx ts tsx java kt kts swift rb php pl pm lua sh bash zsh fish ps1 bat cmd cs fs vb scala clj cljs " +
		"ex exs erl hrl hs ml mli r jl dart m mm sql html htm css scss sass less vue svelte xml xsl xsd json jsonl yaml yml toml ini cfg conf proto graphql gradle cmake mk diff patch ipynb asm s nim zig v sol tf",
	classArchive: "zip tar gz tgz bz2 tbz xz txz zst 7z rar lz lzma lz4 cab iso img dmg jar war ar cpio deb rpm br z",
	classApp:     "exe msi apk app appimage ipa dll so dylib bin com run elf wasm flatpak snap sys ko",
	classFont:    "ttf otf woff woff2 ttc eot pfb",
}

// classes tells the class of an extension.
var classes = func() map[string]class {
	all := map[string]class{}
	for c, exts := range extensionsOf {
		for e := range strings.FieldsSeq(exts) {
			all[e] = class(c)
		}
	}
	return all
}()

// kindOf is what people call an entry: its class if it is a file.
func kindOf(kind vfs.Kind, c class) string {
	if kind == vfs.File {
		return classNames[c]
	}
	return kind.String()
}

// kindNames are the names that people may ask a kind by, beside those of kindOf.
var kindNames = map[string]string{
	"images": "image", "photo": "image", "photos": "image", "picture": "image", "pictures": "image",
	"videos": "video", "movie": "video", "movies": "video", "music": "audio", "sound": "audio",
	"documents": "document", "doc": "document", "docs": "document", "source": "code", "archives": "archive", "fonts": "font",
	"folders": "folder", "dir": "folder", "directory": "folder", "files": "file", "link": "symlink", "program": "app", "apps": "app",
}

// allKinds lists what an entry can be.
func allKinds() []string {
	kinds := slices.Clone(classNames[:])
	for k := vfs.File; k <= vfs.BlockDevice; k++ {
		kinds = append(kinds, k.String())
	}
	return kinds
}

func isKind(name string) bool { return slices.Contains(allKinds(), name) }
