package search

import (
	"regexp"
	"regexp/syntax"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// maxRegex is the length of the longest regular expression, in bytes.
const maxRegex = 500

// newRegex fits names that hold what a regular expression (RE2) describes. But
// for real names, its letters stand for themselves without case and accents. The
// time it takes grows with the length of the name alone.
func newRegex(text string, real bool) (*pattern, error) {
	if len(text) > maxRegex {
		return nil, errs.New(errs.Invalid, "a regular expression may have %d bytes", maxRegex)
	}
	flags := syntax.Perl
	if !real {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(text, flags)
	if err != nil {
		return nil, errs.New(errs.Invalid, "%w", err)
	}
	n := &pattern{real: real}
	if !real {
		foldLiterals(tree)
		n.texts = regexTexts(tree)
		for _, t := range n.texts {
			planes, _ := planesOf(t)
			n.planes = append(n.planes, planes...)
		}
	}
	re, err := regexp.Compile(tree.String())
	if err != nil {
		return nil, errs.New(errs.Invalid, "%w", err)
	}
	n.match = re.Match
	return n, nil
}

// foldLiterals makes the letters of the expression those of folded names.
func foldLiterals(tree *syntax.Regexp) {
	if tree.Op == syntax.OpLiteral {
		if folded := []rune(collate.Fold(string(tree.Rune))); len(folded) > 0 {
			tree.Rune = folded
		}
	}
	for _, sub := range tree.Sub {
		foldLiterals(sub)
	}
}

// regexTexts returns folded texts that every name holds that fits.
func regexTexts(tree *syntax.Regexp) (texts [][]byte) {
	switch tree.Op {
	case syntax.OpLiteral:
		return [][]byte{[]byte(collate.Fold(string(tree.Rune)))}
	case syntax.OpCapture, syntax.OpPlus:
		return regexTexts(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return regexTexts(tree.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range tree.Sub {
			texts = append(texts, regexTexts(sub)...)
		}
	}
	return texts
}
