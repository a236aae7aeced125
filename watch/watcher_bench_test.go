package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// BenchmarkSave reports how long it takes from the return of a save to its batch.
func BenchmarkSave(b *testing.B) {
	for _, files := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			dir := place(b)
			populate(b, dir, files)
			w, stop := open(b, dir)
			defer stop()
			path := filepath.Join(dir, "d0", "f0.rst")
			var slowest time.Duration
			for i := 0; b.Loop(); i++ {
				must(b, os.WriteFile(path, fmt.Appendf(nil, "save %d\n", i), 0o644))
				saved := time.Now()
				<-w.Batches()
				slowest = max(slowest, time.Since(saved))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "ms/worst")
		})
	}
}

// BenchmarkStart reports how long it takes until 10,000 files are watched and
// known, and what that costs in memory.
func BenchmarkStart(b *testing.B) {
	dir := place(b)
	populate(b, dir, 10_000)
	for b.Loop() {
		w, stop := open(b, dir)
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(memory.HeapAlloc)/(1<<20), "MB-heap")
		b.ReportMetric(float64(memory.Sys)/(1<<20), "MB-from-system")
		runtime.KeepAlive(w)
		stop()
	}
}

func populate(b *testing.B, dir string, files int) {
	text := make([]byte, 8<<10)
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("d%d", i%100), fmt.Sprintf("f%d.rst", i))
		must(b, os.MkdirAll(filepath.Dir(path), 0o755))
		must(b, os.WriteFile(path, text, 0o644))
	}
}

// open starts a Watcher on dir and waits until it is ready.
func open(b *testing.B, dir string) (w *Watcher, stop func()) {
	w, err := New(Options{Roots: []string{dir}, SourceDir: dir})
	must(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	<-w.Ready()
	return w, func() { cancel(); must(b, <-ended) }
}
