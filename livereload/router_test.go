package livereload

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"docserve/internal/digest"
)

// recorder is a tab that only remembers what it was sent.
type recorder struct{ got []envelope }

func (r *recorder) send(messages ...envelope) { r.got = append(r.got, messages...) }

func (r *recorder) take() []Message {
	got := plain(r.got)
	r.got = nil
	return got
}

var (
	oldHash = digest.Of([]byte("old"))
	newHash = digest.Of([]byte("new"))
)

func TestHelloIsAnswered(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, test := range []struct {
		name    string
		hash    digest.Digest // what the tab says
		current digest.Digest
		state   State
		want    Message
	}{
		{"up to date", newHash, newHash, Fresh, Message{Kind: Status, Page: "a", State: Fresh, Note: "n"}},
		{"outdated", oldHash, newHash, Fresh, Message{Kind: Update, Page: "a", Hash: newHash, State: Fresh, Note: "n"}},
		{"waiting for the first bytes", digest.Digest{}, newHash, Provisional, Message{Kind: Update, Page: "a", Hash: newHash, State: Provisional, Note: "n"}},
		{"not there yet", digest.Digest{}, digest.Digest{}, Building, Message{Kind: Status, Page: "a", State: Building, Note: "n"}},
		{"a page that nobody knows", oldHash, digest.Digest{}, Fresh, Message{Kind: Status, Page: "a", State: Fresh, Note: "n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRouter(func(string) (digest.Digest, State, string) { return test.current, test.state, "n" }, noProblems)
			var tab recorder
			r.enter(&tab, hello{Page: "a", Hash: test.hash}, now)
			if got := tab.take(); !reflect.DeepEqual(got, []Message{test.want}) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func knowsNothing(string) (digest.Digest, State, string) { return digest.Digest{}, Failed, "" }

// Every message to a tab says what is wrong with its own page at that moment.
func TestProblemsGoWithMessages(t *testing.T) {
	wrong := map[string]Tally{"a": {Errors: 1, Key: "k"}}
	r := newRouter(knowsNothing, func(page string) Tally { return wrong[page] })
	a, b := &recorder{}, &recorder{}
	r.enter(a, hello{Page: "a"}, time.Now())
	r.enter(b, hello{Page: "b"}, time.Now())
	r.route(envelope{Message: Message{Kind: Status, Note: "for all"}})
	wrong["a"], wrong["b"] = Tally{}, Tally{Warnings: 2, Key: "l"}
	r.route(envelope{Message: Message{Kind: Update, Page: "a"}})
	r.route(envelope{Message: Message{Kind: Status, Page: "b"}})
	tallies := func(tab *recorder) (all []Tally) {
		for _, m := range tab.take() {
			all = append(all, m.Problems)
		}
		return all
	}
	if got, want := tallies(a), []Tally{{Errors: 1, Key: "k"}, {Errors: 1, Key: "k"}, {}}; !slices.Equal(got, want) {
		t.Errorf("a is told %v, want %v", got, want)
	}
	if got, want := tallies(b), []Tally{{}, {}, {Warnings: 2, Key: "l"}}; !slices.Equal(got, want) {
		t.Errorf("b is told %v, want %v", got, want)
	}
}

// Nobody hears of another page being edited but who follows, or who looks at
// another one while no tab has it.
func TestEditedIsOffered(t *testing.T) {
	for _, test := range []struct {
		name   string
		hellos []hello
		want   []bool
	}{
		{"in view, and nobody has the page", []hello{{Page: "a", Seen: true}, {Page: "b"}}, []bool{true, false}},
		{"another tab has the page", []hello{{Page: "a", Seen: true}, {Page: "edited"}}, []bool{false, false}},
		{"follows", []hello{{Page: "a", Seen: true, Follow: true}, {Page: "edited", Seen: true, Follow: true}, {Page: "a", Seen: true}}, []bool{true, true, false}},
		{"follows out of view", []hello{{Page: "a", Follow: true}}, []bool{false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRouter(knowsNothing, noProblems)
			tabs := make([]recorder, len(test.hellos))
			for i, h := range test.hellos {
				r.enter(&tabs[i], h, time.Now())
				tabs[i].take()
			}
			r.route(envelope{Message: Message{Kind: Edited, Page: "edited"}})
			for i := range tabs {
				if got := tabs[i].take(); (len(got) == 1) != test.want[i] {
					t.Errorf("tab %d is told %v", i, got)
				}
			}
		})
	}
}

func noProblems(string) Tally { return Tally{} }

func TestMissedAssets(t *testing.T) {
	start := time.Unix(1000, 0)
	style := func(r *router, seconds int, path string) {
		r.route(envelope{Message: Message{Kind: Style, Paths: []string{path}}, at: start.Add(time.Duration(seconds) * time.Second)})
	}
	epoch := func(n uint64) *uint64 { return &n }
	for _, test := range []struct {
		name  string
		hello hello
		want  []Message // before the answer
	}{
		{"loaded after all", hello{Page: "a", Age: 500}, nil},
		{"loaded in between", hello{Page: "a", Age: 1500}, []Message{{Kind: Style, Paths: []string{"3"}}}},
		{"loaded before, both at once", hello{Page: "a", Age: 2500}, []Message{{Kind: Style, Paths: []string{"2", "3"}}}},
		{"back, nothing happened", hello{Page: "a", Epoch: epoch(3), Age: 9999}, nil},
		{"back, with news", hello{Page: "a", Epoch: epoch(1)}, []Message{{Kind: Style, Paths: []string{"2", "3"}}}},
		{"from another run", hello{Page: "a", Epoch: epoch(99)}, []Message{{Kind: Style, Paths: []string{"1", "2", "3"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRouter(knowsNothing, noProblems)
			for i := range 3 {
				style(r, i+1, strconv.Itoa(i+1))
			}
			var tab recorder
			r.enter(&tab, test.hello, start.Add(4*time.Second))
			got := tab.take()
			if got := got[:len(got)-1]; len(got)+len(test.want) > 0 && !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	t.Run("forgotten", func(t *testing.T) {
		r := newRouter(knowsNothing, noProblems)
		for i := range historyLength + 2 {
			style(r, i, "x")
		}
		var tab recorder
		r.enter(&tab, hello{Page: "a", Epoch: epoch(1)}, start)
		if got := tab.take(); got[0].Kind != Reload {
			t.Errorf("got %v, want a reload first", got)
		}
	})
}

// After any sequence of hellos, leaves and messages, each tab has been sent
// exactly the messages to its page at the time, or to all, and views tell who is
// there.
func TestRoutingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRouter(knowsNothing, noProblems)
		tabs := make([]recorder, 4)
		model := map[int]string{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, len(tabs)-1).Draw(t, "tab")
			switch rapid.SampledFrom([]string{"hello", "leave", "publish"}).Draw(t, "step") {
			case "hello":
				model[i] = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "page")
				r.enter(&tabs[i], hello{Page: model[i]}, time.Unix(1<<40, 0))
				tabs[i].take()
			case "leave":
				delete(model, i)
				r.forget(&tabs[i])
			case "publish":
				m := rapid.Custom(anyMessage).Draw(t, "message")
				r.route(envelope{Message: m, at: time.Unix(0, 0)})
				for i := range tabs {
					page, here := model[i]
					want := here && (m.Page == "" || m.Page == page)
					if got := tabs[i].take(); (len(got) == 1) != want {
						t.Fatalf("tab %d on %q got %v of %v", i, page, got, m)
					}
				}
			}
			count := map[string]int{}
			for _, page := range model {
				count[page]++
			}
			var want []string
			for page, n := range count {
				want = append(want, fmt.Sprint(View{page, n}))
			}
			slices.Sort(want)
			var got []string
			for _, v := range r.views() {
				got = append(got, fmt.Sprint(v))
			}
			if !slices.Equal(got, want) {
				t.Fatalf("views are %v, want %v", got, want)
			}
		}
	})
}
