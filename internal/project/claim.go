package project

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sphinx writes .buildinfo at the end of a build. A docserve that is killed in
// the middle of its first one leaves an output directory that looks foreign,
// so it is marked beforehand. The mark lies with the doctrees, since the output
// directory is to hold what Sphinx writes, and nothing else; and it is relative
// to them, so that a project can be moved.

// claims is the file that names the output directories of a doctree directory,
// one a line.
func (p Project) claims() string { return filepath.Join(p.Doctrees, ".docserve", "outputs") }

// Claim marks the output directory as one that docserve may fill, and makes
// it. It is called before the first file is written.
func (p Project) Claim() error {
	if err := os.MkdirAll(p.Output, 0o777); err != nil {
		return fmt.Errorf("make output directory: %w", err)
	}
	if p.claimed() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p.claims()), 0o777); err != nil {
		return fmt.Errorf("make doctree directory: %w", err)
	}
	file, err := os.OpenFile(p.claims(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("claim output directory: %w", err)
	}
	_, err = fmt.Fprintln(file, p.claim())
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("claim output directory: %w", err)
	}
	return nil
}

// claimed reports whether Claim was called for this output directory.
func (p Project) claimed() bool {
	text, err := os.ReadFile(p.claims())
	return err == nil && slices.Contains(strings.Split(string(text), "\n"), p.claim())
}

func (p Project) claim() string {
	rel, err := filepath.Rel(p.Doctrees, p.Output)
	if err != nil { // on another volume
		return p.Output
	}
	return filepath.ToSlash(rel)
}
