package generate

import (
	"path/filepath"
	"slices"

	"docserve/internal/digest"
)

// add takes a job up, with what is known of it from before.
func (g *Generator) add(j *job) {
	if g.kept != nil {
		if before := g.kept.jobs[j.key]; before != nil && slices.Equal(before.inputs, j.inputs) {
			j.signature, j.reads, j.outputs, j.refused, j.notes = before.signature, before.reads, before.outputs, before.refused, before.notes
			g.mu.Lock()
			for _, path := range j.outputs {
				if o := g.owned[path]; o != nil && o.job == before {
					o.job = j
				}
			}
			g.mu.Unlock()
		}
	}
	g.jobs[j.key] = j
	g.index(j, true)
	if g.kept == nil {
		g.mark(j, "new")
	}
}

// drop forgets a job.
func (g *Generator) drop(j *job) {
	delete(g.jobs, j.key)
	g.intact = false
	g.index(j, false)
	if j.queued {
		g.queue = slices.DeleteFunc(g.queue, func(other *job) bool { return other == j })
		j.queued = false
		g.pending[j.rule]--
	}
	g.release(j, j.outputs)
}

// release says that outputs of a job are not its any more.
func (g *Generator) release(j *job, outputs []string) {
	var free []string
	g.mu.Lock()
	for _, path := range outputs {
		if o := g.owned[path]; o != nil && o.job == j {
			o.job = nil
			free = append(free, path)
		}
	}
	g.mu.Unlock()
	g.reclaim(free)
}

// reclaim marks the jobs that may not write outputs which belong to another job now,
// or to none: one of them may have the right to it, and what is said of it is not
// so any more.
func (g *Generator) reclaim(outputs []string) {
	for _, path := range outputs {
		for j := range g.readers[path] {
			if slices.Contains(j.refused, path) {
				g.mark(j, g.name(path)+" has another owner")
			}
		}
	}
}

// index notes which files a job depends on, or forgets it.
func (g *Generator) index(j *job, on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	each := func(path string) {
		set := g.readers[path]
		switch {
		case !on:
			delete(set, j)
			if len(set) == 0 {
				delete(g.readers, path)
			}
		case set == nil:
			g.readers[path] = map[*job]bool{j: true}
			g.unwatched[path] = true
		default:
			set[j] = true
		}
	}
	for path := range j.reads {
		each(path)
	}
	for _, path := range j.outputs {
		each(path)
	}
	for _, path := range j.refused {
		each(path)
	}
}

// outdated says why a job must be run; "" when it need not.
func (g *Generator) outdated(j *job) string {
	if j.signature == "" {
		return "new"
	}
	if j.signature != j.rule.signature() {
		return "its rule is another"
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for path, d := range j.reads {
		if g.look(path).Digest != d {
			return g.name(path) + " changed"
		}
	}
	for _, path := range j.outputs {
		if o := g.owned[path]; o == nil || o.job != j || g.look(path).Digest != o.digest {
			return g.name(path) + " is not as it was written"
		}
	}
	if len(j.refused) > 0 {
		return g.name(j.refused[0]) + " could not be written"
	}
	return ""
}

// mark queues a job.
func (g *Generator) mark(j *job, why string) {
	if j.queued || g.jobs[j.key] != j || g.circles[j] {
		return
	}
	g.log.Debug("to be made", "rule", j.rule.title, "inputs", len(j.inputs), "first", j.inputs[0], "because", why)
	j.queued, g.sorted, g.intact = true, false, false
	g.queue = append(g.queue, j)
	g.pending[j.rule]++
}

// relisted marks the jobs that have listed a directory in which other names are now.
func (g *Generator) relisted(dir string) {
	if len(g.readers[dir]) == 0 {
		return
	}
	g.mu.Lock()
	now := examine(dir, stamp{})
	g.files[dir] = now
	g.mu.Unlock()
	for j := range g.readers[dir] {
		if read, reads := j.reads[dir]; reads && read != now.Digest {
			g.mark(j, "there are other files in "+g.name(dir))
		}
	}
}

// changed marks the jobs that a file concerns whose content may be another one.
func (g *Generator) changed(path string) {
	g.mu.Lock()
	now := g.look(path).Digest
	var owner *job
	var written digest.Digest
	if o := g.owned[path]; o != nil {
		owner, written = o.job, o.digest
	}
	g.mu.Unlock()
	for j := range g.readers[path] {
		read, reads := j.reads[path]
		if reads && read != now || owner == j && written != now || slices.Contains(j.refused, path) {
			g.mark(j, g.name(path)+" changed")
		}
	}
	g.relisted(filepath.Dir(path))
	if !now.IsZero() {
		g.present(path)
		return
	}
	for _, r := range g.rules {
		if !r.takes(path) {
			continue
		}
		if r.many != nil {
			g.joined(r)
		} else if j := g.jobs[r.id+" "+g.name(path)]; j != nil {
			g.drop(j)
		}
	}
}
