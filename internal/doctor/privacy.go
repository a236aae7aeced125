package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// privacy takes out of a report what strangers need not know: where the project
// lies, the home directory, the names of user and machine.
type privacy struct {
	paths []hidden // the longest first
	names []*regexp.Regexp
}

// hidden is a directory, and what is shown instead.
type hidden struct {
	path  *regexp.Regexp
	shown string
}

// ascents is how many directories above the sources are still shown relative to
// them: an environment often lies beside the project.
const ascents = 3

// common are names of users and machines that say nothing of anybody.
var common = []string{
	"root", "user", "admin", "runner", "ubuntu", "debian", "vagrant", "docker", "developer", "vscode", "codespace",
	"gitpod", "jenkins", "build", "builder", "nobody", "localhost", "sphinx", "python", "docserve", "docs", "linux",
}

func newPrivacy(f Facts) privacy {
	var p privacy
	homes := variants(f.home)
	for _, source := range variants(f.Project.Source) {
		up := "."
		for dir, n := source, 0; n <= ascents && dir != filepath.Dir(dir) && !slices.Contains(homes, dir); n++ {
			p.hide(dir, up)
			dir = filepath.Dir(dir)
			up = filepath.Clean(filepath.Join(up, ".."))
		}
	}
	for _, home := range homes {
		p.hide(home, "~")
	}
	for _, temp := range variants(filepath.Clean(os.TempDir())) {
		p.hide(temp, "TMPDIR")
	}
	slices.SortStableFunc(p.paths, func(a, b hidden) int { return len(b.path.String()) - len(a.path.String()) })
	user := f.user
	if i := strings.LastIndexByte(user, '\\'); i >= 0 {
		p.name(user[:i]) // the domain
		user = user[i+1:]
	}
	p.name(user)
	label, _, _ := strings.Cut(f.host, ".")
	p.name(f.host)
	p.name(label)
	return p
}

// variants are the ways to write a directory: as it was given, and without
// symbolic links. A root is none that could be hidden.
func variants(dir string) []string {
	if dir == "" || dir == filepath.Dir(dir) {
		return nil
	}
	list := []string{filepath.Clean(dir)}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != list[0] && real != filepath.Dir(real) {
		list = append(list, real)
	}
	return list
}

// hide replaces dir, where it is a whole path or the beginning of one.
func (p *privacy) hide(dir, shown string) {
	flags := ""
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		flags = "(?i)"
	}
	pattern := regexp.MustCompile(flags + `(^|[^\pL\pN_./\\~-])` + regexp.QuoteMeta(dir) + `($|[^\pL\pN_.-]|\.(?:$|\s))`)
	p.paths = append(p.paths, hidden{pattern, shown})
}

// name hides a name of a user or a machine, where it is a whole word. Very short
// ones are left: they would take letters out of words.
func (p *privacy) name(name string) {
	if len(name) < 3 || slices.Contains(common, strings.ToLower(name)) {
		return
	}
	p.names = append(p.names, regexp.MustCompile(`(?i)(^|[^\pL\pN])`+regexp.QuoteMeta(name)+`($|[^\pL\pN])`))
}

// elsewhere are the homes of other users.
var elsewhere = regexp.MustCompile(`((?:^|[^\pL\pN_.~])(?:/home|/Users|[A-Za-z]:\\Users)[/\\])[^/\\\s"':;,)]+`)

// text returns a text without anything private.
func (p privacy) text(s string) string {
	for _, h := range p.paths {
		// Twice: what one match takes as its end may be the beginning of the next.
		for range 2 {
			s = h.path.ReplaceAllStringFunc(s, func(m string) string { return h.replace(m) })
		}
	}
	s = elsewhere.ReplaceAllString(s, "${1}USER")
	for _, name := range p.names {
		for range 2 {
			s = name.ReplaceAllString(s, "${1}…${2}")
		}
	}
	return s
}

// replace shows one match; below the sources themselves no "./" is needed.
func (h hidden) replace(match string) string {
	parts := h.path.FindStringSubmatch(match)
	before, after := parts[1], parts[2]
	if h.shown == "." && (after == "/" || after == `\`) {
		return before
	}
	return before + h.shown + after
}

func (p privacy) check(c Check) Check {
	c.Found = p.text(c.Found)
	c.Details, c.Advice = p.all(c.Details), p.all(c.Advice)
	return c
}

func (p privacy) all(texts []string) []string {
	shown := make([]string, len(texts))
	for i, text := range texts {
		shown[i] = p.text(text)
	}
	if len(shown) == 0 {
		return nil
	}
	return shown
}
