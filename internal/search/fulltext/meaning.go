package fulltext

import (
	"context"
)

func (x *Index) openVectors(context.Context, *life)         {}
func (x *Index) closeVectors(*life, bool)                   {}
func (x *Index) startMeaning(context.Context) (stop func()) { return func() {} }
