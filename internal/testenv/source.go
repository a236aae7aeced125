package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"docserve/internal/proc"
)

// Source returns a directory with an unpacked source distribution, such as
// those of Sphinx and Django, which hold their documentation. It must not be
// written to. The first call on a machine fetches it with pip, from wherever that
// is configured to look.
func Source(t testing.TB, python, name, version string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "docserve", "sources")
	root := filepath.Join(cache, name+"-"+version)
	if _, err := os.Stat(root); err == nil {
		return root
	}
	if err := fetchSource(t, cache, python, name, version); err != nil {
		Missing(t, "the sources of %s %s: %v", name, version, err)
	}
	return root
}

// fetchSource makes the directory, whole or not at all.
func fetchSource(t testing.TB, cache, python, name, version string) error {
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return err
	}
	making, err := os.MkdirTemp(cache, "making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(making)
	full := name + "-" + version
	for _, argv := range [][]string{
		{python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", name + "==" + version},
		{"tar", "-xzf", full + ".tar.gz"},
	} {
		result, err := proc.Run(t.Context(), proc.Spec{Argv: argv, Dir: making})
		if err != nil {
			return err
		}
		if result.ExitCode != 0 {
			return fmt.Errorf("%s: %s", argv[0], result.Output)
		}
	}
	return os.Rename(filepath.Join(making, full), filepath.Join(cache, full))
}
