// Package scaled decodes JPEG pictures at the size they are needed: one half, a
// quarter or an eighth of each side, by the low frequencies of each block alone.
// It grew out of Go's image/jpeg (see LICENSE), from which it differs in three
// points: it scales, it shows what there is of a picture that ends too early,
// and it reads bits eight bytes at a time. It knows no other format, no
// orientation and no colour profile.
package scaled
