package livereload

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// helloWait is how long a connection may stay without a hello: the client
	// says it at once, on whatever network.
	helloWait = 10 * time.Second
	// pingEvery keeps proxies from closing an idle connection; the shortest
	// common limit is 30 s.
	pingEvery = 20 * time.Second
	// pongWait is after how long without a word a tab is gone: two pings and
	// some slack.
	pongWait = 50 * time.Second
	// writeWait is how long one message may take. A tab that is slower is
	// dropped; it comes back, and its hello tells what it has missed.
	writeWait = 5 * time.Second
	// maxHello bounds what is read from a tab, in bytes: a page's path and
	// less than 200 bytes around it.
	maxHello = maxPage + 1024
)

// closeToken is the close code after which a client fetches its page to learn
// the token of the new run. 4000 and up are for applications.
const closeToken = 4401

// upgrader takes only what refusal has let through, so Origin is not checked
// twice. Small buffers: a message has some hundred bytes.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: writeWait,
	ReadBufferSize:   1024,
	WriteBufferSize:  1024,
	CheckOrigin:      func(*http.Request) bool { return true },
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		http.Error(w, "live reload: "+reason.Error(), status)
	},
}

// tab is one connection. The goroutine of ServeHTTP reads, one that it starts
// and joins writes. Only Run sends to it.
type tab struct {
	conn *websocket.Conn
	log  *slog.Logger
	out  chan []envelope // one slot, with all that is not written yet
	bye  chan int        // one slot: a close code to say before hanging up
	quit chan struct{}   // closed by the reading side when it has ended
}

func newTab(conn *websocket.Conn, log *slog.Logger) *tab {
	return &tab{conn: conn, log: log, out: make(chan []envelope, 1), bye: make(chan int, 1), quit: make(chan struct{})}
}

// send puts messages into the one slot, behind those that are still there. It
// does not block: Run is the only sender, so after a look into the slot there is
// room in it.
func (t *tab) send(messages ...envelope) {
	var q queue
	select {
	case q.items = <-t.out:
	default:
	}
	for _, m := range messages {
		q.put(m)
	}
	t.out <- q.items
}

// hangUp asks the writing side to say goodbye and to close the connection.
func (t *tab) hangUp() { t.close(websocket.CloseGoingAway) }

func (t *tab) close(code int) {
	select {
	case t.bye <- code:
	default:
	}
}

// abandon says the goodbye of a tab that was never served.
func (t *tab) abandon() {
	t.farewell(<-t.bye)
	t.conn.Close()
}

// serve reads until the connection ends, and hands each hello to accept.
func (t *tab) serve(accept func(hello) error) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		t.write()
	}()
	t.read(accept)
	close(t.quit)
	<-written
}

func (t *tab) read(accept func(hello) error) {
	t.conn.SetReadLimit(maxHello)
	t.deadline(helloWait)
	t.conn.SetPongHandler(func(string) error { return t.deadline(pongWait) })
	for {
		kind, data, err := t.conn.ReadMessage()
		if err != nil {
			return
		}
		var msg hello
		if kind != websocket.TextMessage || json.Unmarshal(data, &msg) != nil {
			t.close(websocket.CloseUnsupportedData)
			return
		}
		if err := accept(msg); err != nil {
			t.log.Debug("refused a tab", "err", err)
			t.close(codeOf(err))
			return
		}
		if t.deadline(pongWait) != nil {
			return
		}
	}
}

func codeOf(err error) int {
	if errors.Is(err, errToken) {
		return closeToken
	}
	return websocket.ClosePolicyViolation
}

func (t *tab) deadline(d time.Duration) error { return t.conn.SetReadDeadline(time.Now().Add(d)) }

// write sends what is in the slot, and pings, until either side ends. Closing
// the connection ends the reading side too.
func (t *tab) write() {
	defer t.conn.Close()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case messages := <-t.out:
			err = t.writeAll(messages)
		case <-ping.C:
			err = t.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		case code := <-t.bye:
			t.farewell(code)
			return
		case <-t.quit:
			select {
			case code := <-t.bye:
				t.farewell(code)
			default:
			}
			return
		}
		if err != nil {
			t.log.Debug("dropped a tab", "err", err)
			return
		}
	}
}

func (t *tab) writeAll(messages []envelope) error {
	if err := t.conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	for _, m := range messages {
		if err := t.conn.WriteJSON(m); err != nil {
			return err
		}
	}
	return nil
}

// farewell tells the client why it is left. What becomes of it does not matter.
func (t *tab) farewell(code int) {
	_ = t.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
}
