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

// BenchmarkSave reports how long it takes from the return of a save to its
// batch, of one file that is saved again and again.
func BenchmarkSave(b *testing.B) {
	for _, backend := range backends {
		for _, files := range []int{10, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/files=%d", backend.name, files), func(b *testing.B) {
				dir := place(b)
				populate(b, dir, files)
				w, stop := open(b, dir, backend.choose)
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
}

// BenchmarkStart reports how long it takes until many files in 1,000 or fewer
// directories are watched and known, and what that costs in memory.
func BenchmarkStart(b *testing.B) {
	for _, backend := range backends {
		for _, files := range []int{10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/files=%d", backend.name, files), func(b *testing.B) {
				dir := place(b)
				populate(b, dir, files)
				for b.Loop() {
					w, stop := open(b, dir, backend.choose)
					b.StopTimer()
					var memory runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&memory)
					b.ReportMetric(float64(memory.HeapAlloc)/(1<<20), "MB-heap")
					b.ReportMetric(float64(memory.Sys)/(1<<20), "MB-from-system")
					runtime.KeepAlive(w)
					stop()
					b.StartTimer()
				}
			})
		}
	}
}

// BenchmarkPoll reports how long one look at all directories takes.
func BenchmarkPoll(b *testing.B) {
	for _, files := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			dir := place(b)
			populate(b, dir, files)
			p := newPoller(0, func(event) {}, func(string) {})
			entries, err := os.ReadDir(dir)
			must(b, err)
			for _, e := range entries {
				must(b, p.Add(filepath.Join(dir, e.Name())))
			}
			for b.Loop() {
				p.pass(b.Context())
			}
		})
	}
}

// BenchmarkRescan reports how long it takes until all is compared after events
// were lost.
func BenchmarkRescan(b *testing.B) {
	for _, files := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			dir := place(b)
			populate(b, dir, files)
			w, stop := open(b, dir, backends[0].choose)
			defer stop()
			path := filepath.Join(dir, "d0", "f0.rst")
			for i := 0; b.Loop(); i++ {
				must(b, os.WriteFile(path, fmt.Appendf(nil, "save %d\n", i), 0o644))
				w.queue.put(func(in *intake) { in.events, in.overflow = nil, true })
				<-w.Batches()
			}
		})
	}
}

func populate(b *testing.B, dir string, files int) {
	text := make([]byte, 8<<10)
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("d%d", i%max(1, min(files/100, 1000))), fmt.Sprintf("f%d.rst", i))
		must(b, os.MkdirAll(filepath.Dir(path), 0o755))
		must(b, os.WriteFile(path, text, 0o644))
	}
}

// open starts a Watcher on dir and waits until it is ready.
func open(b *testing.B, dir string, choose func(*Options)) (w *Watcher, stop func()) {
	opts := Options{Roots: []string{dir}, SourceDir: dir}
	choose(&opts)
	w, err := New(opts)
	must(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	<-w.Ready()
	return w, func() { cancel(); must(b, <-ended) }
}
