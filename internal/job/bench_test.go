package job_test

import (
	"context"
	"testing"

	"github.com/stardrive/stardrive/internal/job"
)

// BenchmarkCheckpoint measures what a checkpoint costs beyond its work.
func BenchmarkCheckpoint(b *testing.B) {
	done := make(chan error)
	def := job.New("x", "X", job.Do("x", func(_ context.Context, _ job.Run, n int, _ int, checkpoint job.Checkpoint[int]) error {
		for i := range n {
			if err := checkpoint(i, job.Progress{Done: int64(i), Current: "/home/jo/Photos/2026"}, nil); err != nil {
				return err
			}
		}
		done <- nil
		return nil
	}))
	w := newWorld(b, job.Options{}, def)
	w.serve()
	b.ResetTimer()
	w.enqueue("x", b.N, job.Enqueue{})
	<-done
}
