// Package corpus looks whether known sentences are found in real documents of
// many formats, and whether broken and hostile files do no harm. It runs the
// real program on files of Debian packages: `make corpus`.
package corpus

// sentence is something that stands in a file.
type sentence struct {
	file  string // how its path ends
	query string
	shows string // what a snippet shows of it
}

// sentences are read off the files with other programs than ours.
var sentences = []sentence{
	{"developers-reference.pdf", `"unfuzzy complete translations"`, "Unfuzzy complete translations"},
	{"gnuplot.pdf", `"tessellated 3D surface enclosing voxels"`, "tessellated 3D surface"},
	{"policy.pdf", `"very important to make these scripts idempotent"`, "idempotent"},
	{"developers-reference.epub", `"do not abuse debconf"`, "Do not abuse debconf"},
	{"doc_examples/example.docx", `"nunc vitae nulla interdum volutpat"`, "Phasellus nec nunc vitae nulla"},
	{"doc_examples/example.pptx", `"some text and some list"`, ""},
	{"api-for-odfpy.odt", `"essentially an abstraction layer just above"`, "abstraction layer"},
	{"countrystatistics.ods", `"Czech Republic" Latvia density`, ""},
	{"deaths.xlsx", `"Florence Henderson" journalist`, "Florence Henderson"},
	{"mail/msg_07.eml", `"dingus fish"`, "dingus fish"},
	{"mail/msg_02.eml", `"mailing list submissions"`, "mailing list submissions"},
	{"sample-spam.txt", "GTUBE unsolicited", "GTUBE"},
	{"test_email/test_message.py", "TestEmailMessage", "TestEmailMessage"},
	{"testtar.tar", `"lnktype"`, "lnktype"},
	{"ziptestdata.zip", `"binary.file"`, "binary.file"},
	{"real/ours/subtitle.srt", `"seventeen purple umbrellas"`, "seventeen purple umbrellas"},
	{"real/ours/letter.rtf", `"cinnamon harbour"`, "cinnamon harbour"},
	{"real/ours/koi8.txt", "картофель", "картофель"},
	{"real/ours/sjis.txt", "東京", "東京"},
	{"real/ours/utf16.txt", `"quicksilver lantern"`, "quicksilver lantern"},
	{"real/ours/mailbox.mbox", `"velvet thunder"`, "velvet thunder"},
}
