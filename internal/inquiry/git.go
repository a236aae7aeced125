package inquiry

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"docserve/internal/proc"
)

// head is the revision with which the working tree is compared when nothing is
// said.
const head = "HEAD"

// GitChanges returns a question about the files that, as git has it, differ
// between a revision and the working tree in which the directory source lies; ""
// is HEAD. Files that git does not track are new, but for those that it ignores.
func GitChanges(ctx context.Context, source, revision string) (Question, error) {
	q := Question{Query: Changed}
	if revision == "" {
		revision = head
	}
	if strings.HasPrefix(revision, "-") {
		return q, &Mistake{Message: fmt.Sprintf("%q is no revision", revision)}
	}
	g := git{ctx: ctx, dir: source}
	up, err := g.ask("rev-parse", "--show-cdup")
	if err != nil {
		return q, err
	}
	g.dir = filepath.Join(source, filepath.FromSlash(strings.TrimSpace(up)))
	commit, err := g.ask("rev-parse", "--verify", revision+"^{commit}")
	if err != nil {
		return q, err
	}
	listed, err := g.ask("diff", "--name-status", "--no-renames", "--no-ext-diff", "-z", strings.TrimSpace(commit), "--")
	if err == nil {
		err = q.takeDiff(g.dir, listed)
	}
	if err != nil {
		return q, err
	}
	untracked, err := g.ask("ls-files", "--others", "--exclude-standard", "-z")
	for name := range strings.SplitSeq(untracked, "\x00") {
		if name != "" {
			q.Made = append(q.Made, filepath.Join(g.dir, filepath.FromSlash(name)))
		}
	}
	return q, err
}

// takeDiff adds the files of "git diff --name-status -z": a letter and a name,
// each with a NUL after it.
func (q *Question) takeDiff(top, text string) error {
	words := strings.Split(text, "\x00")
	for i := 0; i+1 < len(words); i += 2 {
		name := filepath.Join(top, filepath.FromSlash(words[i+1]))
		switch words[i] {
		case "A":
			q.Made = append(q.Made, name)
		case "D":
			q.Gone = append(q.Gone, name)
		case "M", "T", "U":
			q.Files = append(q.Files, name)
		default: // it has said something beside
			return fmt.Errorf("ask git what has changed: cannot understand %q", words[i])
		}
	}
	return nil
}

// git is one repository.
type git struct {
	ctx context.Context
	dir string
}

// most is how much git may say: package proc keeps no more.
const most = 1 << 20

// ask runs one of git's commands that alter nothing.
func (g git) ask(args ...string) (string, error) {
	argv := append([]string{"git", "-c", "core.safecrlf=false", "-C", g.dir}, args...)
	result, err := proc.Run(g.ctx, proc.Spec{Argv: argv, Env: append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")})
	const instead = "name the changed files instead: docserve graph changed FILE…"
	switch said := strings.TrimSpace(string(result.Output)); {
	case err != nil:
		return "", fmt.Errorf("ask git what has changed: %w; %s", err, instead)
	case result.ExitCode != 0:
		return "", fmt.Errorf("ask git what has changed: %s; %s", strings.TrimPrefix(said, "fatal: "), instead)
	case len(result.Output) >= most:
		return "", fmt.Errorf("ask git what has changed: it is too much; %s", instead)
	}
	return string(result.Output), nil
}
