package words

import "regexp"

// Secret tells whether a text holds what nobody should find by its words: a
// private key. kind is that of the file, in the words of package filekind.
func Secret(kind, text string) bool {
	const (
		block     = `-----? ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY` // PEM, OpenSSH, OpenPGP, SSH2; alone on its line or within JSON
		putty     = `PuTTY-User-Key-File-[0-9]`
		wireguard = `PrivateKey[ \t]*=[ \t]*[A-Za-z0-9+/]{43}=`
		setting   = `(?m)^[ \t]*PrivateKey[ \t]*=`
	)
	return regexp.MustCompile(block+"|"+putty+"|"+wireguard).MatchString(text) || kind == "config" && regexp.MustCompile(setting).MatchString(text)
}
