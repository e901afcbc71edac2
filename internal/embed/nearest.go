package embed

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	// minCandidates and candidateShare tell how many rows are looked at closely: so
	// many, and one of so many more. Signs alone tell only roughly.
	minCandidates  = 1000
	candidateShare = 32
	ahead          = 16 // rows whose memory is fetched at a time
)

// Near is an owner, and how near its nearest chunk is.
type Near struct {
	Owner int64
	Chunk int     // from 0, as it was put
	Score float32 // the cosine of the angle, from -1 to 1
}

// query is a vector that is asked for.
type query struct {
	signs   []uint64
	numbers []int32
	scale   float32
}

// newQuery rounds a unit vector so finely that it hardly matters, and so roughly
// that the sum of products with eight bits fits into 32.
func (s shape) newQuery(unit []float32) *query {
	var most float32
	for _, f := range unit {
		most = max(most, f, -f)
	}
	scale := most / float32(min(1<<15-1, math.MaxInt32/(128*s.dim)))
	q := &query{signs: s.bits(unit), scale: scale, numbers: make([]int32, s.dim)}
	for i, f := range unit {
		q.numbers[i] = int32(math.RoundToEven(float64(f / scale)))
	}
	return q
}

// score is how near a row is.
func (q *query) score(s shape, p *part, row int) float32 {
	a, b := p.numbers[row*s.dim:(row+1)*s.dim], q.numbers
	var s0, s1, s2, s3 int32
	for len(a) >= 8 && len(b) >= 8 {
		s0 += int32(a[0])*b[0] + int32(a[4])*b[4]
		s1 += int32(a[1])*b[1] + int32(a[5])*b[5]
		s2 += int32(a[2])*b[2] + int32(a[6])*b[6]
		s3 += int32(a[3])*b[3] + int32(a[7])*b[7]
		a, b = a[8:], b[8:]
	}
	for i := range min(len(a), len(b)) {
		s0 += int32(a[i]) * b[i]
	}
	return float32(s0+s1+s2+s3) * p.scales[row] * q.scale
}

// scan is what one search needs, kept for the next one.
type scan struct {
	far   []uint16 // for each row of all parts, in how many signs it differs
	count []int    // how many rows differ in so many signs
	found []ref
	sink  int8 // nobody reads it: without it, fetch would do nothing
}

const notThere = math.MaxUint16 // of a dead row

// Nearest returns the k owners with the chunks nearest to v, best first, of those
// that ok accepts; a nil ok accepts all. Ties go to the lower owner. The scores are
// exact to about a hundredth, and of the true nearest ten some may be missing,
// rarely more than one in fifty. ok is asked about as few owners as will do, must
// be quick and must not call the index. Errors: errs.Invalid (v has not Dim
// numbers); errs.Cancelled; errs.Unavailable (closed); ErrUnusable.
func (x *Index) Nearest(ctx context.Context, v []float32, k int, ok func(owner int64) bool) ([]Near, error) {
	q, err := x.query(v)
	if err != nil || q == nil || k < 1 {
		return nil, err
	}
	s, _ := x.scratch.Get().(*scan)
	if s == nil {
		s = &scan{}
	}
	defer x.scratch.Put(s)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return nil, x.errClosed()
	}
	var out []Near
	err = guard(x.path, func() error {
		parts := x.parts()
		if err := s.measure(ctx, x.shape, parts, q); err != nil {
			return err
		}
		s.choose(parts, max(minCandidates, 4*k)+len(s.far)/candidateShare, ok)
		out = s.best(x.shape, parts, q, k)
		return nil
	})
	if err != nil {
		return nil, errs.In("embed.nearest", err)
	}
	return out, nil
}

// query checks v; nil: it is a vector of zeros, to which nothing is near.
func (x *Index) query(v []float32) (*query, error) {
	if len(v) != x.shape.dim || !finite(v) {
		return nil, errs.New(errs.Invalid, "the vector asked for has not %d numbers", x.shape.dim)
	}
	unit := slices.Clone(v)
	normalize(unit)
	if !nonZero(unit) {
		return nil, nil
	}
	return x.shape.newQuery(unit), nil
}

// measure counts in how many signs each row differs from the query.
func (s *scan) measure(ctx context.Context, shape shape, parts []*part, q *query) error {
	total := 0
	for _, p := range parts {
		total += p.rows()
	}
	s.far = slices.Grow(s.far[:0], total)[:total]
	s.count = slices.Grow(s.count[:0], shape.dim+1)[:shape.dim+1]
	clear(s.count)
	rest := s.far
	for _, p := range parts {
		const page = 1 << 16
		for from := 0; from < p.rows(); from += page {
			if err := ctx.Err(); err != nil {
				return err
			}
			to := min(from+page, p.rows())
			far := rest[from:to]
			differ(far, p.signs[from*shape.words:to*shape.words], q.signs)
			if p.hasDead() {
				for i := range far {
					if p.isDead(from + i) {
						far[i] = notThere
					}
				}
			}
			for _, n := range far {
				if n != notThere {
					s.count[n]++
				}
			}
		}
		rest = rest[p.rows():]
	}
	return nil
}

// differ sets each of far to the number of signs in which a row differs from q.
func differ(far []uint16, signs, q []uint64) {
	if len(q) == 4 {
		q0, q1, q2, q3 := q[0], q[1], q[2], q[3]
		for i := range far {
			s := signs[4*i:][:4]
			far[i] = uint16(bits.OnesCount64(s[0]^q0) + bits.OnesCount64(s[1]^q1) + bits.OnesCount64(s[2]^q2) + bits.OnesCount64(s[3]^q3))
		}
		return
	}
	for i := range far {
		n := 0
		for j, s := range signs[i*len(q):][:len(q)] {
			n += bits.OnesCount64(s ^ q[j])
		}
		far[i] = uint16(n)
	}
}

// choose finds the rows that differ least, at least want of those that ok accepts
// if there are so many.
func (s *scan) choose(parts []*part, want int, ok func(int64) bool) {
	s.found = s.found[:0]
	rounds := 0
	for from, ask := 0, want; from < len(s.count) && len(s.found) < want; ask *= 4 {
		to, n := from, 0
		for ; to < len(s.count) && n < ask; to++ {
			n += s.count[to]
		}
		s.collect(parts, uint16(from), uint16(to), ok)
		from = to
		rounds++
	}
	if rounds < 2 {
		return // it is in order
	}
	slices.SortFunc(s.found, func(a, b ref) int { return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.row, b.row)) })
}

// collect adds the rows that differ in from to to-1 signs, and that ok accepts.
func (s *scan) collect(parts []*part, from, to uint16, ok func(int64) bool) {
	rest, width := s.far, to-from
	last, accepted := int64(0), ok == nil
	asked := false
	for i, p := range parts {
		for row, n := range rest[:p.rows()] {
			if n-from >= width { // or less than from: the difference wraps around
				continue
			}
			if owner := p.owners[row]; ok != nil && (!asked || owner != last) {
				last, accepted, asked = owner, ok(owner), true
			}
			if accepted {
				s.found = append(s.found, ref{int32(i), int32(row)})
			}
		}
		rest = rest[p.rows():]
	}
}

// best looks at the chosen rows, and returns the best one of each of the k best
// owners. All rows of an owner are in one part, and there next to each other.
func (s *scan) best(shape shape, parts []*part, q *query, k int) []Near {
	out := make([]Near, 0, min(k, len(s.found))+1)
	var now Near
	take := func() {
		if len(out) == k && before(out[k-1], now) {
			return
		}
		at, _ := slices.BinarySearchFunc(out, now, func(a, b Near) int {
			if before(a, b) {
				return -1
			}
			return 1
		})
		out = slices.Insert(out, at, now)
		out = out[:min(k, len(out))]
	}
	for i, r := range s.found {
		if i%ahead == 0 {
			s.fetch(shape, parts, s.found[i:min(i+ahead, len(s.found))])
		}
		p := parts[r.part]
		n := Near{p.owners[r.row], int(p.chunks[r.row]), q.score(shape, p, int(r.row))}
		switch {
		case i == 0:
			now = n
		case now.Owner != n.Owner:
			take()
			now = n
		case n.Score > now.Score:
			now = n
		}
	}
	if len(s.found) > 0 {
		take()
	}
	return out
}

// fetch looks at rows that are scored next, all at once: so the processor waits for
// their memory once, and not for each of them.
func (s *scan) fetch(shape shape, parts []*part, rows []ref) {
	const line = 64
	for _, r := range rows {
		numbers := parts[r.part].numbers[int(r.row)*shape.dim:][:shape.dim]
		for i := 0; i < len(numbers); i += line {
			s.sink += numbers[i]
		}
	}
}

// before reports whether a is better than b.
func before(a, b Near) bool {
	return a.Score > b.Score || a.Score == b.Score && a.Owner < b.Owner
}

// Rescore returns how near the nearest chunk of each owner is to v, of those owners
// that have vectors. Errors: as of Nearest, but errs.Cancelled.
func (x *Index) Rescore(v []float32, owners []int64) (map[int64]float32, error) {
	out := make(map[int64]float32, len(owners))
	q, err := x.query(v)
	if err != nil || q == nil {
		return out, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return nil, x.errClosed()
	}
	err = guard(x.path, func() error {
		for _, p := range x.parts() {
			for _, owner := range owners {
				p.each(p.find(owner), func(row int) {
					score := q.score(x.shape, p, row)
					if best, known := out[owner]; !known || score > best {
						out[owner] = score
					}
				})
			}
		}
		return nil
	})
	if err != nil {
		return nil, errs.In("embed.rescore", err)
	}
	return out, nil
}

// Middle returns the middle of the vectors of owner, of unit length; nil: it has
// none. Errors: as of Rescore.
func (x *Index) Middle(owner int64) (middle []float32, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.closed {
		return nil, x.errClosed()
	}
	err = guard(x.path, func() error {
		sum := make([]float32, x.shape.dim)
		for _, p := range x.parts() {
			p.each(p.find(owner), func(row int) {
				middle = sum
				for i, n := range p.numbers[row*x.shape.dim : (row+1)*x.shape.dim] {
					sum[i] += p.scales[row] * float32(n)
				}
			})
		}
		return nil
	})
	if err != nil {
		return nil, errs.In("embed.middle", err)
	}
	if normalize(middle); !nonZero(middle) {
		return nil, nil
	}
	return middle, nil
}
