package runner

// A fork has all that the process has which it was forked from, but for its
// threads. A lock that one of them holds is held for ever there, and whatever
// needs it stands still: not because of the document or the step, but because
// it is done in a fork. Nobody can tell that from one standstill. When forks of
// one worker have to be given up at different things, the worker does them
// itself, as it does where there is no fork.

// suspect notes that a fork has ended at a task, and has the worker do without
// forks when that was given up, and is not the only one.
func (r *Runner) suspect(t *task) {
	page := r.pages[t.doc]
	if page == nil {
		if _, given := r.given(*t); !given {
			return
		}
	} else if !page.aside() {
		return
	}
	if r.crew.forsaken == nil {
		r.crew.forsaken = map[[2]string]bool{}
	}
	r.crew.forsaken[[2]string{t.key(), t.doc}] = true
	if len(r.crew.forsaken) < enough || r.crew.alone {
		return
	}
	r.log.Warn("going on without forks of this process", "reason", "they end, or stand still, at different things")
	r.crew.alone = true
	r.killWriters()
	r.abortFinish()
	r.secondChance()
	write := task{op: "write"}
	why := because(Retry, "could not be written by a fork")
	for _, p := range r.order {
		if p.aside() && r.crew.forsaken[[2]string{write.key(), p.doc}] {
			p.failure, p.kills = nil, enough-1
			r.markRead(p, why)
			r.markWrite(p, why)
			r.show(p)
		}
	}
}

// trust begins with a new worker, of whose forks nothing is known.
func (r *Runner) trust() { r.crew.forsaken, r.crew.alone = nil, false }
