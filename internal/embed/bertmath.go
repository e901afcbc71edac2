package embed

import "math"

// apply sets out to the product of each row of x with the matrix. Two rows of the
// matrix meet four of x at a time, which keeps the processor's adders busy.
func (l *linear) apply(out, x []float32) {
	n, in := len(x)/l.in, l.in
	for o := 0; o < l.out; o += 2 {
		second := min(o+1, l.out-1) // the same again where the number is odd
		w0, w1 := l.weight[o*in:][:in], l.weight[second*in:][:in]
		b0, b1 := l.bias[o], l.bias[second]
		i := 0
		for ; i+4 <= n; i += 4 {
			y := dots(w0, w1, x[i*in:][:in], x[(i+1)*in:][:in], x[(i+2)*in:][:in], x[(i+3)*in:][:in])
			for j := range 4 {
				out[(i+j)*l.out+o] = y[j] + b0
				out[(i+j)*l.out+second] = y[4+j] + b1
			}
		}
		for ; i < n; i++ {
			row := x[i*in:][:in]
			out[i*l.out+o] = dot(w0, row) + b0
			out[i*l.out+second] = dot(w1, row) + b1
		}
	}
}

// dots multiplies each of w0 and w1 with each of a to d.
func dots(w0, w1, a, b, c, d []float32) (y [8]float32) {
	w1, a, b, c, d = w1[:len(w0)], a[:len(w0)], b[:len(w0)], c[:len(w0)], d[:len(w0)]
	var a0, b0, c0, d0, a1, b1, c1, d1 float32
	for i, w := range w0 {
		v := w1[i]
		a0 += w * a[i]
		b0 += w * b[i]
		c0 += w * c[i]
		d0 += w * d[i]
		a1 += v * a[i]
		b1 += v * b[i]
		c1 += v * c[i]
		d1 += v * d[i]
	}
	return [8]float32{a0, b0, c0, d0, a1, b1, c1, d1}
}

// dot is the inner product of vectors of one length.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

func add(x, y []float32) {
	for i := range x {
		x[i] += y[i]
	}
}

// apply is the layer norm: each row of x gets the mean 0 and the variance 1, and
// is scaled and shifted.
func (s scaling) apply(x []float32, epsilon float64) {
	for n := len(s.weight); len(x) > 0; x = x[n:] {
		row := x[:n]
		var sum, square float64
		for _, v := range row {
			sum += float64(v)
		}
		mean := sum / float64(n)
		for _, v := range row {
			square += (float64(v) - mean) * (float64(v) - mean)
		}
		f := 1 / math.Sqrt(square/float64(n)+epsilon)
		for i, v := range row {
			row[i] = float32((float64(v)-mean)*f)*s.weight[i] + s.bias[i]
		}
	}
}

// gelu is the activation function, the exact one.
func gelu(x []float32) {
	for i, v := range x {
		x[i] = float32(0.5 * float64(v) * (1 + math.Erf(float64(v)/math.Sqrt2)))
	}
}

// softmax makes weights of scores, which sum up to 1.
func softmax(x []float32) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	var sum float64
	for i, v := range x {
		e := math.Exp(float64(v - most))
		x[i] = float32(e)
		sum += e
	}
	f := float32(1 / sum)
	for i := range x {
		x[i] *= f
	}
}
