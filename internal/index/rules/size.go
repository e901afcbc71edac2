package rules

import (
	"math/big"
	"strings"
)

// parseSize reads "100MB" and the like as bytes, rounded down, and returns the
// size in its usual spelling as well.
func parseSize(text string) (bytes int64, canonical string, err error) {
	s := strings.TrimSpace(text)
	number := s[:len(s)-len(strings.TrimLeft(s, "0123456789."))]
	name, factor := unit(strings.TrimSpace(s[len(number):]))
	whole, fraction, dotted := strings.Cut(number, ".")
	n, ok := new(big.Rat).SetString(number)
	if !ok || factor == 0 || whole == "" || dotted && fraction == "" || len(number) > 20 {
		return 0, "", invalid("%q is no size", text).Try("Write a number and a unit, such as 100MB, 1.5GB or 512KiB.")
	}
	n.Mul(n, new(big.Rat).SetInt64(factor))
	total := new(big.Int).Quo(n.Num(), n.Denom())
	if !total.IsInt64() {
		return 0, "", invalid("%q is larger than any file", text).Try("Use a smaller size.")
	}
	return total.Int64(), number + name, nil
}

// unit returns the usual spelling of a unit and its bytes, 0 if there is none.
func unit(s string) (string, int64) {
	s = strings.ToLower(s)
	if s == "" || s == "b" {
		return "B", 1
	}
	binary, decimal := int64(1), int64(1)
	for _, letter := range []string{"k", "M", "G", "T", "P"} {
		binary, decimal = binary*1024, decimal*1000
		switch l := strings.ToLower(letter); s {
		case l, l + "b":
			return letter + "B", decimal
		case l + "ib":
			return strings.ToUpper(letter) + "iB", binary
		}
	}
	return "", 0
}
