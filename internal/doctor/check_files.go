package doctor

import (
	"fmt"
	"strings"
	"time"

	"docserve/internal/filesystem"
)

// The checks of this file are about directories, file systems, and watching
// them.

// Room that docserve needs, in bytes. A small site takes a few megabytes; a build
// of the Linux kernel's documentation some hundreds.
const (
	tooLittle = 50e6
	little    = 1e9
	tempNeeds = 20e6 // outputs of processes, bounded at 8 MB each
	fewFiles  = 1000 // inodes
)

func checkPlaces(f Facts) []Check {
	var list []Check
	if f.Source.Path != "" {
		list = append(list, checkSource(f.Source))
	}
	if f.Output.Path != "" {
		list = append(list, checkOutput(f), checkState(f.State))
	}
	list = append(list, checkTemp(f.Temp))
	if f.Source.Path != "" {
		list = append(list, checkEvents(f.Source, f.State))
	}
	return list
}

// where describes a directory: its path, whether it is there, its file system.
func (p Place) where() string {
	parts := []string{p.Path}
	if !p.Exists {
		parts[0] += " (not there yet)"
	}
	if p.Type != "" {
		parts = append(parts, p.Type)
	}
	return strings.Join(parts, ", ")
}

// sensitivity says whether capitals in names matter.
func (p Place) sensitivity() string {
	switch {
	case !p.Probe.Done || p.Probe.Err != nil:
		return ""
	case p.Probe.CaseBlind:
		return ", case-insensitive"
	}
	return ", case-sensitive"
}

func (p Place) room() string {
	if !p.Disk.Known {
		return ""
	}
	return ", " + size(p.Disk.Free) + " free"
}

func checkSource(p Place) Check {
	if p.Probe.Done && p.Probe.Err != nil {
		return found("source", Note, "%s; cannot be written to", p.where()).
			advise("docserve writes nothing there, but some extensions do: autosummary, sphinx-gallery.")
	}
	return found("source", OK, "%s%s", p.where(), p.sensitivity())
}

func checkOutput(f Facts) Check {
	p := f.Output
	c := checkWritten("output", p)
	if c.Level != OK {
		return c
	}
	c.Found += p.sensitivity()
	switch inside := within(p.Path, f.Source.Path); {
	case inside && f.Loaded.Done && f.Loaded.Failed == nil && !f.Project.Excluded:
		c.Level = Note
		c.Found += "; it is inside the source directory, and exclude_patterns does not name it"
		return c.advise("Add it to exclude_patterns in conf.py, so that Sphinx takes nothing in it for a source.")
	case inside:
		c.Found += "; inside the source directory"
	}
	return c
}

func checkState(p Place) Check { return checkWritten("doctrees", p) }

// checkWritten is about a directory that docserve fills.
func checkWritten(name string, p Place) Check {
	switch {
	case p.Probe.Done && p.Probe.Err != nil:
		return found(name, Problem, "%s; cannot be written to: %v", p.where(), reason(p.Probe.Err)).
			advise("Change its permissions, or give another directory: OUTPUTDIR after SOURCEDIR, or -d for the doctrees.")
	case p.Disk.Known && p.Disk.Free < tooLittle:
		return found(name, Problem, "%s; the disk is full (%s free)", p.where(), size(p.Disk.Free)).
			advise("Make room, or give a directory on another disk.")
	case p.Disk.Inodes && p.Disk.Files < fewFiles:
		return found(name, Problem, "%s; the file system has room for only %d more files", p.where(), p.Disk.Files).
			advise("Remove small files that are not needed, or give a directory on another disk.")
	case p.Disk.Known && p.Disk.Free < little:
		return found(name, Note, "%s; the disk is nearly full (%s free)", p.where(), size(p.Disk.Free))
	}
	return found(name, OK, "%s%s", p.where(), p.room())
}

// checkTemp is about the system's directory for temporary files, whose path
// matters to nobody.
func checkTemp(p Place) Check {
	const name = "temporary"
	advice := "docserve keeps the output of its processes there. TMPDIR names another directory."
	switch {
	case p.Nearest == "" || !p.Exists:
		return found(name, Problem, "the directory for temporary files is not there").advise(advice)
	case p.Probe.Err != nil:
		return found(name, Problem, "the directory for temporary files cannot be written to: %v", reason(p.Probe.Err)).advise(advice)
	case p.Disk.Known && p.Disk.Free < tempNeeds:
		return found(name, Problem, "the directory for temporary files is full (%s free)", size(p.Disk.Free)).advise(advice)
	}
	kind := p.Type
	if kind != "" {
		kind = ", " + kind
	}
	return found(name, OK, "files can be made%s%s", kind, p.room())
}

// checkEvents says whether changes will be noticed: those of sources, and those
// beside the doctrees, by which docserve knows that no save is on its way.
func checkEvents(source, state Place) Check {
	const name = "events"
	for _, p := range []Place{source, state} {
		switch {
		case p.Path == "" || !p.Probe.Done:
		case p.Probe.Watch != nil:
			return found(name, Problem, "%s cannot be watched: %v", p.Nearest, reason(p.Probe.Watch)).
				advise("See what is said of watches and of open files below.")
		case p.Probe.Err == nil && !p.Probe.Event:
			return found(name, Note, "a file that was written in %s brought no event within %v", p.Nearest, p.Probe.Waited).
				advise("docserve polls there: saves are seen later, after a second or so. A copy on a disk of this machine is faster. --poll=INTERVAL says how often.")
		}
	}
	if filesystem.Shared(source.Type) {
		return found(name, Note, "the sources are on %s: what is changed by another machine brings no event", source.Type).
			advise("docserve polls there: saves are seen later, after a second or so. A copy on a disk of this machine is faster. --poll=INTERVAL says how often.")
	}
	if source.Probe.Err != nil {
		return found(name, OK, "come back beside the doctrees; not tried among the sources, which cannot be written to")
	}
	return found(name, OK, "come back from files that are written")
}

func checkTree(f Facts) []Check {
	t, l := f.Tree, f.Limits
	if f.Source.Path == "" {
		return nil
	}
	amount := fmt.Sprintf("%s, %s", directories(t.Dirs), count(t.Files, "file"))
	if t.Partial {
		amount = "at least " + amount
	}
	c := found("watching", OK, "%s", amount)
	need := t.Dirs + elsewhereWatches
	if l.Watches > 0 {
		c.Found += fmt.Sprintf("; of %d watches other programs have %d", l.Watches, l.WatchesUsed)
	}
	switch {
	case l.Watches > 0 && need+l.WatchesUsed > l.Watches:
		c.Level = Problem
		c.Advice = []string{"What cannot be watched is looked at once a second. To allow more watches:", "  " + sysctl("max_user_watches", 524288, need+l.WatchesUsed)}
	case remoteLinks(t) != "" && !filesystem.Shared(f.Source.Type):
		c.Level = Note
		c.Found += "; links lead to " + remoteLinks(t) + ", where changes by others bring no event"
	case t.Unread > 0:
		c.Level = Note
		c.Found += fmt.Sprintf("; %s cannot be read", directories(t.Unread))
		c.Advice = []string{"Changes in there are not noticed. Change the permissions, or leave them out with --ignore."}
	}
	list := []Check{c}
	if t.Clashes[0] != "" && f.Output.Probe.CaseBlind {
		list = append(list, found("names", Problem, "%s and %s differ in case only, and the output directory is case-insensitive", t.Clashes[0], t.Clashes[1]).
			advise("Rename one of them: one page would overwrite the other."))
	}
	return list
}

// elsewhereWatches are those that docserve needs beside the sources: for the
// marker of its barrier, for static files and modules elsewhere.
const elsewhereWatches = 16

func remoteLinks(t Tree) string {
	for _, kind := range t.Elsewhere {
		if filesystem.Shared(kind) {
			return kind
		}
	}
	return ""
}

func directories(n int) string {
	if n == 1 {
		return "1 directory"
	}
	return fmt.Sprintf("%d directories", n)
}

// sysctl is the command that raises a limit of inotify to least, or further.
func sysctl(name string, least, need int) string {
	for least < 2*need {
		least *= 2
	}
	return fmt.Sprintf("sudo sysctl fs.inotify.%s=%d", name, least)
}

// filesNeeded is how many open files docserve can do with: sockets of processes
// and tabs, and the pages being served.
const filesNeeded = 256

func checkLimits(f Facts) []Check {
	l := f.Limits
	var list []Check
	if l.Instances > 0 {
		c := found("instances", OK, "of %d inotify instances other programs have %d", l.Instances, l.InstancesUsed)
		if l.InstancesUsed+1 > l.Instances {
			c.Level = Problem
			c.Advice = []string{"Without one, all files are looked at once a second. To allow more:", "  " + sysctl("max_user_instances", 1024, l.InstancesUsed)}
		}
		list = append(list, c)
	}
	if l.OpenFiles > 0 {
		need := uint64(filesNeeded)
		if f.System.OS != "linux" { // kqueue keeps all that is watched open
			need += uint64(f.Tree.Dirs + f.Tree.Files)
		}
		c := found("open files", OK, "%d at once are allowed", l.OpenFiles)
		if l.OpenFiles > 1<<40 {
			c.Found = "as many as one likes"
		}
		if l.OpenFiles < need {
			c.Level = Problem
			c.Found += fmt.Sprintf("; docserve needs %d here", need)
			c.Advice = []string{"Allow more in this shell:", fmt.Sprintf("  ulimit -n %d", max(1024, 2*need))}
		}
		list = append(list, c)
	}
	return list
}

// tolerable is how far a file's time may be off: FAT keeps even seconds.
const tolerable = 2 * time.Second

// published is a time that no clock should be before: that of the first docserve.
var published = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func checkClock(f Facts) []Check {
	c := found("clock", OK, "files get the time of this machine")
	if f.System.Now.Before(published) {
		c = found("clock", Problem, "it is %d on this machine", f.System.Now.Year()).advise("Set the clock: Sphinx goes by the times of files.")
	}
	for _, p := range []Place{f.Source, f.State} {
		if off := p.Probe.Skew; off.Abs() > tolerable {
			way := "ahead of"
			if off < 0 {
				way = "behind"
			}
			c = found("clock", Problem, "files that are written in %s are %v %s the time of this machine", p.Nearest, off.Abs().Round(time.Second), way).
				advise("Set the clocks of this machine and of the file server: Sphinx goes by the times of files.")
		}
	}
	if n := f.Tree.Future; n > 0 && c.Level == OK {
		c.Level = Note
		c.Found = fmt.Sprintf("%s among the sources %s from the future, %s by %s", count(n, "file"), are(n), f.Tree.Ahead, span(f.Tree.AheadBy))
		c = c.advise("Sphinx reads such documents again at each start. touch sets a file's time to now.")
	}
	return []Check{c}
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// span says how long something is, roughly.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d.Round(time.Hour)/time.Hour)
	}
	return d.Round(time.Second).String()
}
