package filekind

import (
	"bytes"
	"strconv"
	"strings"
)

// IsTar knows a tar by its mark, or by the sum of its first block.
func IsTar(b []byte) bool {
	if len(b) < 512 {
		return false
	}
	if bytes.HasPrefix(b[257:], []byte("ustar")) {
		return true
	}
	sum := int64(0)
	for i, c := range b[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	told, err := strconv.ParseInt(strings.Trim(string(b[148:156]), " \x00"), 8, 64)
	return err == nil && told == sum && b[0] != 0
}
