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
			r := newRouter(func(string) (digest.Digest, State, string) { return test.current, test.state, "n" })
			var tab recorder
			r.enter(&tab, hello{Page: "a", Hash: test.hash}, now)
			if got := tab.take(); !reflect.DeepEqual(got, []Message{test.want}) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func knowsNothing(string) (digest.Digest, State, string) { return digest.Digest{}, Failed, "" }

func TestErrorsAreToldToLateTabs(t *testing.T) {
	r := newRouter(knowsNothing)
	r.route(envelope{Message: Message{Kind: Status, State: Failed, Errors: []string{"conf.py:1: bad"}}})
	r.route(envelope{Message: Message{Kind: Status, Page: "a", State: Failed, Errors: []string{"a.rst:1: bad"}}})
	errorsOf := func(page string) []string {
		var tab recorder
		r.enter(&tab, hello{Page: page}, time.Now())
		defer r.forget(&tab)
		return tab.take()[0].Errors
	}
	if got := errorsOf("a"); !slices.Equal(got, []string{"conf.py:1: bad", "a.rst:1: bad"}) {
		t.Errorf("a is told %q", got)
	}
	r.route(envelope{Message: Message{Kind: Status, State: Fresh}})
	if got := errorsOf("b"); len(got) != 0 {
		t.Errorf("b is told %q", got)
	}
	if got := errorsOf("a"); !slices.Equal(got, []string{"a.rst:1: bad"}) {
		t.Errorf("a is told %q", got)
	}
}

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
			r := newRouter(knowsNothing)
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
		r := newRouter(knowsNothing)
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
		r := newRouter(knowsNothing)
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
