package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// The corpora are fetched with the clients that everybody has, pip and apt,
// from wherever those are configured to look; the result of each is a
// directory in the cache that is never written to again.

//go:embed data/linux
var linuxFiles embed.FS

// corpusRevision goes into the directory names: raise it when what is done to
// a corpus changes.
const corpusRevision = "r1"

// offline is added to each conf.py that refers to other sites' inventories.
const offline = "\n\n# Measured without a network: no inventories are fetched.\nintersphinx_mapping = {}\n"

// corpora prepares sources.
type corpora struct {
	cache string
	env   environment
	log   *slog.Logger
}

// prepare makes the sources of a site available and returns the directory to
// be copied and, inside it, the source directory.
func (c corpora) prepare(ctx context.Context, s site) (root, source string, err error) {
	steps := map[string]struct {
		name   string // of the directory in the cache
		source string // below it
		fetch  func(ctx context.Context, dir string) error
	}{
		"quickstart": {"quickstart", ".", c.quickstart},
		"numbered":   {"numbered", ".", c.numbered},
		"structured": {"structured", ".", c.structured},
		"sphinx":     {"sphinx-8.2.3", "doc", c.sphinx},
		"django":     {"django-5.2.1", "docs", c.django},
		"furo":       {"django-furo-5.2.1", "docs", c.furo},
		"linux":      {"linux-6.1", "Documentation", c.linux},
	}
	step, ok := steps[s.name]
	if !ok {
		return "", "", fmt.Errorf("prepare %s: unknown site", s.name)
	}
	root = filepath.Join(c.cache, step.name+"-"+corpusRevision)
	source = step.source
	if _, err := os.Stat(root); err == nil {
		return root, source, nil
	}
	c.log.Info("preparing", "site", s.name)
	making, err := os.MkdirTemp(c.cache, "making-")
	if err != nil {
		return "", "", fmt.Errorf("prepare %s: %w", s.name, err)
	}
	defer os.RemoveAll(making)
	if err := step.fetch(ctx, making); err != nil {
		return "", "", fmt.Errorf("prepare %s: %w", s.name, err)
	}
	if err := os.Rename(filepath.Join(making, "root"), root); err != nil {
		return "", "", fmt.Errorf("prepare %s: %w", s.name, err)
	}
	return root, source, nil
}

func (c corpora) quickstart(ctx context.Context, dir string) error {
	_, err := command(ctx, dir, c.env.bin("sphinx-quickstart"), "--quiet", "--no-sep",
		"--project", "Quickstart", "--author", "The authors", "-v", "1.0", "--release", "1.0",
		"--language", "en", "--no-makefile", "--no-batchfile", "root")
	return err
}

func (c corpora) sphinx(ctx context.Context, dir string) error {
	if err := c.sdist(ctx, dir, "sphinx", "8.2.3"); err != nil {
		return err
	}
	return appendTo(filepath.Join(dir, "root", "doc", "conf.py"), offline)
}

// django keeps the package beside the documentation: its conf.py takes the
// version from there, and the links to the sources.
func (c corpora) django(ctx context.Context, dir string) error {
	if err := c.sdist(ctx, dir, "django", "5.2.1"); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "root", "tests")); err != nil {
		return fmt.Errorf("drop tests: %w", err)
	}
	return appendTo(filepath.Join(dir, "root", "docs", "conf.py"), offline)
}

// furo is Django's documentation with a theme whose pages show all of the site, which
// has no place for what Django's own theme puts into its sidebars.
func (c corpora) furo(ctx context.Context, dir string) error {
	plain, _, err := c.prepare(ctx, site{name: "django"})
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, "root"), os.DirFS(plain)); err != nil {
		return fmt.Errorf("copy Django's documentation: %w", err)
	}
	return appendTo(filepath.Join(dir, "root", "docs", "conf.py"), "\nhtml_theme = \"furo\"\nhtml_theme_options = {}\nhtml_sidebars = {}\n")
}

// sdist unpacks a source distribution into dir/root.
func (c corpora) sdist(ctx context.Context, dir, name, version string) error {
	_, err := command(ctx, dir, c.env.bin("python"), "-m", "pip", "download", "--quiet",
		"--no-deps", "--no-binary", ":all:", name+"=="+version)
	if err != nil {
		return err
	}
	full := name + "-" + version
	if _, err := command(ctx, dir, "tar", "-xzf", full+".tar.gz"); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, full), filepath.Join(dir, "root"))
}

// linux unpacks the kernel's documentation from Debian's source package and
// gives it a configuration that does without the rest of the kernel.
func (c corpora) linux(ctx context.Context, dir string) error {
	const archive = "linux-source-6.1.tar.xz"
	packed := filepath.Join("/usr/src", archive)
	if _, err := os.Stat(packed); errors.Is(err, fs.ErrNotExist) {
		if _, err := command(ctx, dir, "apt-get", "download", "linux-source-6.1"); err != nil {
			return fmt.Errorf("%w\n(apt-get update may be needed before; or install linux-source-6.1)", err)
		}
		debs, err := filepath.Glob(filepath.Join(dir, "linux-source-6.1_*.deb"))
		if err != nil || len(debs) != 1 {
			return fmt.Errorf("find downloaded package: %d files, %v", len(debs), err)
		}
		if _, err := command(ctx, dir, "dpkg-deb", "--extract", debs[0], "deb"); err != nil {
			return err
		}
		packed = filepath.Join(dir, "deb", "usr", "src", archive)
	}
	root := filepath.Join(dir, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	if _, err := command(ctx, root, "tar", "-xJf", packed, "--strip-components=1", "linux-source-6.1/Documentation"); err != nil {
		return err
	}
	documentation := filepath.Join(root, "Documentation")
	for _, language := range []string{"ja_JP", "ko_KR", "it_IT", "sp_SP"} {
		if err := os.RemoveAll(filepath.Join(documentation, "translations", language)); err != nil {
			return fmt.Errorf("drop translation: %w", err)
		}
	}
	for _, name := range []string{"conf.py", "kernel_stubs.py"} {
		text, err := linuxFiles.ReadFile("data/linux/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(documentation, name), text, 0o644); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	return nil
}

func appendTo(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("add to configuration: %w", err)
	}
	if err := os.WriteFile(path, []byte(strings.TrimRight(string(old), "\n")+text), 0o644); err != nil {
		return fmt.Errorf("add to configuration: %w", err)
	}
	return nil
}
