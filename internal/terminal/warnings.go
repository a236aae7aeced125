package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"docserve/runner"
)

// keepWarnings writes the file of -w. Sphinx collects in it what one build has
// to say; a server has no end, so it holds what a build would say now. It is
// put into place whole, as others may be reading it.
func (t *Terminal) keepWarnings() error {
	path := t.opts.WarningFile
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		// a pipe or a device, such as /dev/stderr, cannot be replaced
		if err := os.WriteFile(path, []byte(warningText(t.warnings)), 0o666); err != nil {
			return fmt.Errorf("write warnings: %w", err)
		}
		return nil
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make directory for warnings: %w", err)
	}
	// Not os.CreateTemp: the file is to have the rights of any other one.
	temp := path + ".docserve~"
	if err := os.WriteFile(temp, []byte(warningText(t.warnings)), 0o666); err != nil {
		return fmt.Errorf("write warnings: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("write warnings: %w", err)
	}
	return nil
}

// warningText is Sphinx's format, which has no columns: "path:line: WARNING: message
// [category]".
func warningText(diagnostics []runner.Diagnostic) string {
	var b strings.Builder
	for _, d := range diagnostics {
		switch {
		case d.Path != "" && d.Line > 0:
			fmt.Fprintf(&b, "%s:%d: ", d.Path, d.Line)
		case d.Path != "":
			fmt.Fprintf(&b, "%s: ", d.Path)
		case d.Doc != "":
			fmt.Fprintf(&b, "%s: ", d.Doc)
		}
		fmt.Fprintf(&b, "%s: %s\n", strings.ToUpper(string(d.Severity)), categorized(d))
	}
	return b.String()
}
