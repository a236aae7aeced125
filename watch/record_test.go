package watch

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// recording is a trace to be made.
type recording struct {
	name    string
	about   string
	have    []string   // files, as fill takes them
	before  [][]string // commands that are not recorded
	command []string
}

// many are files for what works on many of them.
func many(n int) []string {
	var files []string
	for i := range n {
		files = append(files, fmt.Sprintf("d%d/f%03d.rst", i%7, i))
	}
	return files
}

// vim does so too.
func vim(set string) []string {
	return []string{"vim", "-u", "NONE", "-N", "-es", "-c", "set backupskip= " + set, "-c", "normal ggOnew line", "-c", "w", "-c", "qa", "doc.rst"}
}

// emacs makes backups below /tmp too, as it does elsewhere.
func emacs(set string) []string {
	return []string{"emacs", "-Q", "--batch", "doc.rst", "--eval",
		`(progn (setq create-lockfiles t backup-inhibited nil backup-enable-predicate (lambda (name) t) ` + set + `) (auto-save-mode 1) (insert "new line\n") (do-auto-save) (save-buffer))`}
}

// edit appends to every document.
const edit = `for f in d*/*.rst; do echo more >> $f; done`

// branches make a repository whose branches one and two differ in all documents.
var branches = [][]string{
	{"git", "init", "-q", "-b", "one"},
	{"git", "add", "."},
	{"git", "commit", "-q", "-m", "one"},
	{"git", "checkout", "-q", "-b", "two"},
	{"sh", "-c", edit + "; echo new > d0/new.rst; git add ."},
	{"git", "commit", "-q", "-m", "two"},
}

// recordings are the traces that are made by programs of Debian.
var recordings = []recording{
	{name: "vim-backupcopy-yes", about: "writes the file itself", command: vim("backupcopy=yes backup")},
	{name: "vim-backupcopy-no", about: "renames the file, and writes a new one", command: vim("backupcopy=no writebackup")},
	{name: "vim-backupcopy-auto", about: "vim decides", command: vim("backupcopy=auto writebackup")},
	{name: "vim-backupcopy-auto-backup", about: "vim decides, and keeps the backup", command: vim("backupcopy=auto backup")},
	{name: "vim-breakhardlink", about: "the file has a second name", command: vim("backupcopy=auto,breakhardlink writebackup"),
		before: [][]string{{"ln", "doc.rst", "second.rst"}}},
	{name: "vim-nowritebackup", about: "without any backup", command: vim("nobackup nowritebackup")},
	{name: "emacs", about: "as it comes: the first save makes a backup by renaming", command: emacs("")},
	{name: "emacs-backup-by-copying", about: "backup-by-copying", command: emacs("backup-by-copying t")},
	{name: "emacs-precious", about: "file-precious-flag: writes another file, and renames it", command: emacs("file-precious-flag t")},
	{name: "sed-i", about: "sed -i", command: []string{"sed", "-i", "s/one/two/", "doc.rst"}},
	{name: "sed-i-many", about: "sed -i on 60 files", have: many(60), command: []string{"sh", "-c", "sed -i s/one/two/ d*/*.rst"}},
	{name: "rsync", about: "rsync of 60 changed files", have: many(60),
		before:  [][]string{{"sh", "-c", "cp -r . ../stage && cd ../stage && " + edit}},
		command: []string{"rsync", "-rt", "../stage/", "./"}},
	{name: "rsync-inplace", about: "rsync --inplace of 60 changed files", have: many(60),
		before:  [][]string{{"sh", "-c", "cp -r . ../stage && cd ../stage && " + edit}},
		command: []string{"rsync", "-rt", "--inplace", "../stage/", "./"}},
	{name: "git-checkout", about: "git checkout of a branch that differs in 500 files", have: many(500), before: branches,
		command: []string{"git", "checkout", "-q", "one"}},
	{name: "git-rebase", about: "git rebase onto a branch, with 500 files changed on either side", have: many(500),
		before: append(slices.Clone(branches), [][]string{
			{"git", "checkout", "-q", "one"},
			{"sh", "-c", "for f in d*/*.rst; do echo first | cat - $f > $f.tmp; mv $f.tmp $f; done; echo 1 > side.rst; git add ."},
			{"git", "commit", "-q", "-m", "three"},
			{"sh", "-c", "echo 2 > other.rst; git add ."},
			{"git", "commit", "-q", "-m", "four"},
			{"git", "checkout", "-q", "two"},
			{"git", "rm", "-q", "-r", "d1"},
			{"git", "commit", "-q", "-m", "five"},
			{"git", "checkout", "-q", "-b", "topic", "one"},
			{"sh", "-c", "echo 3 > topic.rst; git add ."},
			{"git", "commit", "-q", "-m", "six"},
		}...),
		command: []string{"git", "rebase", "-q", "two~1", "--onto", "two~1", "one~1"}},
	{name: "git-stash", about: "git stash of 500 edited files", have: many(500), before: append(slices.Clone(branches), []string{"sh", "-c", edit}),
		command: []string{"git", "stash", "-q"}},
	{name: "git-stash-pop", about: "git stash pop of 500 edited files", have: many(500),
		before:  append(slices.Clone(branches), []string{"sh", "-c", edit}, []string{"git", "stash", "-q"}),
		command: []string{"git", "stash", "pop", "-q"}},
}

// TestRecord writes the traces of testdata anew, those whose name contains the
// value of DOCSERVE_RECORD. It needs strace and the programs. To record another
// program, add it to the table.
func TestRecord(t *testing.T) {
	pattern := os.Getenv("DOCSERVE_RECORD")
	if pattern == "" {
		t.Skip("records traces where DOCSERVE_RECORD names some, as all or vim")
	}
	for _, rec := range recordings {
		if pattern == "all" || strings.Contains(rec.name, pattern) {
			t.Run(rec.name, func(t *testing.T) { rec.record(t) })
		}
	}
}

// record runs the command under strace, and writes what it did.
func (rec recording) record(t *testing.T) {
	dir := place(t)
	if rec.have == nil {
		rec.have = []string{"doc.rst", "other.rst"}
	}
	fill(t, dir, rec.have...)
	home := t.TempDir()
	run := func(argv ...string) string {
		t.Helper()
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=n", "GIT_AUTHOR_EMAIL=n@example.org",
			"GIT_COMMITTER_NAME=n", "GIT_COMMITTER_EMAIL=n@example.org", "TERM=dumb")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", argv, err, out)
		}
		return string(out)
	}
	for _, argv := range rec.before {
		run(argv...)
	}
	var have []string
	for path := range contents(t, dir) {
		name, err := filepath.Rel(dir, path)
		must(t, err)
		if !strings.HasPrefix(name, ".git"+string(filepath.Separator)) {
			have = append(have, name)
		}
	}
	slices.Sort(have)
	log := filepath.Join(home, "strace")
	run(append([]string{"strace", "-f", "-y", "-ttt", "-s", "0", "-e", "trace=%file,%desc,%process", "-o", log}, rec.command...)...)
	text, err := os.ReadFile(log)
	must(t, err)
	program := rec.command[0]
	if program == "sh" {
		program = strings.Fields(rec.command[2])[0]
	}
	version, _, _ := strings.Cut(run(program, "--version"), "\n")
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n# %s\n", rec.about, version)
	for line := range slices.Chunk(have, 11) {
		fmt.Fprintf(&b, "have %s\n", strings.Join(line, " "))
	}
	for _, op := range parseStrace(string(text), dir, have) {
		fmt.Fprintln(&b, op)
	}
	must(t, os.WriteFile(filepath.Join("testdata", rec.name+".trace"), b.Bytes(), 0o644))
}

// strace reads the log of strace.
type strace struct {
	dir        string
	exists     map[string]bool
	cwd        map[string]string // by process
	unfinished map[string]string // by process: the beginning of a call
	first      float64
	ops        []operation
}

var (
	straceLine  = regexp.MustCompile(`^(\d+) +(\d+\.\d+) (.*)$`)
	straceCall  = regexp.MustCompile(`^(\w+)\((.*)\) += (\d+)`)
	straceEnd   = regexp.MustCompile(`^<\.\.\. \w+ resumed>(.*)$`)
	straceArg   = regexp.MustCompile(`(AT_FDCWD|\d+)?(?:<([^<>]*)>)?(?:, )?"([^"]*)"(?:\.\.\.)?`)
	straceFD    = regexp.MustCompile(`^\d+<([^<>]*)>`)
	straceFresh = regexp.MustCompile(`^(?:fork|vfork|clone|clone3)$`)
)

// parseStrace returns what the log says was done to the files below dir, of
// which have is there before.
func parseStrace(log, dir string, have []string) []operation {
	s := &strace{dir: dir, exists: map[string]bool{}, cwd: map[string]string{}, unfinished: map[string]string{}}
	for _, path := range have {
		s.exists[path] = true
	}
	for line := range strings.Lines(log) {
		m := straceLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		pid, text := m[1], m[3]
		at, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			continue
		}
		if begin, ok := strings.CutSuffix(text, " <unfinished ...>"); ok {
			s.unfinished[pid] = begin
			continue
		}
		if end := straceEnd.FindStringSubmatch(text); end != nil {
			text = s.unfinished[pid] + end[1]
		}
		if call := straceCall.FindStringSubmatch(text); call != nil {
			s.call(at, pid, call[1], call[2], call[3])
		}
	}
	return s.ops
}

// call takes in one call that succeeded.
func (s *strace) call(at float64, pid, name, args, result string) {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "2"), "at")
	var paths []string
	for _, m := range straceArg.FindAllStringSubmatch(args, -1) {
		paths = append(paths, s.name(pid, m[2], m[3]))
	}
	fd := ""
	if m := straceFD.FindStringSubmatch(args); m != nil && filepath.IsAbs(m[1]) { // neither a pipe nor a socket
		fd = s.name(pid, "", m[1])
	}
	switch {
	case straceFresh.MatchString(name):
		s.cwd[result] = s.cwd[pid]
	case name == "chdir" && len(paths) == 1:
		s.cwd[pid] = filepath.Join(s.dir, paths[0])
	case (name == "open" || name == "creat") && len(paths) == 1:
		creat := strings.Contains(args, "O_CREAT") || name == "creat"
		trunc := strings.Contains(args, "O_TRUNC") || name == "creat"
		switch {
		case creat && !s.exists[paths[0]]:
			s.add(at, "create", paths[0], "")
		case trunc && s.exists[paths[0]]:
			s.add(at, "truncate", paths[0], "")
		}
	case slices.Contains([]string{"write", "pwrite64", "writev"}, name) && fd != "":
		s.add(at, "write", fd, "")
	case name == "copy_file_range" || name == "sendfile":
		if m := straceArg.FindAllString(args, -1); len(m) == 0 && result != "0" {
			fds := regexp.MustCompile(`\d+<([^<>]*)>`).FindAllStringSubmatch(args, -1)
			i := 0
			if name == "copy_file_range" {
				i = 1
			}
			if len(fds) > i {
				s.add(at, "write", s.name(pid, "", fds[i][1]), "")
			}
		}
	case name == "ftruncate" && fd != "":
		s.add(at, "truncate", fd, "")
	case (name == "fchmod" || name == "fchown" || name == "futimens") && fd != "":
		s.add(at, "attrib", fd, "")
	case slices.Contains([]string{"chmod", "chown", "lchown", "utimens", "utime", "fchmod", "fchown"}, name) && len(paths) == 1:
		s.add(at, "attrib", paths[0], "")
	case (name == "rename" || name == "link") && len(paths) == 2:
		s.add(at, name, paths[0], paths[1])
	case name == "symlink" && len(paths) == 2:
		s.add(at, name, paths[1], "nowhere") // Emacs puts the user's and the machine's name there
	case name == "unlink" && len(paths) == 1 && strings.Contains(args, "AT_REMOVEDIR"):
		s.add(at, "rmdir", paths[0], "")
	case slices.Contains([]string{"unlink", "mkdir", "rmdir"}, name) && len(paths) == 1:
		s.add(at, name, paths[0], "")
	}
}

// name returns path below the directory, or "../x" where it is not.
func (s *strace) name(pid, base, path string) string {
	if base == "" {
		base = s.cwd[pid]
	}
	if base == "" {
		base = s.dir
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	rel, err := filepath.Rel(s.dir, path)
	if err != nil {
		return "../" + path
	}
	return filepath.ToSlash(rel)
}

// add adds an operation, if it is on the project's own files or on git's lock.
func (s *strace) add(at float64, name, path, second string) {
	own := func(path string) bool {
		return path != "." && !strings.HasPrefix(path, "..") && (!strings.HasPrefix(path, ".git") || path == ".git/index.lock")
	}
	switch {
	case name == "rename" && own(path) && !own(second):
		name, second = "unlink", ""
	case name == "symlink" && own(path):
	case !own(path) || second != "" && !own(second):
		return
	}
	if s.first == 0 {
		s.first = at
	}
	op := operation{time.Duration((at - s.first) * 1e9), name, path, second}
	switch name {
	case "create", "mkdir":
		s.exists[path] = true
	case "rename":
		delete(s.exists, path)
		s.exists[second] = true
	case "link":
		s.exists[second] = true
	case "unlink", "rmdir":
		delete(s.exists, path)
	}
	if n := len(s.ops); n > 0 && name == "write" && s.ops[n-1].name == "write" && s.ops[n-1].path == path {
		s.ops[n-1].at = op.at // in one go
		return
	}
	s.ops = append(s.ops, op)
}

func TestParseStrace(t *testing.T) {
	log := `7 1000.000100 chdir("/p/docs") = 0
7 1000.000200 openat(AT_FDCWD</p/docs>, "a.rst~", O_WRONLY|O_CREAT|O_EXCL, 0644) = 4</p/docs/a.rst~>
7 1000.000300 write(4</p/docs/a.rst~>, ""..., 30) = 30
7 1000.000400 write(4</p/docs/a.rst~>, ""..., 30) = 30
7 1000.000500 openat(AT_FDCWD</p/docs>, "a.rst", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 5</p/docs/a.rst>
7 1000.000600 openat(AT_FDCWD</p/docs>, "b.rst", O_RDONLY) = 6</p/docs/b.rst>
7 1000.000700 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID) = 8
8 1000.000800 rename("x", "y" <unfinished ...>
7 1000.000900 write(1</dev/null>, ""..., 3) = 3
8 1000.001000 <... rename resumed>) = 0
8 1000.001100 unlink("/p/docs/z") = -1 ENOENT (No such file or directory)
8 1000.001200 symlink("user@host.1:2", "/p/docs/.#a.rst") = 0
8 1000.001300 fchmod(5</p/docs/a.rst>, 0100644) = 0
8 1000.001400 renameat2(AT_FDCWD</p/docs>, "y", AT_FDCWD</p/docs>, "../gone", RENAME_NOREPLACE) = 0
8 1000.001500 unlinkat(3</p/docs/sub>, "c.rst", 0) = 0
8 1000.001600 openat(AT_FDCWD</p/docs>, ".git/index.lock", O_RDWR|O_CREAT|O_EXCL, 0666) = 3</p/docs/.git/index.lock>
8 1000.001700 copy_file_range(4</p/docs/b.rst>, NULL, 5</p/docs/a.rst>, NULL, 9, 0) = 9
`
	want := `     0.00 create   a.rst~
     0.20 write    a.rst~
     0.30 truncate a.rst
     0.80 rename   x y
     1.00 symlink  .#a.rst nowhere
     1.10 attrib   a.rst
     1.20 unlink   y
     1.30 unlink   sub/c.rst
     1.40 create   .git/index.lock
     1.50 write    a.rst
`
	got := ""
	for _, op := range parseStrace(log, "/p/docs", []string{"a.rst", "b.rst", "x"}) {
		got += op.String() + "\n"
	}
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
