package doctor

import (
	"time"

	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/running"
)

// Facts are what was found, before it is judged. Paths are absolute, and texts
// are as they came: only a Report is fit to be shown.
type Facts struct {
	System  System
	Project ProjectFacts
	Python  PythonFacts
	Loaded  Loaded
	Source  Place
	Output  Place
	State   Place // of the doctrees, and of what docserve keeps
	Temp    Place
	Tree    Tree
	Limits  Limits
	Running Running
	Port    Port
	Browser Browser
	Proxies Proxies
	NoFork  bool // --no-fork

	home, user, host string // not to be told
}

// System is the program and the machine.
type System struct {
	Version    string // of docserve
	OS, Arch   string
	Name       string // of the distribution or the kernel, with its version; "" if not known
	Processors int
	Memory     uint64 // bytes; 0 if not known
	Container  bool
	Now        time.Time
}

// ProjectFacts are what project.Find says.
type ProjectFacts struct {
	project.Project       // as far as it was found
	Err             error // why it cannot be served
	WorkDir         string
	Excluded        bool // exclude_patterns keep the output directory from being searched; not known unless Loaded.Done
}

// PythonFacts are what python.Search says.
type PythonFacts struct {
	python.Interpreter                  // Path is "" if there is none
	Passed             []python.Attempt // not taken, in the order in which they were considered
	Err                error            // why there is none
	Install            []string         // commands that would give one
	Explicit           bool             // it was given with --python
	Makes              bool             // docserve would make an environment of its own
}

// Loaded is what became of conf.py, the extensions and the theme.
type Loaded struct {
	Sphinx     string
	Docutils   string
	Wants      string // versions of docutils that this Sphinx wants: ">=0.20,<0.22"
	Config     bool   // there is a conf.py
	Listed     []string
	Extensions []Extension // those of conf.py, and others that are not Sphinx's own
	Theme      string      // "" if it was not loaded
	ThemeOwn   bool        // the project's
	ThemeVer   string
	excluded   bool // see ProjectFacts
	Threads    int  // of the process when everything was loaded
	Fork       bool // the system has it

	At     string   // the last step that was begun: "Sphinx", "conf.py", "extension", "theme"
	Name   string   // of the extension or theme that it was about
	Failed *Failure // of the step At, when that was the end of it
	Ended  string   // how the process ended when it should not have, "exit status 3"; "" otherwise
	Hung   bool     // it was ended because the step At took too long
	Spot   Spot     // where it was then
	Waited time.Duration
	Done   bool // everything was loaded that can be
	Err    error
	Advice map[string]string // what to install, by the name of what is missing
}

// Extension is one extension.
type Extension struct {
	Name    string   `json:"extension"`
	Listed  bool     `json:"listed"` // in conf.py
	Own     bool     `json:"own"`    // a file of the project
	Sphinx  bool     `json:"sphinx"` // part of Sphinx
	Version string   `json:"version"`
	Writes  bool     `json:"writes"` // parallel_write_safe
	Reads   *bool    `json:"reads"`  // parallel_read_safe; nil if it does not say
	Threads int      `json:"threads"`
	Failure *Failure `json:"error"` // why it cannot be loaded
}

// Failure is an exception, without its message.
type Failure struct {
	Kind   string `json:"kind"`   // class
	Module string `json:"module"` // that could not be imported
	Needs  string `json:"needs"`  // version of Sphinx
	Places []Spot `json:"places"` // in the order of calls, of the first cause first
}

// Place is a directory, and the file system that it is on.
type Place struct {
	Path    string
	Exists  bool
	Nearest string // itself, or the nearest directory above it that exists
	Type    string // of the file system: "ext4"; "" if not known
	Disk    Disk
	Probe   Probe
}

// Disk is how much room there is.
type Disk struct {
	Free  uint64 // bytes that this user may use
	Files uint64 // that can still be made; only if Inodes
	Known bool
	// Inodes reports whether the number of files is limited: some file systems
	// make room for them as it is needed.
	Inodes bool
}

// Probe is what became of a file that was written in a directory and removed.
type Probe struct {
	Done      bool          // it was tried
	Err       error         // it could not be written
	Watch     error         // the directory could not be watched
	Event     bool          // its event came
	Waited    time.Duration // for the event, if none came
	Skew      time.Duration // the file's time less the system's
	CaseBlind bool          // the file was there under a name with other capitals too
}

// Tree is what would be watched.
type Tree struct {
	Dirs      int
	Files     int
	Partial   bool   // there is more: looking took too long
	Unread    int    // directories and files that may not be read
	Future    int    // files with a time of modification in the future
	Ahead     string // one of them
	AheadBy   time.Duration
	Clashes   [2]string // two names that differ in capitals only, if there are such
	Elsewhere []string  // types of other file systems that links lead to, sorted
}

// Limits are those of the system. A value of 0 is not known, or no limit.
type Limits struct {
	Watches       int // fs.inotify.max_user_watches
	WatchesUsed   int // by all other programs of this user
	Instances     int // fs.inotify.max_user_instances
	InstancesUsed int
	OpenFiles     uint64
}

// Running is what is known of another docserve for this output directory.
type Running struct {
	Asked     bool // the project is known
	Announced bool // there is a note of one
	Answers   bool
	Alive     bool // there is a process of its number
	running.Server
	Same bool // it serves this output directory
}

// Port is what serve would find.
type Port struct {
	Host   string
	Number int // that was asked for, or the default; 0 is any
	Asked  bool
	Err    error // why it cannot be had
	Taken  bool  // since somebody has it
	Next   int   // the one that would be taken instead; 0 if none

	Who      Answerer // of a port that is taken
	PID      int      // of the docserve there
	Loopback error    // why a connection to oneself does not work
}

// Answerer is what is behind a port.
type Answerer string

// Kinds of programs behind a port.
const (
	Docserve Answerer = "docserve"
	HTTP     Answerer = "http"
	Other    Answerer = "other"
)

// Browser is what --open-browser would find.
type Browser struct {
	Wanted  bool // --open-browser was given
	Found   string
	ByName  bool // BROWSER is set
	Display bool // there is a screen to show one on
}

// Proxies are the variables that are set, and whether they spare loopback.
type Proxies struct {
	Set    []string // names of variables
	Spared bool     // NO_PROXY has 127.0.0.1 or localhost in it
}
