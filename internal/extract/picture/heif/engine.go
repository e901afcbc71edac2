// Package heif decodes HEIC and AVIF pictures, by libheif and libavif as
// WebAssembly: inside walls of their own, with bounded memory, and on every
// system without a C compiler. It reads their boxes itself, to find a small
// picture beside the large one, and which way is up.
package heif

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"io"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/stardrive/stardrive/internal/errs"
)

//go:embed lib/heif.wasm.gz
var heicCode []byte

//go:embed lib/avif.wasm.gz
var avifCode []byte

// maxMemory is what a decoder may use for one picture.
const maxMemory = 448 << 20

// What decoders were seen to use for a pixel: HEIC, and AVIF of 8 bits and more.
const (
	perHEIC, perAVIF, perDeepAVIF = 7, 12, 20
	perFile                       = 16 << 20
)

// errDamaged is of what the decoders refuse; they give no reasons.
var errDamaged = errors.New("the picture is damaged, or coded in a way that cannot be read")

// Engine is both decoders, each compiled when it is first needed, which takes
// about a second. The zero value is ready to use. It must be closed.
type Engine struct {
	mu         sync.Mutex
	cache      wazero.CompilationCache
	runtime    wazero.Runtime
	heic, avif wazero.CompiledModule
}

// Close gives back the memory. The engine may be used again.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime == nil {
		return nil
	}
	err := e.runtime.Close(context.Background())
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(context.Background()))
	}
	e.cache, e.runtime, e.heic, e.avif = nil, nil, nil, nil
	return err
}

// Prepare compiles both decoders, which is quick where an earlier Prepare has left
// them in the folder cacheDir. That folder holds code that is run as it is: no
// process that looks into files may write there. Errors: errs.Unavailable.
func (e *Engine) Prepare(ctx context.Context, cacheDir string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime == nil && cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return errs.New(errs.Unavailable, "the folder for compiled decoders cannot be used: %v", err)
		}
		e.cache = cache
	}
	if err := e.compile(ctx, &e.heic, heicCode); err != nil {
		return err
	}
	return e.compile(ctx, &e.avif, avifCode)
}

// compile makes a decoder ready. Errors: errs.Unavailable.
func (e *Engine) compile(ctx context.Context, to *wazero.CompiledModule, packed []byte) error {
	if *to != nil {
		return nil
	}
	// It outlives what it was made for.
	ctx = experimental.WithCompilationWorkers(context.WithoutCancel(ctx), runtime.GOMAXPROCS(0))
	code, err := unpack(packed)
	if err == nil && e.runtime == nil {
		config := wazero.NewRuntimeConfig().WithMemoryLimitPages(maxMemory >> 16)
		if e.cache != nil {
			config = config.WithCompilationCache(e.cache)
		}
		e.runtime = wazero.NewRuntimeWithConfig(ctx, config)
		_, err = wasi_snapshot_preview1.Instantiate(ctx, e.runtime)
	}
	if err == nil {
		*to, err = e.runtime.CompileModule(ctx, code)
	}
	if err != nil {
		return errs.New(errs.Unavailable, "the decoder cannot be started: %v", err)
	}
	debug.FreeOSMemory() // what compiling took is not needed again
	return nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// run is one decoder at work on one file: its memory, and what it exports.
type run struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one call
	module api.Module
	input  uint64
	size   int
	err    error
}

// start makes a decoder with the file in its memory, and room for what a picture of
// so many bytes will take.
func (e *Engine) start(ctx context.Context, code wazero.CompiledModule, data []byte, room int) (*run, error) {
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		return &memory{buf: make([]byte, 0, min(uint64(perFile+len(data)+room), most))}
	}))
	m, err := e.runtime.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, errs.New(errs.Unavailable, "the decoder cannot be started: %v", err)
	}
	r := &run{ctx: ctx, module: m, size: len(data)}
	if r.input = r.alloc(len(data)); r.err == nil && !m.Memory().Write(uint32(r.input), data) {
		r.err = errDamaged
	}
	if r.err != nil {
		err := r.err
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *run) close() { _ = r.module.Close(r.ctx) }

// memory is what a decoder works in: made once at the size that it is known to
// take, because growing means two of them for a while.
type memory struct{ buf []byte }

// Reallocate implements experimental.LinearMemory.
func (m *memory) Reallocate(size uint64) []byte {
	if size > maxMemory {
		return nil
	}
	if size > uint64(cap(m.buf)) {
		grown := make([]byte, size, min(maxMemory, size+size/4))
		copy(grown, m.buf)
		m.buf = grown
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free implements experimental.LinearMemory.
func (m *memory) Free() { m.buf = nil }

// call calls a function; the first error stays.
func (r *run) call(name string, args ...uint64) uint64 {
	if r.err != nil {
		return 0
	}
	f := r.module.ExportedFunction(name)
	if f == nil {
		r.err = fmt.Errorf("the decoder has no %s", name)
		return 0
	}
	out, err := f.Call(r.ctx, args...)
	if err != nil || len(out) != 1 {
		r.err = errDamaged // it ended itself, or ran against its walls
		return 0
	}
	return out[0]
}

// alloc takes memory of the decoder, all zero. It goes with the run.
func (r *run) alloc(n int) uint64 {
	p := r.call("malloc", uint64(n))
	if r.err == nil && p == 0 {
		r.err = errors.New("the picture is too large to decode")
	}
	return p
}

// numbers reads what the decoder has told of a picture.
func (r *run) numbers(at uint64, out ...*int) {
	for i, p := range out {
		v, ok := r.module.Memory().ReadUint32Le(uint32(at) + uint32(4*i))
		if !ok && r.err == nil {
			r.err = errDamaged
		}
		*p = int(v)
	}
}

// take copies what the decoder has made.
func (r *run) take(at uint64, n int) []byte {
	if r.err != nil {
		return nil
	}
	b, ok := r.module.Memory().Read(uint32(at), uint32(n))
	if !ok {
		r.err = errDamaged
		return nil
	}
	return bytes.Clone(b)
}

// tidy gives memory back at once after a large picture.
func tidy(pixels int) {
	if pixels > 4<<20 {
		debug.FreeOSMemory()
	}
}

// Fits says whether a picture of that size may be decoded.
type Fits func(width, height, bytesPerPixel int) error // bytes that are held at once

// HEIC decodes a picture, upright, of about so many pixels as its boxes tell.
// Errors are for people, or errs.Unavailable.
func (e *Engine) HEIC(ctx context.Context, data []byte, pixels int, fits Fits) (image.Image, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer tidy(pixels)
	if err := e.compile(ctx, &e.heic, heicCode); err != nil {
		return nil, err
	}
	r, err := e.start(ctx, e.heic, data, perHEIC*pixels)
	if err != nil {
		return nil, err
	}
	defer r.close()
	told := r.alloc(5 * 4)
	width, height, space, chroma, premultiplied := told, told+4, told+8, told+12, told+16
	decode := func(headOnly, out uint64) bool {
		return r.call("decode", r.input, uint64(r.size), headOnly, width, height, space, chroma, premultiplied, out) != 0
	}
	ok := decode(1, 0)
	var p planes
	r.numbers(told, &p.width, &p.height, &p.space, &p.chroma, &p.premultiplied)
	if r.err != nil || !ok {
		return nil, errDamaged
	}
	if err := fits(p.width, p.height, perHEIC); err != nil {
		return nil, err
	}
	size := p.size()
	if size <= 0 {
		return nil, errDamaged
	}
	out := r.alloc(size + size/8) // the decoder's rows may be a little longer
	ok = decode(0, out)
	pix := r.take(out, size)
	if r.err != nil || !ok {
		return nil, errDamaged
	}
	return p.image(pix), nil
}

// AVIF decodes a picture as it is stored, of about so many pixels as its boxes
// tell. Errors are for people, or errs.Unavailable.
func (e *Engine) AVIF(ctx context.Context, data []byte, pixels int, fits Fits) (image.Image, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer tidy(pixels)
	if err := e.compile(ctx, &e.avif, avifCode); err != nil {
		return nil, err
	}
	r, err := e.start(ctx, e.avif, data, perAVIF*pixels)
	if err != nil {
		return nil, err
	}
	defer r.close()
	told, delay := r.alloc(4*4), r.alloc(8)
	decode := func(headOnly, out uint64) bool {
		return r.call("decode", r.input, uint64(r.size), headOnly, 0, told, told+4, told+8, told+12, delay, out) != 0
	}
	ok := decode(1, 0)
	var width, height, depth, count int
	r.numbers(told, &width, &height, &depth, &count)
	if r.err != nil || !ok || depth > 16 {
		return nil, errDamaged
	}
	bytesPerPixel := 4
	if depth > 8 {
		bytesPerPixel = 8
	}
	used := perAVIF
	if depth > 8 {
		used = perDeepAVIF
	}
	if err := fits(width, height, used); err != nil {
		return nil, err
	}
	size := width * height * bytesPerPixel
	out := r.alloc(size)
	ok = decode(0, out)
	pix := r.take(out, size)
	if r.err != nil || !ok {
		return nil, errDamaged
	}
	if depth <= 8 {
		return &image.RGBA{Pix: pix, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}, nil
	}
	for i := 0; i+1 < len(pix); i += 2 { // Go's pictures have the high byte first
		pix[i], pix[i+1] = pix[i+1], pix[i]
	}
	return &image.RGBA64{Pix: pix, Stride: 8 * width, Rect: image.Rect(0, 0, width, height)}, nil
}
