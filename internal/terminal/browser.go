package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"docserve/internal/proc"
	"docserve/internal/shlex"
)

// OpenBrowser shows url in the person's browser: that of the variable BROWSER,
// or else what the system has for web pages. It does not wait for the browser,
// which is to outlive docserve, but it may take a second to let go of it. Env is os.Getenv, or stands in for it.
func OpenBrowser(ctx context.Context, url string, env func(string) string) error {
	find := finder(env)
	argv := browserCommand(runtime.GOOS, url, env("BROWSER"), find)
	if argv == nil {
		return errors.New("open browser: found none; set BROWSER to the one that you use")
	}
	result, err := proc.Run(ctx, proc.Spec{Name: "browser", Argv: detached(argv, find)})
	if err != nil {
		return fmt.Errorf("open browser: %w", err)
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("open browser: %s: %s: %s", argv[0], result.Exit, strings.TrimSpace(string(result.Output)))
	}
	return nil
}

// Browser returns the path of the program that OpenBrowser would start, "" if
// there is none.
func Browser(env func(string) string) string {
	if argv := browserCommand(runtime.GOOS, "", env("BROWSER"), finder(env)); argv != nil {
		return argv[0]
	}
	return ""
}

// finder returns a function that finds a program by its path, or by its name on
// PATH; "" if there is none.
func finder(env func(string) string) func(string) string {
	return func(name string) string {
		if strings.ContainsRune(name, '/') || strings.ContainsRune(name, os.PathSeparator) {
			if info, err := os.Stat(name); err != nil || info.IsDir() {
				return ""
			}
			return name
		}
		return proc.Executable(name, env("PATH"))
	}
}

// browserCommand returns what opens url, or nil. As in Python's webbrowser,
// BROWSER is a list of commands, in which %s stands for the URL.
func browserCommand(system, url, browsers string, find func(string) string) []string {
	for browser := range strings.SplitSeq(browsers, string(os.PathListSeparator)) {
		words, err := shlex.Split(browser)
		if err != nil || len(words) == 0 {
			continue
		}
		if words[0] = find(words[0]); words[0] == "" {
			continue
		}
		if !strings.Contains(browser, "%s") {
			return append(words, url)
		}
		for i := range words[1:] {
			words[1+i] = strings.ReplaceAll(words[1+i], "%s", url)
		}
		return words
	}
	switch system {
	case "darwin":
		return []string{"/usr/bin/open", url}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	for _, name := range []string{"xdg-open", "gio", "x-www-browser", "www-browser", "wslview"} {
		path := find(name)
		switch {
		case path == "":
		case name == "gio":
			return []string{path, "open", url}
		default:
			return []string{path, url}
		}
	}
	return nil
}

// detached has argv run in a session of its own, where the system has the means
// for it. Otherwise a browser that was not running before would belong to
// docserve's process group, and end with it.
func detached(argv []string, find func(string) string) []string {
	shell, setsid := find("sh"), find("setsid")
	if shell == "" || setsid == "" {
		return argv
	}
	// A moment passes until the command has left the group of the shell, with
	// whose end the group is killed.
	const script = `setsid=$1; shift; "$setsid" "$@" >/dev/null 2>&1 & sleep 1`
	return append([]string{shell, "-c", script, "browser", setsid}, argv...)
}
