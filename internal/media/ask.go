package media

import (
	"context"
	"io"
	"os"
	"time"
)

// Kind is a sort of sidecar: what can be derived of a content.
type Kind string

// The sorts of sidecars. They are stored, and part of addresses.
const (
	FactsOf   Kind = "facts"     // what is known of it: Facts, with the blurhash of what can be seen
	TextOf    Kind = "text"      // the words in it
	Thumb256  Kind = "thumb256"  // a picture of it, its longer side as many pixels: JPEG, or PNG where it can be seen through
	Thumb512  Kind = "thumb512"  // of a document its first page, of a song its cover, of a video a scene
	Thumb1024 Kind = "thumb1024" //
	Strip     Kind = "strip"     // of a video: scenes side by side, JPEG
)

// Source is the file that something is derived of. It is read in pieces.
type Source struct {
	io.ReaderAt
	Size int64
	// File is the open file where it is one of this machine's; nil else. It is
	// what programs beside ours are given to read.
	File *os.File
}

// Ask says what to derive.
type Ask struct {
	Name string `cbor:"1,keyasint"` // of the file: raw bytes; a hint, no more
	Kind string `cbor:"2,keyasint"` // of its bytes, in the words of package filekind
	MIME string `cbor:"3,keyasint"`
	Want []Kind `cbor:"4,keyasint"`
	OCR  bool   `cbor:"5,keyasint"` // text of pictures too, where that is installed
}

// Answer is what was derived. Of each Kind that was wanted there is something in
// it, or a word in Failed, or neither: then there is nothing of that sort in the
// file, as there are no words in a song.
type Answer struct {
	Facts    *Facts           `cbor:"1,keyasint"`
	Text     *Text            `cbor:"2,keyasint"`
	Pictures map[Kind]Picture `cbor:"3,keyasint"`
	Failed   map[Kind]string  `cbor:"4,keyasint"` // why, for people
}

// Text is the words of a file.
type Text struct {
	Title    string `cbor:"1,keyasint"` // as the document itself has it; may be empty
	Body     string `cbor:"2,keyasint"` // valid UTF-8, paragraphs apart by line breaks, pages by form feeds
	Language string `cbor:"3,keyasint"` // BCP 47, "" if unknown
	Cut      bool   `cbor:"4,keyasint"` // there was more than is taken
}

// Picture is an encoded picture.
type Picture struct {
	MIME   string `cbor:"1,keyasint"`
	Bytes  []byte `cbor:"2,keyasint"`
	Width  int    `cbor:"3,keyasint"`
	Height int    `cbor:"4,keyasint"`
}

// Facts are what is known of a content beyond its kind. Zero values are unknown.
type Facts struct {
	// Of what can be seen, upright.
	Width       int    `json:"width,omitempty" jsonschema:"pixels, upright"`
	Height      int    `json:"height,omitempty" jsonschema:"pixels, upright"`
	Orientation int    `json:"orientation,omitempty" jsonschema:"1 to 8, as in EXIF, already applied to width and height"`
	Blurhash    string `json:"blurhash,omitempty" jsonschema:"some colours of it in a few letters"`
	Animated    bool   `json:"animated,omitempty" jsonschema:"a picture that moves"`
	Perceptual  string `json:"perceptual,omitempty" jsonschema:"what it looks like: 16 hexadecimal digits, of which few differ between pictures that look alike"`

	// Of photos.
	Taken     time.Time `json:"taken,omitzero" jsonschema:"when it was taken, or a document was made"`
	Camera    string    `json:"camera,omitempty" jsonschema:"maker and model"`
	Lens      string    `json:"lens,omitempty" jsonschema:"maker and model"`
	Exposure  string    `json:"exposure,omitempty" jsonschema:"seconds, such as 1/250"`
	Aperture  float64   `json:"aperture,omitempty" jsonschema:"f-number"`
	ISO       int       `json:"iso,omitempty" jsonschema:"sensitivity"`
	Focal     float64   `json:"focal,omitempty" jsonschema:"millimetres"`
	Flash     bool      `json:"flash,omitempty" jsonschema:"it fired"`
	Latitude  *float64  `json:"latitude,omitempty" jsonschema:"degrees north"`
	Longitude *float64  `json:"longitude,omitempty" jsonschema:"degrees east"`
	Altitude  *float64  `json:"altitude,omitempty" jsonschema:"metres"`
	Caption   string    `json:"caption,omitempty" jsonschema:"as the photo has it"`
	Keywords  []string  `json:"keywords,omitempty" jsonschema:"as the photo has them"`
	Rating    int       `json:"rating,omitempty" jsonschema:"1 to 5 stars"`

	// Of video and sound.
	Duration   float64 `json:"duration,omitempty" jsonschema:"seconds"`
	VideoCodec string  `json:"video_codec,omitempty" jsonschema:"how pictures are packed"`
	AudioCodec string  `json:"audio_codec,omitempty" jsonschema:"how sound is packed"`
	FrameRate  float64 `json:"frame_rate,omitempty" jsonschema:"pictures a second"`
	SampleRate int     `json:"sample_rate,omitempty" jsonschema:"hertz"`
	Channels   int     `json:"channels,omitempty" jsonschema:"of sound"`
	Bitrate    int64   `json:"bitrate,omitempty" jsonschema:"bits a second"`
	Artist     string  `json:"artist,omitempty" jsonschema:"as the recording has it"`
	Album      string  `json:"album,omitempty" jsonschema:"as the recording has it"`
	Track      int     `json:"track,omitempty" jsonschema:"number on the album"`
	Genre      string  `json:"genre,omitempty" jsonschema:"of music"`
	Year       int     `json:"year,omitempty" jsonschema:"of a recording"`

	// Of documents, code, archives and fonts.
	Title    string `json:"title,omitempty" jsonschema:"as the file itself has it"`
	Author   string `json:"author,omitempty" jsonschema:"as the document has it"`
	Subject  string `json:"subject,omitempty" jsonschema:"as the document has it"`
	Pages    int    `json:"pages,omitempty" jsonschema:"how many"`
	Words    int    `json:"words,omitempty" jsonschema:"how many"`
	Lines    int    `json:"lines,omitempty" jsonschema:"how many"`
	Language string `json:"language,omitempty" jsonschema:"of words: BCP 47; of code: its name"`
	Encoding string `json:"encoding,omitempty" jsonschema:"of text: character set"`
	Members  int    `json:"members,omitempty" jsonschema:"files in an archive, messages in a mailbox"`
	Unpacked int64  `json:"unpacked,omitempty" jsonschema:"bytes in an archive, unpacked"`
	Family   string `json:"family,omitempty" jsonschema:"of a font"`
	Style    string `json:"style,omitempty" jsonschema:"of a font"`
}

// Decoder derives. It never fails for what is in a file: that is in the Answer.
// Errors: errs.Unavailable (it cannot work now; try later), errs.Cancelled, and
// *Poison: this file must not be tried again. Any other is a fault of the Decoder,
// which says nothing about the file.
type Decoder interface {
	Derive(ctx context.Context, ask Ask, src Source) (Answer, error)
}

// TooLong is the Reason, or the word in Failed, where nothing is wrong but that it
// takes too long: that is tried once more another day, on a machine less busy.
const TooLong = "it takes too long"

// Poison says that a file brought down, or held up, the process that looked
// into it.
type Poison struct{ Reason string }

// Error returns the reason, for people.
func (p *Poison) Error() string { return p.Reason }
