package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// session is the measuring of one site.
type session struct {
	*workspace
	*result
	against string // binary of another docserve; "" for none
	want    func(measures ...string) bool
	keep    func() // called when there is more in the result
	log     *slog.Logger
}

// measureSite fills in the result of a site, and calls keep whenever there is
// more in it.
func measureSite(ctx context.Context, into *result, c corpora, opts options, docserve string, keep func(), log *slog.Logger) error {
	w, err := newWorkspace(ctx, into.site, c, opts, docserve)
	if err != nil {
		return err
	}
	log = log.With("site", into.site.name)
	r := &session{
		workspace: w,
		result:    into,
		against:   opts.against,
		keep:      keep,
		log:       log,
		want: func(measures ...string) bool {
			return slices.ContainsFunc(measures, func(m string) bool { return into.site.takes(m) && slices.Contains(opts.measures, m) })
		},
	}
	r.measure(ctx)
	if opts.keep || len(r.failures) > 0 {
		log.Info("kept", "directory", w.dir)
	} else if err := w.remove(); err != nil {
		return err
	}
	return ctx.Err()
}

// step takes one measure. A failure of it is noted in the table, and the rest
// goes on.
func (r *session) step(ctx context.Context, name string, take func() error) bool {
	if ctx.Err() != nil {
		return false
	}
	r.log.Info("measuring", "measure", name)
	err := take()
	defer r.keep()
	if err == nil {
		return true
	}
	if !errors.Is(err, context.Canceled) {
		r.log.Error("measure failed", "measure", name, "error", err)
		r.failures = append(r.failures, fmt.Sprintf("%s: %v", name, err))
	}
	return false
}

// measure takes the wanted measures in an order in which each finds what it
// needs: the plain build is autobuild's and the floor's starting point, and
// the settled output is what warm starts start from.
func (r *session) measure(ctx context.Context) {
	plain, settled := r.out("plain"), r.out("settled")
	havePlain := false
	if r.want("save", "coldsave", "cold", "floor", "conf", "memory", "subprocess") {
		havePlain = r.step(ctx, "clean sphinx-build", func() (err error) {
			r.plain, r.plainMem, err = r.build(ctx, plain, "-j", "2")
			return err
		})
	}
	haveSettled := false
	if r.want("save", "floor", "cold", "warm", "conf", "memory", "nofork", "heading", "crash", "checkout") {
		haveSettled = r.step(ctx, "cold", func() error { return r.fromCold(ctx, settled, plain, havePlain) })
	}
	if haveSettled && r.want("warm") {
		r.step(ctx, "warm", func() (err error) {
			r.warm, err = r.warmStarts(ctx, settled)
			return err
		})
	}
	if haveSettled && r.want("nofork") {
		r.step(ctx, "nofork", func() (err error) {
			r.nofork, err = r.noForkSaves(ctx, settled)
			return err
		})
	}
	if r.want("coldsave") {
		r.step(ctx, "coldsave", func() (err error) {
			r.coldsave, err = r.coldSaves(ctx, r.out("coldsave"))
			return err
		})
	}
	if havePlain && r.want("save", "coldsave") {
		r.step(ctx, "sphinx-autobuild", func() (err error) {
			r.autosave, err = r.autobuildSaves(ctx, plain)
			return err
		})
	}
	if havePlain && r.want("subprocess") {
		r.step(ctx, "subprocess", func() (err error) {
			r.subprocess, err = r.subprocessSaves(ctx, plain)
			return err
		})
	}
	if r.want("structured") {
		r.step(ctx, "structured", func() error { return r.structuredSaves(ctx, r.out("structured"), &r.structured) })
		r.step(ctx, "generate", func() error { return r.generateLarge(ctx, &r.structured) })
	}
	if r.against != "" && r.want("against") {
		r.step(ctx, "against", func() (err error) {
			r.this, r.other, err = r.againstSaves(ctx, r.against)
			return err
		})
	}
	if haveSettled && havePlain && r.want("conf") { // last: it leaves its title in conf.py
		r.step(ctx, "conf", func() (err error) {
			r.conf, err = r.confEdit(ctx, settled, plain)
			return err
		})
	}
}

// fromCold starts docserve on nothing, and takes from that one process all
// that wants a settled one.
func (r *session) fromCold(ctx context.Context, out, plain string, havePlain bool) error {
	s, c, err := r.coldStart(ctx, out, !r.want("cold"))
	r.cold = c
	if err != nil {
		return err
	}
	defer s.stop(10 * time.Second)
	if r.want("memory") {
		r.step(ctx, "memory", func() (err error) {
			r.idle, err = r.footprint(ctx, s)
			return err
		})
	}
	if r.want("save") {
		r.step(ctx, "save", func() (err error) {
			r.save, r.made, err = r.settledSaves(ctx, s, r.edited.paragraph)
			return err
		})
	}
	if havePlain && r.want("floor") {
		r.step(ctx, "floor", func() (err error) {
			r.served, r.floor, err = r.servedSaves(ctx, s, plain)
			return err
		})
	}
	if r.want("heading") {
		r.step(ctx, "heading", func() (err error) {
			r.headings, err = r.headingSaves(ctx, s)
			return err
		})
	}
	if r.want("crash") {
		r.step(ctx, "crash", func() (err error) {
			r.crashed, r.usual, err = r.crashSaves(ctx, s)
			return err
		})
	}
	if r.want("checkout") { // last: it leaves its documents
		r.step(ctx, "checkout", func() (err error) {
			r.checkout, err = r.checkOut(ctx, s)
			return err
		})
	}
	return settleBefore(ctx, s)
}

// settleBefore waits until docserve has settled, so that it can be ended
// without leaving work behind.
func settleBefore(ctx context.Context, s *server) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	_, err := s.settled(ctx)
	return err
}
