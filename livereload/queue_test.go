package livereload

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"docserve/internal/digest"
)

func put(messages ...Message) []Message {
	var q queue
	for _, m := range messages {
		q.put(envelope{Message: m})
	}
	return plain(q.take())
}

func plain(envelopes []envelope) []Message {
	var messages []Message
	for _, e := range envelopes {
		messages = append(messages, e.Message)
	}
	return messages
}

func TestQueue(t *testing.T) {
	one, two := digest.Of([]byte("one")), digest.Of([]byte("two"))
	for _, test := range []struct {
		name     string
		put, get []Message
	}{
		{"the newest update wins",
			[]Message{{Kind: Update, Page: "a", Hash: one}, {Kind: Update, Page: "a", Hash: two}},
			[]Message{{Kind: Update, Page: "a", Hash: two}}},
		{"pages do not overtake each other's updates",
			[]Message{{Kind: Update, Page: "a", Hash: one}, {Kind: Update, Page: "b", Hash: one}},
			[]Message{{Kind: Update, Page: "a", Hash: one}, {Kind: Update, Page: "b", Hash: one}}},
		{"an update does not replace a status",
			[]Message{{Kind: Status, Page: "a", State: Building}, {Kind: Update, Page: "a", Hash: one}},
			[]Message{{Kind: Status, Page: "a", State: Building}, {Kind: Update, Page: "a", Hash: one}}},
		{"a status without a state leaves it",
			[]Message{{Kind: Status, Page: "a", State: Failed}, {Kind: Status, Page: "a", Note: "n"}, {Kind: Status, Page: "b", State: Fresh}},
			[]Message{{Kind: Status, Page: "a", State: Failed, Note: "n"}, {Kind: Status, Page: "b", State: Fresh}}},
		{"paths add up",
			[]Message{{Kind: Style, Paths: []string{"b", "a"}}, {Kind: Style, Paths: []string{"c", "a"}}},
			[]Message{{Kind: Style, Paths: []string{"a", "b", "c"}}}},
		{"a reload makes what came before useless, but no state",
			[]Message{{Kind: Style, Paths: []string{"a"}}, {Kind: Update, Page: "a"}, {Kind: Status, Page: "a", State: Failed}, {Kind: Reload}},
			[]Message{{Kind: Status, Page: "a", State: Failed}, {Kind: Reload}}},
		{"a reload of one page leaves the others",
			[]Message{{Kind: Update, Page: "b"}, {Kind: Update, Page: "a"}, {Kind: Style, Paths: []string{"a"}}, {Kind: Reload, Page: "a"}},
			[]Message{{Kind: Update, Page: "b"}, {Kind: Style, Paths: []string{"a"}}, {Kind: Reload, Page: "a"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := put(test.put...); !reflect.DeepEqual(got, test.get) {
				t.Errorf("got %v, want %v", got, test.get)
			}
		})
	}
}

func TestQueueTurnsStormIntoReload(t *testing.T) {
	var storm []Message
	for i := range 2 * maxPaths {
		storm = append(storm, Message{Kind: Image, Paths: []string{strconv.Itoa(i)}})
	}
	got := put(storm...)
	if !slices.ContainsFunc(got, func(m Message) bool { return m.Kind == Reload }) {
		t.Errorf("no reload among %d messages", len(got))
	}
	for _, m := range got {
		if len(m.Paths) > maxPaths {
			t.Errorf("a message with %d paths", len(m.Paths))
		}
	}
}

func anyMessage(t *rapid.T) Message {
	return Message{
		Kind:  rapid.SampledFrom([]Kind{Update, Style, Image, Reload, Status}).Draw(t, "kind"),
		Page:  rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "page"),
		Hash:  digest.Digest{rapid.Byte().Draw(t, "hash")},
		Paths: rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3).Draw(t, "paths"),
	}
}

// Whatever is put into a queue: it stays short, its last message is the last
// that was put, and for each page and kind what it tells is the newest, unless a
// reload behind it tells more.
func TestQueueProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.Custom(anyMessage), 1, 50).Draw(t, "messages")
		out := put(in...)
		if len(out) > 5*3 {
			t.Fatalf("%d messages are left", len(out))
		}
		last := out[len(out)-1]
		if want := in[len(in)-1]; last.Kind != want.Kind || last.Page != want.Page {
			t.Fatalf("the last is %v, want %v", last, want)
		}
		for i, m := range in {
			later := func(n Message) bool {
				return n.Kind == m.Kind && n.Page == m.Page || m.Kind != Status && n.Kind == Reload && concerns(envelope{Message: n}, m.Page)
			}
			if slices.ContainsFunc(in[i+1:], later) {
				continue
			}
			same := func(n Message) bool { return n.Kind == m.Kind && n.Page == m.Page && n.Hash == m.Hash }
			if !slices.ContainsFunc(out, same) {
				t.Fatalf("%v is lost in %v", m, out)
			}
		}
	})
}
