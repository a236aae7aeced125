package generate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"docserve/internal/digest"
)

// manyMaker makes all inputs of a rule into one thing.
type manyMaker interface {
	MakeMany(ctx context.Context, inputs []string, job Job) (Made, error)
	Signature() string
}

// perform runs a job, in a goroutine of its own. Beside the tables that the lock
// guards it changes nothing.
func (g *Generator) perform(ctx context.Context, j *job, inputs []string) outcome {
	done := outcome{job: j, inputs: inputs, signature: j.rule.signature(), reads: map[string]digest.Digest{}}
	var mu sync.Mutex // guards reads: a maker may read from several goroutines
	read := func(path string) ([]byte, error) {
		path = filepath.Clean(path)
		data, d, err := g.read(path)
		mu.Lock()
		done.reads[path] = d
		mu.Unlock()
		return data, err
	}
	list := func(dir string) []string {
		dir = filepath.Clean(dir)
		names := entries(dir)
		mu.Lock()
		done.reads[dir] = listing(names)
		mu.Unlock()
		return names
	}
	work := Job{Read: read, List: list, Output: func(vars map[string]string) (string, error) { return j.rule.place(&g.opts, inputs, vars) }}
	for _, input := range inputs {
		_, _ = read(input) // so that it is known, whatever the maker does; it will meet the error itself
	}
	var made Made
	if j.rule.many != nil {
		made, done.err = j.rule.many.MakeMany(ctx, inputs, work)
	} else {
		work.Input = inputs[0]
		made, done.err = j.rule.maker.Make(ctx, work)
	}
	var refusal *OutputError
	if errors.As(done.err, &refusal) {
		done.err, done.failed = nil, true
		done.notes = append(done.notes, g.ruleNote(j.rule, refusal.Message, refusal.Hint))
	}
	if done.err != nil {
		return done
	}
	for _, path := range made.unsure {
		done.reads[path] = unsure
	}
	done.notes = append(done.notes, made.Diagnostics...)
	for _, d := range done.notes {
		done.failed = done.failed || d.Severity == Error
	}
	g.offerAll(ctx, &done, made.Files)
	return done
}

// offerAll writes the outputs of a job.
func (g *Generator) offerAll(ctx context.Context, done *outcome, files []File) {
	seen := map[string]bool{}
	for _, f := range files {
		if done.err = ctx.Err(); done.err != nil {
			return
		}
		f.Path = filepath.Clean(f.Path)
		if seen[f.Path] {
			done.notes = append(done.notes, g.ruleNote(done.job.rule, fmt.Sprintf("%s would be made twice from %s", g.name(f.Path), g.name(done.inputs[0])), "give outputs a name in braces that tells them apart"))
			continue
		}
		seen[f.Path] = true
		if g.offer(done, f); done.err != nil {
			return
		}
	}
}

// ruleNote is something that is wrong with a rule itself.
func (g *Generator) ruleNote(r *rule, message, hint string) Diagnostic {
	return Diagnostic{Path: g.opts.Config.Path, Line: r.Line, Severity: Error, Message: message, Hint: hint}
}

// offer writes an output, if its bytes are not there already and it may be
// written. Where two jobs offer the same output, one waits until the other has
// written it: what is known of a file must be what is there.
func (g *Generator) offer(done *outcome, f File) {
	d := digest.Of(f.Data)
	if err := g.opts.writable(f.Path); err != nil {
		var refusal *OutputError
		errors.As(err, &refusal)
		done.notes = append(done.notes, g.ruleNote(done.job.rule, refusal.Message, refusal.Hint))
		return
	}
	g.mu.Lock()
	for g.writing[f.Path] {
		g.written.Wait()
	}
	g.writing[f.Path] = true
	defer g.wrote(f.Path)
	o := g.owned[f.Path]
	if o == nil && !g.opts.Check { // nobody may have heard of changes to it
		g.files[f.Path] = examine(f.Path, g.files[f.Path])
	}
	known := g.look(f.Path)
	if o != nil && o.job != nil && o.job != done.job {
		if compareJobs(o.job, done.job) < 0 {
			first := o.job.inputs[0]
			g.mu.Unlock()
			g.refuse(done, f.Path, fmt.Sprintf("%s is made from %s and from %s", g.name(f.Path), g.name(first), g.name(done.inputs[0])),
				"outputs need different names; the first has it")
			return
		}
		done.evicted = append(done.evicted, o.job)
	}
	there, ours := known.Digest == d, o != nil && o.digest == known.Digest
	if !there && !ours && !known.Digest.IsZero() && !g.opts.Adopt {
		g.mu.Unlock()
		g.foreign(done, f.Path, o != nil)
		return
	}
	g.owned[f.Path] = &output{job: done.job, digest: d, lines: packLines(f.Lines, g.name)}
	done.outputs = append(done.outputs, f.Path)
	g.tell(f.Path, f.Documents, there)
	if !there {
		g.files[f.Path] = stamp{Digest: d}
		g.cache[f.Path] = f.Data
		done.changed = append(done.changed, f.Path)
	}
	if !there && g.opts.Check {
		g.note(f.Path, known.Digest)
	}
	g.mu.Unlock()
	if !there && !g.opts.Check {
		g.write(done, f, d, known.Digest)
	}
}

// wrote lets others offer the same output.
func (g *Generator) wrote(path string) {
	g.mu.Lock()
	delete(g.writing, path)
	g.mu.Unlock()
	g.written.Broadcast()
}

// write writes an output. That it has changed others may hear when it is there.
func (g *Generator) write(done *outcome, f File, d, before digest.Digest) {
	if done.err = g.journal.add(g.name(f.Path), d); done.err != nil {
		return
	}
	if g.opts.Wrote != nil {
		g.opts.Wrote(f.Path, d)
	}
	err := put(f.Path, f.Data)
	g.mu.Lock()
	g.note(f.Path, before)
	g.mu.Unlock()
	if err != nil {
		g.mu.Lock()
		now := examine(f.Path, stamp{})
		g.files[f.Path] = now
		delete(g.cache, f.Path)
		g.mu.Unlock()
		if g.opts.Wrote != nil {
			g.opts.Wrote(f.Path, now.Digest)
		}
		g.refuse(done, f.Path, "cannot write this file: "+reason(err), "it is made from "+g.name(done.inputs[0]))
	}
}

// foreign refuses to overwrite what somebody else has written.
func (g *Generator) foreign(done *outcome, path string, once bool) {
	if once {
		g.refuse(done, path, "somebody has changed this file since docserve made it: docserve does not overwrite it",
			"change "+g.name(done.inputs[0])+" instead, and remove this file; or run docserve generate --adopt to overwrite it")
		return
	}
	g.refuse(done, path, "docserve has not written this file, and does not overwrite it with what it makes from "+g.name(done.inputs[0]),
		"remove or rename it, or give the rule other outputs; docserve generate --adopt overwrites it")
}

func (g *Generator) refuse(done *outcome, path, message, hint string) {
	done.refused = append(done.refused, path)
	done.notes = append(done.notes, Diagnostic{Path: path, Severity: Error, Message: message, Hint: hint})
}
