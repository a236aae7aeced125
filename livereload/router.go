package livereload

import (
	"time"

	"docserve/internal/digest"
)

// greeting is a hello that a tab said, with the tab.
type greeting struct {
	tab   *tab
	hello hello
}

// receiver is the router's side of a tab. It must not block.
type receiver interface{ send(...envelope) }

// router is what Run owns: the tabs by the page that they show, and what a tab
// that comes late must still be told. It does no I/O of its own.
type router struct {
	current  func(page string) (digest.Digest, State, string)
	problems func(page string) Tally
	tabs     map[*tab]struct{}
	heard    func(Message, uint64)            // is told each message, with its epoch
	shows    map[receiver]string              // the page of each tab that has said hello; "" for a guest that did not say it
	open     map[string]map[receiver]struct{} // its inverse
	eager    map[receiver]bool                // the tabs in view, and whether they follow
	log      history
	moved    bool // views have changed since somebody cleared it
}

func newRouter(current func(string) (digest.Digest, State, string), problems func(string) Tally) *router {
	return &router{
		current:  current,
		problems: problems,
		heard:    func(Message, uint64) {},
		tabs:     map[*tab]struct{}{},
		shows:    map[receiver]string{},
		open:     map[string]map[receiver]struct{}{},
		eager:    map[receiver]bool{},
	}
}

func (r *router) join(t *tab) { r.tabs[t] = struct{}{} }

func (r *router) leave(t *tab) {
	delete(r.tabs, t)
	r.forget(t)
}

func (r *router) greet(g greeting, now time.Time) {
	_, here := r.tabs[g.tab]
	_, guest := g.tab.speech.(*official)
	switch {
	case !here:
	case guest:
		r.admit(g.tab, g.hello.Page)
	default:
		r.enter(g.tab, g.hello, now)
	}
}

// admit files a guest under its page, or under "" as one that anything may
// concern. It is answered, since the handshake wants that, but with no news: it
// has not said what it shows.
func (r *router) admit(t receiver, page string) {
	r.file(t, page)
	t.send(envelope{Message: Message{Kind: Status, Page: page}, Epoch: r.log.epoch})
}

func (r *router) file(t receiver, page string) {
	r.forget(t)
	r.shows[t] = page
	if r.open[page] == nil {
		r.open[page] = map[receiver]struct{}{}
	}
	r.open[page][t] = struct{}{}
	r.moved = true
}

// enter files a tab under its page and answers its hello. The page's digest is
// asked for after the tab was filed, so that a message which is published
// meanwhile reaches it and none is lost in between.
func (r *router) enter(t receiver, h hello, now time.Time) {
	r.file(t, h.Page)
	if h.Seen {
		r.eager[t] = h.Follow
	}
	answer := Message{Kind: Status, Page: h.Page}
	newest, state, note := r.current(h.Page)
	answer.State, answer.Note = state, note
	if !newest.IsZero() && newest != h.Hash {
		answer.Kind, answer.Hash = Update, newest
	}
	missed := append(r.log.missed(h, now), envelope{Message: answer, Epoch: r.log.epoch})
	tally := r.problems(h.Page)
	for i := range missed {
		missed[i].Problems = tally
	}
	t.send(missed...)
}

func (r *router) forget(t receiver) {
	page, ok := r.shows[t]
	if !ok {
		return
	}
	delete(r.shows, t)
	delete(r.eager, t)
	delete(r.open[page], t)
	if len(r.open[page]) == 0 {
		delete(r.open, page)
	}
	r.moved = true
}

// route sends a message to the tabs that it concerns.
func (r *router) route(e envelope) {
	e = r.log.add(e)
	if e.Page != "" {
		e.Problems = r.problems(e.Page)
	}
	r.heard(e.Message, e.Epoch)
	switch {
	case e.Kind == Edited:
		r.offer(e)
	case e.Page == "":
		for page := range r.open {
			r.send(e, page)
		}
	default:
		r.send(e, e.Page)
		for t := range r.open[""] {
			t.send(e)
		}
	}
}

// offer tells tabs in view which page is being edited.
func (r *router) offer(e envelope) {
	for t, follows := range r.eager {
		if page := r.shows[t]; follows || len(r.open[e.Page]) == 0 {
			e.Problems = r.problems(page)
			t.send(e)
		}
	}
}

// send gives a message to a page's tabs, with what is wrong with it now.
func (r *router) send(e envelope, page string) {
	if len(r.open[page]) == 0 {
		return
	}
	e.Problems = r.problems(page)
	for t := range r.open[page] {
		t.send(e)
	}
}

func (r *router) views() []View {
	views := make([]View, 0, len(r.open))
	for page, tabs := range r.open {
		if page == "" {
			continue
		}
		views = append(views, View{Page: page, Tabs: len(tabs)})
	}
	return sortViews(views)
}
