package embed

import (
	"strings"
	"testing"
)

// TestAskOfUnknownWords: of nonsense and of other languages the built-in model knows
// shards alone, and says so; names in a question that it knows are no harm.
func TestAskOfUnknownWords(t *testing.T) {
	e := Static()
	for text, want := range map[string]bool{
		"xqzzt flurb": false, "asdfgh": false, "qwertz": false, "frobnicate the snorgle": false, "foobarbaz quux": false, "slithy toves gimble wabe": false, "zqj": false,
		"Urlaubsfotos": false, "Rechnung vom Zahnarzt": false, "wie viel Platz ist auf der Festplatte": false, "Dateien löschen": false, "vacances à la mer": false,
		"comment supprimer un fichier": false, "fotos de las vacaciones": false, "dichiarazione dei redditi": false, "zdjęcia z wakacji": false, "фотографии из отпуска": false,
		"假期照片": false, "夏休みの写真": false, "휴가 사진": false, "صور العطلة": false, "tatil fotoğrafları": false, "": false, "...": false, "[UNK]": false,
		"holiday at the sea": true, "compress": true, "encode": true, "renaming folders": true, "printable characters": true, "fingerprint": true, "backup of my xqzzt drive": true,
		"alphabetical order": true, "grandma's apple pie": true, "password": true, "Fotos of our holiday by the sea": true, "snapshots of the backup": true, "déclaration": true,
	} {
		v, err := Ask(t.Context(), e, text)
		if err != nil || (v != nil) != want {
			t.Errorf("%q is known: %v (%v), want %v", text, v != nil, err, want)
		}
	}
	for _, text := range []string{strings.Repeat("a", 10_000), strings.Repeat("ab ", 10_000), "\xff\xfe", "é\u0301", strings.Repeat("é", 100)} {
		if _, err := Ask(t.Context(), e, text); err != nil {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}
