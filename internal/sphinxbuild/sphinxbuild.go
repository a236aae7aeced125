// Package sphinxbuild knows how plain sphinx-build is told what to build: the
// beginning of its command line, which a build to compare with and a build in the
// place of a worker have in common.
package sphinxbuild

// Build is what sphinx-build is to make.
type Build struct {
	Source      string
	Config      string // directory of conf.py; "" for none (-C)
	Builder     string
	Doctrees    string // directory
	Warnings    string // file that they are written to
	Tags        []string
	Defines     []string // -D, as typed
	HTMLDefines []string // -A, as typed
}

// Arguments returns the options. Source and output directory come last on the
// command line, behind what else is wanted.
func (b Build) Arguments() []string {
	args := []string{"-b", b.Builder, "-d", b.Doctrees, "-w", b.Warnings}
	switch b.Config {
	case "":
		args = append(args, "-C")
	case b.Source:
	default:
		args = append(args, "-c", b.Config)
	}
	for _, list := range []struct {
		option string
		values []string
	}{{"-t", b.Tags}, {"-D", b.Defines}, {"-A", b.HTMLDefines}} {
		for _, value := range list.values {
			args = append(args, list.option, value)
		}
	}
	return args
}
