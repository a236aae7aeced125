package doctor

import (
	"context"
	"errors"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"docserve/internal/filesystem"
	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/running"
)

// Options say what serve would do. Project and Listen are required.
type Options struct {
	Version     string
	Project     project.Project // as far as it was found
	ProjectErr  error           // why it cannot be served; nil if it can
	State       string          // directory of what docserve keeps; "" if Project has no doctrees
	Python      python.Options
	NoVenv      bool // --no-venv
	NoFork      bool // --no-fork
	Tags        []string
	Defines     []string // -D, as typed
	HTMLDefines []string // -A, as typed
	Nitpicky    bool
	Host        string
	Port        int
	PortSet     bool
	Listen      func() (net.Listener, error) // as serve does
	OpenBrowser bool
	Browser     string                   // program that would show pages; "" if there is none
	Ignored     func(path string) string // the rule that keeps a path from being watched, or ""; nil ignores nothing
	Env         func(string) string      // nil is os.Getenv
	Step        func(string)             // told what is looked at, before it may take long; nil is not
	Patience    time.Duration            // for each step of loading the project; 60 s when zero
}

// Gather finds out everything. It takes a few seconds, mostly for loading the
// project, and some minutes at most, when all that can hang does.
func Gather(ctx context.Context, opts Options) Facts {
	opts = opts.complete()
	p := opts.Project
	f := Facts{System: system(opts.Version), Project: ProjectFacts{Project: p, Err: opts.ProjectErr}, NoFork: opts.NoFork}
	f.home, f.user, f.host = identity(opts.Env)
	f.Project.WorkDir, _ = os.Getwd() // without one paths are shown as they are
	opts.Step("looking for Python")
	f.Python = findPython(ctx, opts)
	if f.Python.Path != "" && (p.ConfDir != "" || p.Source != "" && opts.ProjectErr == nil) {
		opts.Step("loading conf.py and extensions")
		f.Loaded = load(ctx, opts, f.Python.Path)
		f.Project.Excluded = f.Loaded.excluded
	}
	opts.Step("looking at directories")
	f.gatherPlaces(ctx, opts)
	f.Running = findRunning(ctx, opts)
	f.Limits = limits([]int{os.Getpid(), f.Running.PID})
	if p.Source != "" {
		f.Tree = walk(ctx, append([]string{p.Source}, p.Watch...), opts.Ignored, f.System.Now)
	}
	opts.Step("looking at the port")
	f.Port = findPort(ctx, opts)
	f.Browser = Browser{
		Wanted: opts.OpenBrowser, Found: opts.Browser, ByName: opts.Env("BROWSER") != "",
		Display: runtime.GOOS == "windows" || runtime.GOOS == "darwin" || opts.Env("DISPLAY") != "" || opts.Env("WAYLAND_DISPLAY") != "",
	}
	f.Proxies = proxies(opts.Env)
	return f
}

func (o Options) complete() Options {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	if o.Ignored == nil {
		o.Ignored = func(string) string { return "" }
	}
	if o.Patience == 0 {
		o.Patience = time.Minute // as serve has for a step
	}
	return o
}

func (f *Facts) gatherPlaces(ctx context.Context, opts Options) {
	probed := map[string]Probe{} // by directory
	look := func(path string, watched bool) Place {
		place := findPlace(path)
		if place.Nearest == "" {
			return place
		}
		probe, ok := probed[place.Nearest]
		if !ok {
			probe = try(ctx, place.Nearest, watched)
			probed[place.Nearest] = probe
		}
		place.Probe = probe
		return place
	}
	if p := opts.Project; p.Source != "" {
		f.Source = look(p.Source, true)
		// What is above the sources and not there yet: the same place.
		if p.Doctrees != "" {
			f.State = look(p.Doctrees, true)
		}
		if p.Output != "" {
			f.Output = look(p.Output, true)
		}
	}
	f.Temp = look(os.TempDir(), false)
}

// findPlace looks at a directory that need not exist.
func findPlace(path string) Place {
	place := Place{Path: path}
	for dir := path; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			place.Nearest, place.Exists = dir, dir == path
			break
		}
		if dir == filepath.Dir(dir) {
			return place
		}
	}
	place.Type, place.Disk = filesystem.Type(place.Nearest), disk(place.Nearest)
	return place
}

// findPython finds the interpreter that serve would take, and installs none.
func findPython(ctx context.Context, opts Options) PythonFacts {
	var facts PythonFacts
	facts.Interpreter, facts.Passed, facts.Err = python.Search(ctx, opts.Python)
	var none *python.NotFoundError
	if !errors.As(facts.Err, &none) {
		return facts
	}
	facts.Install, facts.Explicit = none.Install, opts.Python.Explicit != ""
	if opts.NoVenv || opts.Python.Explicit != "" {
		return facts
	}
	facts.Makes = true
	if made, ok := python.Made(ctx, python.EnsureOptions{Options: opts.Python}); ok {
		facts.Interpreter, facts.Err = made, nil
	}
	return facts
}

// findRunning looks for another docserve.
func findRunning(ctx context.Context, opts Options) Running {
	if opts.State == "" {
		return Running{}
	}
	r := Running{Asked: true}
	if r.Server, r.Announced = running.Announced(opts.State); !r.Announced {
		return r
	}
	_, r.Answers = running.Find(ctx, opts.State)
	r.Alive = alive(r.PID)
	r.Same = r.Output == opts.Project.Output
	r.Secret = ""
	return r
}

// identity returns what is not to be told: home directory, user and host.
func identity(env func(string) string) (home, name, host string) {
	home, _ = os.UserHomeDir() // without one there is nothing to hide
	if current, err := user.Current(); err == nil {
		name = current.Username
	}
	if name == "" {
		name = env("USER")
	}
	host, _ = os.Hostname()
	return home, name, host
}

// proxies finds variables by which programs are led to a proxy, and whether they
// would go there for a page of this machine.
func proxies(env func(string) string) Proxies {
	var p Proxies
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"} {
		// Windows does not tell their capitals apart.
		if env(name) != "" && !(runtime.GOOS == "windows" && slices.Contains(p.Set, strings.ToLower(name))) {
			p.Set = append(p.Set, name)
		}
	}
	p.Spared = spares(env("no_proxy")) || spares(env("NO_PROXY"))
	return p
}

// spares reports whether a list of hosts that need no proxy has this machine in
// it.
func spares(list string) bool {
	for entry := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if host, _, err := net.SplitHostPort(entry); err == nil {
			entry = host
		}
		if entry == "*" || entry == "localhost" || entry == "127.0.0.1" {
			return true
		}
		if _, network, err := net.ParseCIDR(entry); err == nil && network.Contains(net.IPv4(127, 0, 0, 1)) {
			return true
		}
	}
	return false
}
