package stories

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"docserve/internal/compare"
	"docserve/internal/testenv"
)

// sphinx runs a plain sphinx-build and returns what it prints.
func (p *project) sphinx(arguments ...string) string {
	p.t.Helper()
	cmd := exec.Command(testenv.Python(p.t, p.python), append([]string{"-m", "sphinx"}, arguments...)...)
	cmd.Dir = p.dir
	output, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("sphinx-build %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// equalsClean compares the output directory with that of a clean build with the
// same arguments.
func (p *project) equalsClean(arguments ...string) {
	p.t.Helper()
	clean, err := os.MkdirTemp(p.dir, "clean-")
	if err != nil {
		p.t.Fatal(err)
	}
	defer os.RemoveAll(clean)
	html := filepath.Join(clean, "html")
	p.sphinx(append(arguments, "-q", "-d", filepath.Join(clean, "doctrees"), p.source, html)...)
	differences, err := compare.Directories(p.output, html)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range differences {
		p.t.Errorf("not what a clean build writes: %s", d)
	}
}

// git runs git in the source directory, with nobody's configuration.
func (p *project) git(arguments ...string) {
	p.t.Helper()
	path, err := exec.LookPath("git")
	if err != nil {
		testenv.Missing(p.t, "git: %v", err)
	}
	cmd := exec.Command(path, arguments...)
	cmd.Dir = p.source
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org")
	if output, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("git %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}
