package doctor

import (
	"os"
	"runtime"
	"time"
)

// system describes program and machine.
func system(version string) System {
	s := System{Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH, Processors: runtime.NumCPU(), Now: time.Now()}
	s.Name, s.Memory = describe()
	for _, mark := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(mark); err == nil {
			s.Container = true
		}
	}
	return s
}
