// Package media derives what is kept beside a content: facts, text and
// pictures, each made once for all copies and stored in the library's folder,
// never beside the user's file. It runs the jobs that do so and serves what is
// there. It decodes nothing itself, and never lets user's bytes be decoded in
// this process: a Decoder does that elsewhere. It knows no index and no search.
package media
