package media

// Hurrier is a Decoder with a lane for what somebody waits for.
type Hurrier interface {
	Decoder
	// Hurry returns the same Decoder, whose Derive comes before what others have
	// asked for.
	Hurry() Decoder
}

// Lacking is a Decoder that could do more with programs that may be installed.
type Lacking interface {
	Decoder
	// Missing tells what is not there, one sentence each, for people: "ffmpeg is
	// not installed: videos have no pictures." Nil: nothing.
	Missing() []string
}
