package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// describe is the heading of the table: when, with what, on what.
func describe(ctx context.Context, opts options, env environment) (string, error) {
	b, err := openBrowser(ctx)
	if err != nil {
		return "", err
	}
	defer b.close()
	chromium, err := b.version()
	if err != nil {
		return "", err
	}
	which := filepath.Base(opts.docserve) + " as given"
	if opts.docserve == "" {
		which = commit(ctx)
	}
	return fmt.Sprintf("%s, docserve %s, Sphinx %s, sphinx-autobuild %s, %s, %s, %d cores.\nCommand: `%s`\n\n",
		time.Now().Format("2 January 2006"), which, env.version("Sphinx"), env.version("sphinx-autobuild"),
		strings.Replace(chromium, "Chrome/", "Chromium ", 1), platform(), runtime.NumCPU(), opts.command), nil
}

// commit is the short name of the commit in the current directory, with a
// plus sign when there is more than that.
func commit(ctx context.Context) string {
	name, err := command(ctx, "", "git", "rev-parse", "--short", "HEAD")
	if err != nil {
		return "of unknown commit"
	}
	changes, err := command(ctx, "", "git", "status", "--porcelain", "--untracked-files=no")
	if err != nil || changes != "" {
		name += "+"
	}
	return name
}

// platform names the processor where that can be read, else the system.
func platform() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			}
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
