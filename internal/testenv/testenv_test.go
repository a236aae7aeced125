package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"docserve/internal/proc"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a testing.TB that notes how it was ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any) { r.ended = "skip " + fmt.Sprint(args...); runtime.Goexit() }

func (r *recorder) Fatalf(format string, args ...any) {
	r.ended = "fail " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// end runs f with a recorder, and returns how f ended it.
func end(f func(testing.TB)) string {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.ended
}

func TestMissingIsSaid(t *testing.T) {
	t.Setenv(requireVar, "")
	t.Setenv(chromiumVar, filepath.Join(t.TempDir(), "absent"))
	ask := func(t testing.TB) { Chromium(t) }
	if got := end(ask); !strings.HasPrefix(got, "skip skipped, missing: ") || !strings.Contains(got, "absent") {
		t.Errorf("ended with %q", got)
	}
	t.Setenv(requireVar, "all")
	if got := end(ask); !strings.HasPrefix(got, "fail missing, and DOCSERVE_TEST_REQUIRE=all: ") {
		t.Errorf("ended with %q", got)
	}
	unknown := func(t testing.TB) { Python(t, "0.1") }
	t.Setenv(requireVar, "")
	if got := end(unknown); !strings.HasPrefix(got, "fail there is no environment") {
		t.Errorf("ended with %q", got)
	}
}

func TestChromiumOnPath(t *testing.T) {
	dir := t.TempDir()
	name := "google-chrome"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := chromium("", dir); err != nil || got != path {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := chromium(path, ""); err != nil || got != path {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := chromium("", t.TempDir()); err == nil {
		t.Error("no error without a browser")
	}
}

func TestEveryEnvironmentHasRequirements(t *testing.T) {
	files, err := requirements.ReadDir("requirements")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, file := range files {
		have = append(have, strings.TrimSuffix(file.Name(), ".txt"))
	}
	var want []string
	for _, e := range environments {
		want = append(want, e.name)
	}
	if want = append(want, "extensions"); !slices.Equal(have, want) {
		t.Errorf("requirements %v, names %v", have, want)
	}
	for _, name := range Names() {
		if !slices.Contains(Themes(name), "alabaster") {
			t.Errorf("themes of %s: %v", name, Themes(name))
		}
	}
}

func TestPythonCanImportWhatItPromises(t *testing.T) {
	for _, e := range environments {
		name := e.name
		t.Run(name, func(t *testing.T) {
			path := Python(t, name)
			program := "import sphinx, myst_parser, " + strings.Join(Themes(name), ", ") + "; print(sphinx.__version__)"
			result, err := proc.Run(t.Context(), proc.Spec{Argv: []string{path, "-I", "-c", program}})
			if err != nil {
				t.Fatal(err)
			}
			if result.ExitCode != 0 || !strings.HasPrefix(string(result.Output), name+".") {
				t.Errorf("%s: %s", result.Exit, result.Output)
			}
			if again := Python(t, name); again != path {
				t.Errorf("then %s, now %s", path, again)
			}
		})
	}
	// Without an interpreter, tests are skipped. That must not be most of them.
	if os.Getenv(requireVar) == "all" && len(Names()) < 4 {
		t.Errorf("interpreters were found for %v only", Names())
	}
}

func TestChromiumRuns(t *testing.T) {
	path := Chromium(t)
	result, err := proc.Run(t.Context(), proc.Spec{Argv: []string{path, "--version"}})
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 || !strings.Contains(strings.ToLower(string(result.Output)), "chrom") {
		t.Errorf("%s: %s", result.Exit, result.Output)
	}
}
