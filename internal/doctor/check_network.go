package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The checks of this file are about other programs: a docserve that runs, the
// port, the browser, proxies.

func checkRunning(r Running) []Check {
	const name = "running"
	switch {
	case !r.Asked:
		return nil
	case !r.Announced:
		return []Check{found(name, OK, "no other docserve uses these directories")}
	case r.Answers && r.Same:
		return []Check{found(name, Note, "a docserve serves this output directory already (process %d)", r.PID).
			advise("End it before you start another one.")}
	case r.Answers:
		return []Check{found(name, Problem, "a docserve (process %d) uses these doctrees for another output directory", r.PID).
			advise("End it, or give another directory for the doctrees with -d.")}
	case r.Alive:
		return []Check{found(name, Note, "a docserve has left a note that it is process %d, and does not answer", r.PID).
			advise("If that process is a docserve, it hangs: end it, and please report it. Otherwise it was killed, and the note does no harm.")}
	}
	return []Check{found(name, OK, "no other docserve uses these directories; the last one was killed")}
}

func checkPort(p Port, r Running) Check {
	const name = "port"
	c := portTaken(p, r)
	if c.Level == Problem {
		return c
	}
	if p.Loopback != nil {
		return found(name, Problem, "a program on this machine cannot be reached from this machine: %v", reason(p.Loopback)).
			advise("Look for a firewall, or a sandbox, that comes between.")
	}
	if ip := net.ParseIP(p.Host); p.Host != "" && p.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.Level = Note
		c.Found += "; other machines may reach it, as --host says"
	}
	return c
}

// portTaken says who has the port, if somebody has.
func portTaken(p Port, r Running) Check {
	const name = "port"
	switch {
	case p.Err == nil && p.Number == 0:
		return found(name, OK, "any that is free")
	case p.Err == nil:
		return found(name, OK, "%d is free", p.Number)
	case !p.Taken && errors.Is(p.Err, fs.ErrPermission):
		return found(name, Problem, "%d is not for this user", p.Number).advise("Give a port above 1023 with --port.")
	case !p.Taken:
		return found(name, Problem, "%d cannot be had: %v", p.Number, reason(p.Err)).
			advise("--host takes a name or an address of this machine.")
	}
	if p.Who == Docserve && r.Answers && p.PID == r.PID {
		return found(name, Note, "%d is taken by the docserve that runs for this project", p.Number)
	}
	who := "another program, which does not speak HTTP"
	switch {
	case p.Who == Docserve:
		who = fmt.Sprintf("another docserve (process %d)", p.PID)
	case p.Who == HTTP:
		who = "another program, which answers like a web server"
	}
	switch {
	case p.Next != 0:
		return found(name, Note, "%d is taken by %s; %d would be used", p.Number, who, p.Next)
	case p.Asked:
		return found(name, Problem, "%d is taken by %s", p.Number, who).
			advise("End that program, or leave out --port: then docserve looks for a free one.")
	}
	return found(name, Problem, "%d is taken by %s, and so are all after it", p.Number, who).
		advise("Let the system choose one: --port 0")
}

func checkBrowser(b Browser) Check {
	const name = "browser"
	level := Note
	if b.Wanted {
		level = Problem
	}
	how := "through " + strings.TrimSuffix(filepath.Base(b.Found), ".exe")
	if b.ByName {
		how = "BROWSER is set"
	}
	switch {
	case b.Found == "":
		return found(name, level, "there is nothing that --open-browser could use").
			advise("Set BROWSER to the program that you use, or open the address by hand.")
	case !b.Display && !b.ByName:
		return found(name, level, "there is no screen that one could open on (DISPLAY, WAYLAND_DISPLAY)").
			advise("Open the address by hand.")
	}
	return found(name, OK, "can be opened: %s", how)
}

func checkProxies(p Proxies) Check {
	const name = "proxies"
	switch {
	case len(p.Set) == 0:
		return found(name, OK, "no variable leads to one")
	case p.Spared:
		return found(name, OK, "%s, but not for this machine", isSet(p.Set))
	}
	return found(name, Note, "%s, and NO_PROXY does not name 127.0.0.1", isSet(p.Set)).
		advise("Browsers know better, but curl and others ask the proxy for docserve's pages. Add localhost,127.0.0.1 to NO_PROXY.")
}

func isSet(names []string) string {
	if len(names) == 1 {
		return names[0] + " is set"
	}
	return strings.Join(names, ", ") + " are set"
}

// reason is the part of an error that does not repeat what it is about.
func reason(err error) string {
	var (
		path   *fs.PathError
		call   *os.SyscallError
		number syscall.Errno
		name   *net.DNSError
	)
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &path):
		return path.Err.Error()
	case errors.As(err, &call):
		return call.Err.Error()
	case errors.As(err, &name):
		return name.Err
	}
	return err.Error()
}
