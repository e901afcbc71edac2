// Package pdf reads PDF documents: their words, what they say of themselves, and
// a picture of the first page. It does so with PDFium, which runs as WebAssembly:
// inside walls of its own, without files, clock or network, and on every system
// without a C compiler.
//
// It knows nothing of the process it runs in, except that it takes a while to be
// got ready there.
package pdf

import (
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/stardrive/stardrive/internal/errs"
)

// maxMemory is what PDFium may use for one document, in pages of 64 KiB.
const maxMemory = 256 << 20 / (64 << 10)

// Engine is PDFium, which is compiled once and then reads any number of
// documents, one at a time. The zero value is ready to use. It must be closed.
type Engine struct {
	mu    sync.Mutex
	pool  pdfium.Pool
	cache wazero.CompilationCache
}

// Prepare compiles PDFium, which takes seconds and some 400 MB for a moment, or
// a tenth of a second and little memory where an earlier Prepare has left it in
// the folder cacheDir. That folder holds code that is run as it is: it belongs to
// nobody but the user, and no process that looks into files may write there. ""
// means no folder. Without Prepare, the first document waits for it.
//
// Errors: errs.Unavailable.
func (e *Engine) Prepare(ctx context.Context, cacheDir string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.prepare(ctx, cacheDir)
}

func (e *Engine) prepare(ctx context.Context, cacheDir string) error {
	if e.pool != nil {
		return nil
	}
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(maxMemory)
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return errs.New(errs.Unavailable, "the folder for compiled decoders cannot be used: %v", err)
		}
		e.cache = cache
		config = config.WithCompilationCache(cache)
	}
	pool, err := webassembly.Init(webassembly.Config{
		// It outlives what it was made for.
		Context:       experimental.WithCompilationWorkers(context.WithoutCancel(ctx), runtime.GOMAXPROCS(0)),
		MaxTotal:      1,
		FSConfig:      wazero.NewFSConfig(), // without it, it would be given the root folder
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		err = errors.Join(err, e.closeCache())
		return errs.New(errs.Unavailable, "PDFium cannot be started: %v", err)
	}
	e.pool = pool
	debug.FreeOSMemory() // what compiling took is not needed again
	return nil
}

// Close gives back the memory. The engine may be used again, which compiles anew.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pool == nil {
		return nil
	}
	err := e.pool.Close()
	e.pool = nil
	return errors.Join(err, e.closeCache())
}

func (e *Engine) closeCache() error {
	if e.cache == nil {
		return nil
	}
	cache := e.cache
	e.cache = nil
	return cache.Close(context.Background())
}

// instance returns a PDFium with nothing in its memory, for one document.
func (e *Engine) instance(ctx context.Context) (pdfium.Pdfium, error) {
	if err := e.prepare(ctx, ""); err != nil {
		return nil, err
	}
	in, err := e.pool.GetInstance(time.Minute)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "PDFium cannot be started: %v", err)
	}
	return in, nil
}
