package dups

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// makeTree makes a tree of files with sizes as people have them: most are small,
// a few hold most of the bytes. A quarter are copies of others, a few are as long
// as another and differ in one byte. It returns their bytes.
func makeTree(dir string, files int) (total int64, err error) {
	r := rand.New(rand.NewPCG(11, 12))
	random := rand.NewChaCha8([32]byte{1})
	var kept [][]byte // some to copy
	for i := range files {
		if i%200 == 0 {
			if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint(i/200)), 0o700); err != nil {
				return total, err
			}
		}
		var b []byte
		switch {
		case len(kept) > 0 && r.IntN(4) == 0:
			b = kept[r.IntN(len(kept))]
		case len(kept) > 0 && r.IntN(10) == 0:
			b = append(b, kept[r.IntN(len(kept))]...)
			b[r.IntN(len(b))] ^= 1
		default:
			b = make([]byte, 1+int(math.Min(32<<20, math.Exp(8.5+2*r.NormFloat64()))))
			_, _ = random.Read(b) // it never fails
			if r.IntN(3) == 0 && len(kept) < 2000 && len(b) < 4<<20 {
				kept = append(kept, b)
			}
		}
		total += int64(len(b))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i/200), fmt.Sprintf("f%06d", i)), b, 0o600); err != nil {
			return total, err
		}
	}
	return total, nil
}
