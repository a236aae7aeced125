package livereload

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"docserve/internal/digest"
)

// FuzzHello reads anything as a tab's hello. Only who knows the token is
// accepted, for something that can be a page; it is told all that has happened
// since it began to load, nothing of other pages, and its own state at the end.
func FuzzHello(f *testing.F) {
	for _, text := range []string{
		`{"page":"a","hash":"","token":"t"}`, `{"page":"a","token":"t","age":40000}`, `{"page":"a","token":"t","epoch":2}`, `{"page":"a","token":"t","epoch":18446744073709551615}`,
		`{"page":"a","token":"t","age":9223372036854775807}`, `{"page":"a","token":"t","age":-1}`, `{"page":"","token":"t"}`, `{"page":"a\u0000","token":"t"}`, `{"page":"b","token":"x"}`,
		`{"page":"b","token":"t","hash":"zz"}`, `{"PAGE":"b","token":"t"}`, `null`, `[]`, `"a"`, `{"page":1}`, `{"page":"\ud800","token":"t"}`, "",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var h hello
		if json.Unmarshal(data, &h) != nil {
			return
		}
		err := h.check("t")
		if h.Token != "t" && err == nil || err == nil && (h.Page == "" || strings.ContainsAny(h.Page, "\x00\\")) {
			t.Fatalf("%s is accepted", data)
		}
		if h.check("") == nil {
			t.Fatal("a run without a token accepts tabs")
		}
		if err != nil {
			return
		}
		now := time.Unix(1_000_000, 0)
		r := newRouter(func(string) (digest.Digest, State, string) { return newHash, Fresh, "n" }, noProblems)
		for i, m := range []Message{{Kind: Style, Paths: []string{"s.css"}}, {Kind: Update, Page: "a", Hash: oldHash}, {Kind: Image, Page: "elsewhere", Paths: []string{"i.png"}}, {Kind: Style, Paths: []string{"t.css"}}} {
			r.route(envelope{Message: m, at: now.Add(time.Duration(i-4) * 10 * time.Second)}) // 40, 30, 20 and 10 s ago
		}
		var tab recorder
		r.enter(&tab, h, now)
		if views := r.views(); len(views) != 1 || views[0] != (View{Page: h.Page, Tabs: 1}) {
			t.Fatalf("%s shows %v", data, views)
		}
		last := tab.got[len(tab.got)-1]
		if want := (h.Hash != newHash); last.Page != h.Page || last.Epoch != 3 || (last.Kind == Update) != want {
			t.Fatalf("%s is answered with %+v", data, last)
		}
		told := func(path string) bool {
			return slices.ContainsFunc(tab.got, func(e envelope) bool { return slices.Contains(e.Paths, path) })
		}
		missed := func(epoch uint64, ago int64) bool {
			if h.Epoch != nil {
				return *h.Epoch > 3 || *h.Epoch < epoch
			}
			return h.Age > ago
		}
		if told("s.css") != missed(1, 40_000) || told("t.css") != missed(3, 10_000) || told("i.png") != (h.Page == "elsewhere" && missed(2, 20_000)) {
			t.Fatalf("%s is told %+v", data, tab.got)
		}
	})
}

// FuzzSocket has a browser send any message to a hub that serves another one as
// well: it is answered or left, and the other one still hears what is published.
func FuzzSocket(f *testing.F) {
	hub := New(Options{Token: "t"})
	ended := make(chan error, 1)
	ctx := f.Context()
	go func() { ended <- hub.Run(ctx) }()
	server := httptest.NewServer(hub)
	f.Cleanup(func() {
		server.Close()
		if err := <-ended; err != nil {
			f.Error(err)
		}
	})
	f.Add(websocket.TextMessage, []byte(`{"page":"a","token":"t"}`))
	f.Add(websocket.TextMessage, []byte(`{"page":"a","token":"x"}`))
	f.Add(websocket.BinaryMessage, []byte(`{"page":"a","token":"t"}`))
	f.Add(websocket.TextMessage, []byte(strings.Repeat("x", maxHello+1)))
	f.Add(websocket.TextMessage, []byte("\xff{"))
	f.Add(websocket.CloseMessage, []byte{0x03, 0xe8})
	f.Add(websocket.PingMessage, []byte("x"))
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		witness := dialHub(t, server)
		if err := witness.WriteMessage(websocket.TextMessage, []byte(`{"page":"witness","token":"t"}`)); err != nil {
			t.Fatal(err)
		}
		expect(t, witness, "witness", "")
		tab := dialHub(t, server)
		if tab.WriteMessage(kind, data) != nil || kind != websocket.TextMessage && kind != websocket.BinaryMessage {
			tab.Close() // the library does not send it, or it says nothing
		} else if _, _, err := tab.ReadMessage(); err != nil && !websocket.IsCloseError(err, closeToken, websocket.ClosePolicyViolation, websocket.CloseUnsupportedData, websocket.CloseMessageTooBig) {
			t.Fatalf("%d %q is answered with %v", kind, data, err)
		}
		hub.Publish(Message{Kind: Status, Page: "witness", Note: t.Name()})
		expect(t, witness, "witness", t.Name())
	})
}

func dialHub(t *testing.T, server *httptest.Server) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), strings.Replace(server.URL, "http", "ws", 1), http.Header{"Origin": {server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil { // it fails then, rather than to hang
		t.Fatal(err)
	}
	return conn
}

// expect reads until a status with a note comes.
func expect(t *testing.T, conn *websocket.Conn, page, note string) {
	t.Helper()
	for {
		var m Message
		if err := conn.ReadJSON(&m); err != nil {
			t.Fatalf("the other tab: %v", err)
		}
		if m.Page == page && m.Note == note {
			return
		}
	}
}
