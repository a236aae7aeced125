package proc

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// asking is how long ps may take: it needs some 10 ms.
const asking = 2 * time.Second

// Memory returns the resident memory of a process in bytes, 0 where that cannot
// be told.
func Memory(pid int) int64 {
	ctx, cancel := context.WithTimeout(context.Background(), asking)
	defer cancel()
	result, err := Run(ctx, Spec{Argv: []string{"ps", "-o", "rss=", "-p", strconv.Itoa(pid)}})
	if err != nil || result.ExitCode != 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(strings.TrimSpace(string(result.Output)), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
