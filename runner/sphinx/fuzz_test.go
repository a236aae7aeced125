package sphinx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"docserve/internal/proc"
)

// FuzzFrames reads a stream as frames: what is read is what was sent, up to the
// first frame that is not whole, and a length alone takes no memory.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{})
	f.Add(append(frame([]byte(`{"id":1}`)), frame(nil)...))
	f.Add(frame([]byte("cut short"))[:7])
	f.Add([]byte{0x0f, 0xff, 0xff, 0xff, '{'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, '{'})
	f.Fuzz(func(t *testing.T, stream []byte) {
		reader := bytes.NewReader(stream)
		var again []byte
		var before, after runtime.MemStats
		for {
			whole := len(stream) - reader.Len()
			runtime.ReadMemStats(&before)
			data, err := readFrame(reader, maxFrame)
			runtime.ReadMemStats(&after)
			// What other goroutines of the test take meanwhile is in it, too.
			if took := after.TotalAlloc - before.TotalAlloc; took > uint64(firstRoom+8*len(stream)+(1<<20)) {
				t.Fatalf("%d bytes for a stream of %d", took, len(stream))
			}
			if err != nil {
				if !bytes.Equal(again, stream[:whole]) {
					t.Fatalf("%q was read as %q", stream, again)
				}
				if (err == io.EOF) != (whole == len(stream)) {
					t.Fatalf("the end of %q after %d bytes is %v", stream, whole, err)
				}
				return
			}
			again = append(again, frame(data)...)
		}
	})
}

// FuzzConnection has a process say anything after its greeting, or instead of
// it: who does not know the token is not heard at all; of the others there are
// the connection, one event for each frame, and the end, in this order.
func FuzzConnection(f *testing.F) {
	f.Add("token", "worker", "worker-1", []byte(`{"id":1,"result":{"docs":[]}}`), []byte(`{"progress":true}`))
	f.Add("token", "writer", "writer-2", []byte(`{"id":1,"failure":{"kind":"E"}}`), []byte("[]"))
	f.Add("other", "worker", "worker-1", []byte(`{}`), []byte(`{}`))
	f.Add("token", "standby", "../standby-1", []byte(`{}`), []byte(`nonsense`))
	f.Fuzz(func(t *testing.T, token, role, ident string, first, second []byte) {
		p := &Pool{
			opts: PoolOptions{Logger: slog.New(slog.DiscardHandler)}, token: "token", dir: t.TempDir(),
			events: make(chan Event, 8), procs: map[string]*proc.Process{}, forks: map[string]*proc.Output{},
		}
		hello, err := json.Marshal(greeting{Token: token, Role: role, Ident: ident, Pid: 1})
		if err != nil {
			t.Fatal(err)
		}
		process, docserve := net.Pipe()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			defer process.Close()
			for _, data := range [][]byte{hello, first, second} {
				if _, err := process.Write(frame(data)); err != nil {
					return // it was refused
				}
			}
		}()
		p.serve(t.Context(), docserve)
		<-sent
		close(p.events)
		var events []Event
		for event := range p.events {
			events = append(events, event)
		}
		known := token == "token" && len(hello) <= maxGreeting && plain(strings.ToValidUTF8(ident, "\ufffd"))
		if !known && len(events) > 0 || known && (len(events) < 2 || events[0].Conn == nil || events[len(events)-1].Lost == "") {
			t.Fatalf("known %v: %+v", known, events)
		}
		for i, event := range events {
			set := 0
			for _, is := range []bool{event.Conn != nil, event.Reply != nil, event.Progress, event.Lost != ""} {
				if is {
					set++
				}
			}
			if set != 1 || i > 0 && event.Conn != nil || i < len(events)-1 && event.Lost != "" || event.Ident != events[0].Ident {
				t.Fatalf("event %d is %+v", i, event)
			}
		}
	})
}

// FuzzMessages decodes answers: an error or a value, and what is kept from one
// session to the next is the same when it is read again.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"inputs":[["a",["b"]],["c",null]],"modules":[["m.py","d"]],"can_fork":true}`))
	f.Add([]byte(`{"inputs":[null,[],["a"],[1]]}`))
	f.Add([]byte(`{"docs":[{"doc":"a","deps":[["p","d","include"]],"error":{"kind":"E"}}]}`))
	f.Add([]byte(`{"all":"","pages":[["a",["context"],"names","why"],[],null]}`))
	f.Add([]byte(`{"images":[["a","b"]],"signature":{"context":"c","toctrees":{"a":"b"}}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, value := range []any{&Discovery{}, &Reads{}, &Updated{}, &Spread{}, &Copied{}, &Finished{}, &Settled{}, &Forked{}} {
			_ = json.Unmarshal(data, value) // an error is right, a panic is not
		}
		for _, value := range []any{&Facts{}, &Written{}} {
			if json.Unmarshal(data, value) != nil {
				continue
			}
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatalf("encode %+v: %v", value, err)
			}
			again := reflect.New(reflect.TypeOf(value).Elem()).Interface()
			if err := json.Unmarshal(text, again); err != nil || !reflect.DeepEqual(value, again) {
				t.Fatalf("%s became %+v, and of that %s %+v, %v", data, value, text, again, err)
			}
		}
	})
}

// FuzzStacks parses what a crashed process has left: of a text that was cut
// short, what there is of it.
func FuzzStacks(f *testing.F) {
	f.Add("Fatal Python error: Aborted\n\nCurrent thread 0x00007f (most recent call first):\n  File \"/a/b.py\", line 12 in f\n  Garbage-collecting\n  File \"\\xfc.py\", line 3 in <module>\n\n"+
		"Thread 0x01 (most recent call first):\n  <no Python frame>\n", 90)
	f.Add("  File \"a.py\", line 1 in f\n", 3)
	f.Add("Thread 0x1 [name] (most recent call first):\n  File \"a\", line 99999999999999999999 in f\n", 60)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		stacks := ParseStacks(text)
		frames := 0
		for _, s := range stacks {
			frames += len(s.Frames)
			for _, frame := range s.Frames {
				if frame.Line < 0 {
					t.Fatalf("line %d", frame.Line)
				}
			}
		}
		if lines := strings.Count(text, "\n") + 1; frames+len(stacks) > lines {
			t.Fatalf("%d stacks with %d frames in %d lines", len(stacks), frames, lines)
		}
		code := Code{Driver: "/d", Project: []string{"/a"}, Extensions: []string{"b"}}
		if culprit, ok := code.Blame(stacks); ok && !slices.ContainsFunc(stacks, func(s Stack) bool { return s.Current && slices.Contains(s.Frames, culprit.Frame) }) {
			t.Fatalf("%+v is to blame, and no frame of the thread that was asked", culprit)
		}
		if cut < 0 || cut > len(text) {
			return
		}
		begin := text[:strings.LastIndexByte(text[:cut], '\n')+1]
		for i, s := range ParseStacks(begin) {
			if i >= len(stacks) || s.Current != stacks[i].Current || len(s.Frames) > len(stacks[i].Frames) ||
				len(s.Frames) > 0 && !reflect.DeepEqual(s.Frames, stacks[i].Frames[:len(s.Frames)]) {
				t.Fatalf("stack %d of %q is %+v, of all it %+v", i, begin, s, stacks)
			}
		}
	})
}

// TestFramesThatAreTooLong: a length beyond the bound is refused before
// anything is read.
func TestFramesThatAreTooLong(t *testing.T) {
	stream := bytes.NewReader(frame(make([]byte, maxGreeting+1)))
	if _, err := readFrame(stream, maxGreeting); err == nil || errors.Is(err, io.ErrUnexpectedEOF) || stream.Len() != maxGreeting+1 {
		t.Errorf("got %v, %d bytes are left", err, stream.Len())
	}
}
