package python

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"docserve/internal/proc"
)

//go:embed named.py
var namedScript string

// Missing returns the extensions and themes, sorted, that the conf.py in confDir
// names literally, that the interpreter does not have, and that are no files of
// the project.
func Missing(ctx context.Context, interpreter, confDir string) ([]string, error) {
	confDir, err := filepath.Abs(confDir)
	if err != nil {
		return nil, fmt.Errorf("find what %s needs: %w", confDir, err)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	result, err := proc.Run(ctx, proc.Spec{Name: interpreter, Argv: []string{interpreter, "-c", namedScript, confDir}})
	if err != nil {
		return nil, fmt.Errorf("find what %s needs: %w", confDir, err)
	}
	for line := range bytes.Lines(result.Output) {
		if answer, ok := bytes.CutPrefix(line, []byte("docserve-named ")); ok {
			var names []string
			if err := json.Unmarshal(answer, &names); err != nil {
				return nil, fmt.Errorf("find what %s needs: %w", confDir, err)
			}
			return names, nil
		}
	}
	return nil, fmt.Errorf("find what %s needs: %s: %s", confDir, result.Exit, lastLine(result.Output))
}

// Advise says what to install, and with which commands, when message, which is
// Sphinx's own, says that a module or theme is missing; it is "" when message
// says nothing of the kind. Everything else that conf.py names and that is
// missing too is in the same command, so that one run of it is enough.
func Advise(ctx context.Context, interpreter, confDir, message string) string {
	culprit := named(message)
	if culprit == "" {
		return ""
	}
	what, known := distribution(culprit)
	lacking := []string{what}
	// Whether conf.py can be read or not, the culprit is known.
	others, _ := Missing(ctx, interpreter, confDir)
	for _, name := range others {
		if also, sure := distribution(name); sure && !slices.Contains(lacking, also) {
			lacking = append(lacking, also)
		}
	}
	f, err := probe(ctx, interpreter)
	if err != nil {
		return fmt.Sprintf("%s does not work any more: %v", interpreter, err)
	}
	f.path = interpreter
	ours := isOurs(interpreter)
	if ours {
		// That one is shared by all projects, and stays as it was made.
		f.Managed, f.Isolated = true, false
		lacking = append([]string{"sphinx"}, lacking...)
	}
	commands := strings.Join(install(f, Options{SourceDir: confDir}.complete(), !ours, lacking...), "\n  ")
	if !known {
		return fmt.Sprintf("%s cannot import %s. If that is a file of this project, conf.py must add its directory to sys.path; "+
			"if it is a published package, it is most likely called %s. To install that:\n  %s", interpreter, culprit, what, commands)
	}
	return fmt.Sprintf("%s is not installed in %s. To install it:\n  %s", culprit, interpreter, commands)
}
