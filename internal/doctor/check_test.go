package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/running"
)

// healthy are facts of which none is a problem.
func healthy() Facts {
	place := func(path string) Place {
		return Place{
			Path: path, Exists: true, Nearest: path, Type: "ext4", Disk: Disk{Free: 80e9, Files: 1e6, Inodes: true, Known: true},
			Probe: Probe{Done: true, Event: true},
		}
	}
	return Facts{
		System: System{Version: "v1 (go, linux/amd64)", OS: "linux", Arch: "amd64", Name: "Debian", Processors: 2, Memory: 8e9, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		Project: ProjectFacts{
			Project:  project.Project{Source: "/p/docs", ConfDir: "/p/docs", Output: "/p/docs/_build/html", Doctrees: "/p/docs/_build/doctrees", Builder: "html", OutputWhy: "given"},
			Excluded: true,
		},
		Python: PythonFacts{Interpreter: python.Interpreter{Path: "/p/.venv/bin/python", Why: ".venv beside the sources", Version: "3.11.7", Sphinx: "9.0.4"}},
		Loaded: Loaded{
			Sphinx: "9.0.4", Docutils: "0.22", Wants: ">=0.20,<0.23", Config: true, Listed: []string{"a"}, Threads: 1, Fork: true, Done: true, Theme: "furo", ThemeVer: "2025.1",
			At: "theme", Extensions: []Extension{{Name: "a", Listed: true, Version: "1.0", Writes: true}},
		},
		Source: place("/p/docs"), Output: place("/p/docs/_build/html"), State: place("/p/docs/_build/doctrees"), Temp: place("/tmp"),
		Tree: Tree{Dirs: 3, Files: 40}, Limits: Limits{Watches: 8192, WatchesUsed: 10, Instances: 128, InstancesUsed: 3, OpenFiles: 1024},
		Running: Running{Asked: true}, Port: Port{Host: "127.0.0.1", Number: 8000}, Browser: Browser{Found: "/usr/bin/xdg-open", Display: true},
		home: "/home/jane", user: "jane", host: "janes-laptop.example.net",
	}
}

func TestHealthy(t *testing.T) {
	report := healthy().Report()
	if report.Problems+report.Notes != 0 || len(report.Checks) < 20 {
		t.Errorf("%d problems, %d notes:\n%s", report.Problems, report.Notes, report.Text(nil))
	}
}

func TestChecks(t *testing.T) {
	failing := func(kind, module string) *Failure {
		return &Failure{Kind: kind, Module: module, Places: []Spot{{"/usr/lib/python3/site-packages/sphinx/config.py", 9}, {"/p/docs/conf.py", 12}, {"/usr/lib/python3.11/os.py", 7}}}
	}
	for _, test := range []struct {
		name   string
		change func(*Facts)
		check  string
		level  Level
		found  string
		advice string // part of it; "" if there is none
	}{
		{"WSL", func(f *Facts) { f.System.Name = "Ubuntu, Linux 5.15-microsoft-standard" }, "system", OK, "WSL, 2 processors", ""},
		{"nameless", func(f *Facts) { f.System.Name, f.System.Container = "", true }, "system", OK, "linux/amd64, 2 processors, 8.0 GB of memory, in a container", ""},
		{"refused", func(f *Facts) {
			f.Project.Err = &project.Error{Problem: "refuse output directory x: it holds files that Sphinx did not write", Files: []string{"diary"}, Hint: "give another OUTPUTDIR"}
		}, "project", Problem, "refuse output directory x: it holds files that Sphinx did not write", "Give another OUTPUTDIR."},
		{"relative paths", func(f *Facts) {
			f.Project.WorkDir = "/p"
			f.Project.Err = &project.Error{Problem: "refuse output directory docs/_build/html: no", Hint: "did you mean docs?"}
		}, "project", Problem, "refuse output directory _build/html: no", "Did you mean .?"},
		{"no project", func(f *Facts) { f.Project.Err = errors.New("look at it") }, "project", Problem, "look at it", ""},
		{"built before", func(f *Facts) { f.Project.Adopted, f.Project.OutputWhy = true, "docs/Makefile" }, "project", OK, "built before; output directory from the Makefile", ""},

		{"passed over", func(f *Facts) {
			f.Python.Passed = []python.Attempt{{Path: "/x/python", Why: "active virtual environment, VIRTUAL_ENV", Fate: "Python 3.12.1 without Sphinx", Said: "secret"}}
		}, "Python", Note, "3.11.7: ../.venv/bin/python (.venv beside the sources), not the active environment", "--python"},
		{"no Python", func(f *Facts) { f.Python.Path, f.Python.Install = "", []string{"pip install sphinx"} }, "Python", Problem, "none that has Sphinx", "pip install sphinx"},
		{"no fitting Python", func(f *Facts) { f.Python.Path = "" }, "Python", Problem, "none that can have Sphinx", "Python 3.9"},
		{"--python", func(f *Facts) { f.Python.Path, f.Python.Explicit = "", true }, "Python", Problem, "the one that --python gives will not do", "or none"},
		{"own environment", func(f *Facts) { f.Python.Path, f.Python.Makes = "", true }, "Python", Note, "an environment of its own", ""},

		{"old Sphinx", func(f *Facts) { f.Loaded.Sphinx = "5.2.3" }, "Sphinx", Problem, "5.2.3 is too old; docserve works with 5.3 to 9.x", "later"},
		{"new Sphinx", func(f *Facts) { f.Loaded.Sphinx = "10.0.1" }, "Sphinx", Note, "10.0.1 is newer", ""},
		{"docutils", func(f *Facts) { f.Loaded.Docutils = "0.23" }, "docutils", Problem, "0.23, but this Sphinx wants >=0.20,<0.23", "docutils>=0.20,<0.23"},
		{"docutils, not known", func(f *Facts) { f.Loaded.Wants = "~=0.20" }, "docutils", OK, "0.22", ""},
		{"Sphinx is broken", func(f *Facts) {
			f.Loaded = Loaded{At: "Sphinx", Failed: failing("ImportError", "x"), Done: true}
		}, "Sphinx", Problem, "ImportError", "python -m sphinx"},
		{"conf.py raises", func(f *Facts) { f.Loaded.Failed, f.Loaded.At = failing("KeyError", ""), "conf.py" }, "conf.py", Problem, "cannot be loaded: KeyError in conf.py, line 12", "sphinx-build"},
		{"conf.py imports", func(f *Facts) {
			f.Loaded.Failed, f.Loaded.At = failing("ModuleNotFoundError", "private_stuff"), "conf.py"
		}, "conf.py", Problem, "cannot be loaded: ModuleNotFoundError in conf.py, line 12", "sphinx-build"},
		{"conf.py hangs", func(f *Facts) {
			f.Loaded.Done, f.Loaded.Hung, f.Loaded.At, f.Loaded.Waited, f.Loaded.Spot = false, true, "conf.py", time.Minute, Spot{"/p/docs/conf.py", 3}
		}, "conf.py", Problem, "stood still for 1m0s while loading conf.py, at conf.py, line 3", "loop"},
		{"extension hangs", func(f *Facts) {
			f.Loaded.Done, f.Loaded.Hung, f.Loaded.At, f.Loaded.Name, f.Loaded.Waited = false, true, "extension", "b", time.Minute
		}, "conf.py", Problem, "while loading extension b", "loop"},
		{"the process dies", func(f *Facts) { f.Loaded.Done, f.Loaded.Ended, f.Loaded.At = false, "exit status 3", "conf.py" }, "conf.py", Problem, "Python ended while loading conf.py (exit status 3)", "sphinx-build"},
		{"it cannot be started", func(f *Facts) { f.Loaded = Loaded{Err: errors.New("start Python: no")} }, "Sphinx", Problem, "could not be tried: start Python: no", "python -m sphinx"},
		{"another Sphinx is needed", func(f *Facts) {
			f.Loaded.Failed, f.Loaded.At = &Failure{Kind: "VersionRequirementError", Needs: "9.5"}, "conf.py"
		}, "conf.py", Problem, "it needs another Sphinx (9.5)", "sphinx-build"},
		{"no conf.py", func(f *Facts) { f.Loaded.Config = false }, "conf.py", OK, "none is used", ""},
		{"missing extension", func(f *Facts) {
			f.Loaded.Extensions = append(f.Loaded.Extensions, Extension{Name: "b", Listed: true, Failure: failing("ModuleNotFoundError", "b")})
			f.Loaded.Advice = map[string]string{"b": "To install it:\n  pip install b"}
		}, "extension", Problem, "b is not installed", "pip install b"},
		{"missing dependency", func(f *Facts) {
			f.Loaded.Extensions = append(f.Loaded.Extensions, Extension{Name: "b", Listed: true, Failure: failing("ModuleNotFoundError", "c.d")})
		}, "extension", Problem, "b cannot be imported: there is no module c.d", ""},
		{"broken extension", func(f *Facts) {
			f.Loaded.Extensions = []Extension{{Name: "b", Listed: true, Failure: failing("TypeError", "")}}
		}, "extension", Problem, "b cannot be loaded: TypeError in conf.py, line 12", ""},
		{"extensions", func(f *Facts) {
			f.Loaded.Extensions = append(f.Loaded.Extensions, Extension{Name: "b", Listed: true, Own: true}, Extension{Name: "sphinx.ext.autodoc", Listed: true, Sphinx: true, Version: "9"})
		}, "extensions", OK, "3 extensions: a 1.0, b (the project's), sphinx.ext.autodoc", ""},
		{"no theme", func(f *Facts) {
			f.Loaded.Failed, f.Loaded.Name, f.Loaded.Advice = failing("ThemeError", ""), "furo", map[string]string{"furo": "pip install furo"}
		}, "theme", Problem, "furo is not installed", "pip install furo"},
		{"broken theme", func(f *Facts) { f.Loaded.Failed, f.Loaded.Name = failing("ValueError", ""), "furo" }, "theme", Problem, "furo cannot be loaded: ValueError in conf.py, line 12", ""},

		{"threads", func(f *Facts) { f.Loaded.Threads, f.Loaded.Extensions[0].Threads = 3, 2 }, "fork", Note, "2 threads of a run", "cold restart"},
		{"threads of conf.py", func(f *Facts) { f.Loaded.Threads = 2 }, "fork", Note, "1 thread of conf.py", "cold restart"},
		{"no fork", func(f *Facts) { f.NoFork = true }, "fork", OK, "--no-fork", ""},
		{"macOS", func(f *Facts) { f.System.OS = "darwin" }, "fork", OK, "not safe on macOS", ""},
		{"Windows", func(f *Facts) { f.Loaded.Fork = false }, "fork", OK, "this system has none", ""},
		{"serial writing", func(f *Facts) { f.Loaded.Extensions[0].Writes = false }, "writing", Note, "parallel_write_safe is false for a", ""},

		{"read-only source", func(f *Facts) { f.Source.Probe.Err = fs.ErrPermission }, "source", Note, "., ext4; cannot be written to", "autosummary"},
		{"case-insensitive", func(f *Facts) { f.Source.Probe.CaseBlind = true }, "source", OK, "., ext4, case-insensitive", ""},
		{"read-only output", func(f *Facts) { f.Output.Probe.Err = &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES} }, "output", Problem, "_build/html, ext4; cannot be written to: permission denied", "OUTPUTDIR"},
		{"full disk", func(f *Facts) { f.Output.Disk.Free = 4e6 }, "output", Problem, "the disk is full (4.0 MB free)", "room"},
		{"nearly full disk", func(f *Facts) { f.Output.Disk.Free = 400e6 }, "output", Note, "nearly full (400 MB free)", ""},
		{"no inodes", func(f *Facts) { f.Output.Disk.Files = 12 }, "output", Problem, "room for only 12 more files", "files"},
		{"unknown disk", func(f *Facts) { f.Output.Disk = Disk{} }, "output", OK, "_build/html, ext4, case-sensitive; inside the source directory", ""},
		{"not excluded", func(f *Facts) { f.Project.Excluded = false }, "output", Note, "exclude_patterns does not name it", "exclude_patterns"},
		{"output elsewhere", func(f *Facts) { f.Output.Path, f.Output.Exists, f.Project.Excluded = "/p/out", false, false }, "output", OK, "../out (not there yet), ext4, 80 GB free, case-sensitive", ""},
		{"read-only doctrees", func(f *Facts) { f.State.Probe.Err = syscall.EROFS }, "doctrees", Problem, "read-only file system", "-d"},
		{"no TMPDIR", func(f *Facts) { f.Temp.Exists = false }, "temporary", Problem, "not there", "TMPDIR"},
		{"read-only TMPDIR", func(f *Facts) { f.Temp.Probe.Err = syscall.EROFS }, "temporary", Problem, "cannot be written to", "TMPDIR"},
		{"full TMPDIR", func(f *Facts) { f.Temp.Disk.Free = 1e6 }, "temporary", Problem, "full (1.0 MB free)", "TMPDIR"},

		{"no watch", func(f *Facts) { f.Source.Probe.Watch = syscall.ENOSPC }, "events", Problem, ". cannot be watched: no space left on device", "below"},
		{"no event", func(f *Facts) { f.State.Probe.Event, f.State.Probe.Waited = false, 3*time.Second }, "events", Note, "_build/doctrees brought no event within 3s", "disk"},
		{"NFS", func(f *Facts) { f.Source.Type = "nfs4" }, "events", Note, "the sources are on nfs4", "--poll"},
		{"sshfs", func(f *Facts) { f.Source.Type = "fuse.sshfs" }, "events", Note, "fuse.sshfs", "--poll"},
		{"events, read-only source", func(f *Facts) { f.Source.Probe.Err, f.Source.Probe.Event = fs.ErrPermission, false }, "events", OK, "beside the doctrees", ""},
		{"too few watches", func(f *Facts) { f.Tree.Dirs, f.Tree.Partial = 9000, true }, "watching", Problem, "at least 9000 directories, 40 files; of 8192 watches", "sudo sysctl fs.inotify.max_user_watches=524288"},
		{"far too few watches", func(f *Facts) { f.Tree.Dirs = 600000 }, "watching", Problem, "600000 directories", "max_user_watches=2097152"},
		{"links to NFS", func(f *Facts) { f.Tree.Elsewhere = []string{"tmpfs", "nfs"} }, "watching", Note, "links lead to nfs", ""},
		{"unreadable", func(f *Facts) { f.Tree.Unread = 1 }, "watching", Note, "1 directory cannot be read", "--ignore"},
		{"clash", func(f *Facts) {
			f.Tree.Clashes, f.Output.Probe.CaseBlind = [2]string{"/p/docs/A.rst", "/p/docs/a.rst"}, true
		}, "names", Problem, "A.rst and a.rst differ in case only", "Rename"},
		{"too few instances", func(f *Facts) { f.Limits.InstancesUsed = 128 }, "instances", Problem, "of 128 inotify instances other programs have 128", "max_user_instances=1024"},
		{"too few files", func(f *Facts) { f.Limits.OpenFiles = 100 }, "open files", Problem, "100 at once are allowed; docserve needs 256 here", "ulimit -n 1024"},
		{"too few files for kqueue", func(f *Facts) { f.System.OS, f.Tree.Files = "darwin", 2000 }, "open files", Problem, "docserve needs 2259", "ulimit -n 4518"},
		{"no limit of files", func(f *Facts) { f.Limits.OpenFiles = 1 << 63 }, "open files", OK, "as many as one likes", ""},

		{"clock", func(f *Facts) { f.System.Now = time.Unix(0, 0) }, "clock", Problem, "it is 1970", "clock"},
		{"server's clock ahead", func(f *Facts) { f.Source.Probe.Skew = 95 * time.Second }, "clock", Problem, "written in . are 1m35s ahead of", "clocks"},
		{"server's clock behind", func(f *Facts) { f.State.Probe.Skew = -time.Hour }, "clock", Problem, "_build/doctrees are 1h0m0s behind", "clocks"},
		{"coarse time", func(f *Facts) { f.Source.Probe.Skew = -2 * time.Second }, "clock", OK, "time of this machine", ""},
		{"future", func(f *Facts) { f.Tree.Future, f.Tree.Ahead, f.Tree.AheadBy = 2, "/p/docs/x.rst", 73*time.Hour }, "clock", Note, "2 files among the sources are from the future, x.rst by 3 days", "touch"},

		{"running", func(f *Facts) {
			f.Running = Running{Asked: true, Announced: true, Answers: true, Alive: true, Same: true, Server: running.Server{PID: 7}}
		}, "running", Note, "serves this output directory already (process 7)", "End it"},
		{"running for another", func(f *Facts) {
			f.Running = Running{Asked: true, Announced: true, Answers: true, Alive: true, Server: running.Server{PID: 7, Output: "/secret"}}
		}, "running", Problem, "for another output directory", "-d"},
		{"silent", func(f *Facts) {
			f.Running = Running{Asked: true, Announced: true, Alive: true, Same: true, Server: running.Server{PID: 7}}
		}, "running", Note, "does not answer", "hangs"},
		{"killed", func(f *Facts) { f.Running = Running{Asked: true, Announced: true, Server: running.Server{PID: 7}} }, "running", OK, "was killed", ""},

		{"any port", func(f *Facts) { f.Port.Number = 0 }, "port", OK, "any that is free", ""},
		{"default port is taken", func(f *Facts) {
			f.Port.Err, f.Port.Taken, f.Port.Who, f.Port.Next = errors.New("in use"), true, HTTP, 8001
		}, "port", Note, "8000 is taken by another program, which answers like a web server; 8001 would be used", ""},
		{"port is taken", func(f *Facts) {
			f.Port.Err, f.Port.Taken, f.Port.Who, f.Port.Asked = errors.New("in use"), true, Other, true
		}, "port", Problem, "8000 is taken by another program, which does not speak HTTP", "--port"},
		{"a docserve has it", func(f *Facts) {
			f.Port.Err, f.Port.Taken, f.Port.Who, f.Port.PID, f.Port.Asked = errors.New("in use"), true, Docserve, 9, true
		}, "port", Problem, "8000 is taken by another docserve (process 9)", "--port"},
		{"this docserve has it", func(f *Facts) {
			f.Port.Err, f.Port.Taken, f.Port.Who, f.Port.PID, f.Port.Asked = errors.New("in use"), true, Docserve, 9, true
			f.Running = Running{Asked: true, Announced: true, Answers: true, Same: true, Server: running.Server{PID: 9}}
		}, "port", Note, "the docserve that runs for this project", ""},
		{"all are taken", func(f *Facts) { f.Port.Err, f.Port.Taken, f.Port.Who = errors.New("in use"), true, Other }, "port", Problem, "and so are all after it", "--port 0"},
		{"low port", func(f *Facts) { f.Port.Number, f.Port.Err = 80, syscall.EACCES }, "port", Problem, "80 is not for this user", "1023"},
		{"no such host", func(f *Facts) { f.Port.Err = &net.DNSError{Err: "no such host", Name: "secret.example"} }, "port", Problem, "8000 cannot be had: no such host", "--host"},
		{"firewall", func(f *Facts) { f.Port.Loopback = syscall.ECONNREFUSED }, "port", Problem, "connection refused", "firewall"},
		{"other machines", func(f *Facts) { f.Port.Host = "0.0.0.0" }, "port", Note, "8000 is free; other machines may reach it", ""},

		{"no browser", func(f *Facts) { f.Browser.Found = "" }, "browser", Note, "nothing that --open-browser could use", "BROWSER"},
		{"no browser, but wanted", func(f *Facts) { f.Browser.Found, f.Browser.Wanted = "", true }, "browser", Problem, "nothing that --open-browser could use", "BROWSER"},
		{"no screen", func(f *Facts) { f.Browser.Display = false }, "browser", Note, "no screen", "by hand"},
		{"BROWSER", func(f *Facts) { f.Browser = Browser{Found: "/home/jane/bin/secret", ByName: true} }, "browser", OK, "can be opened: BROWSER is set", ""},
		{"proxy", func(f *Facts) { f.Proxies.Set = []string{"http_proxy", "ALL_PROXY"} }, "proxies", Note, "http_proxy, ALL_PROXY are set, and NO_PROXY does not name 127.0.0.1", "localhost,127.0.0.1"},
		{"harmless proxy", func(f *Facts) { f.Proxies = Proxies{Set: []string{"http_proxy"}, Spared: true} }, "proxies", OK, "http_proxy is set, but not for this machine", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := healthy()
			test.change(&f)
			report := f.Report()
			got := ""
			for _, c := range report.Checks {
				if c.Name != test.check {
					continue
				}
				advice := strings.Join(c.Advice, "\n")
				if c.Level == test.level && strings.Contains(c.Found, test.found) && strings.Contains(advice, test.advice) && (test.advice != "" || advice == "") {
					return
				}
				got += fmt.Sprintf("%+v\n", c)
			}
			t.Errorf("got %s", got)
		})
	}
}

// TestNothingPrivate: whatever the facts are, what is private in them is in no
// report.
func TestNothingPrivate(t *testing.T) {
	f := healthy()
	f.Project.Err = &project.Error{Problem: "refuse /home/jane/x", Files: []string{"diary.txt"}}
	f.Python.Passed = []python.Attempt{{Path: "/home/jane/py", Why: "given", Fate: "is not a working Python", Said: "token"}}
	f.Loaded.Extensions = append(f.Loaded.Extensions, Extension{Name: "b", Failure: &Failure{Kind: "KeyError", Places: []Spot{{"/home/jane/lib/b.py", 3}}}})
	f.Running = Running{Asked: true, Announced: true, Answers: true, Server: running.Server{PID: 7, Output: "/srv/hidden", Secret: "token", URL: "http://janes-laptop:1/"}}
	f.Port.Host, f.Port.Loopback = "janes-laptop", errors.New("dial janes-laptop.example.net: no")
	f.Browser = Browser{Found: "/home/jane/bin/token", ByName: true}
	f.Temp.Probe.Err = &fs.PathError{Op: "open", Path: "/home/jane/tmp/token", Err: syscall.EROFS}
	text := f.Report().Text(nil)
	for _, private := range []string{"jane", "diary", "token", "hidden", "laptop", "/p/"} {
		if strings.Contains(text, private) {
			t.Errorf("the report has %q in it:\n%s", private, text)
		}
	}
}
