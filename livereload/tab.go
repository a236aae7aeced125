package livereload

import (
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
	// less than 200 bytes around it. Guests list their plugins, which is less.
	maxHello = maxPage + 1024
	// maxTalk is how many frames, pings included, a tab may send within talkTime.
	// A client says hello when it shows another page, and answers pings; what
	// sends more is no reader.
	maxTalk  = 200
	talkTime = 10 * time.Second
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
	speech
	log  *slog.Logger
	out  chan []envelope // one slot, with all that is not written yet
	bye  chan int        // one slot: a close code to say before hanging up
	quit chan struct{}   // closed by the reading side when it has ended
}

func newTab(conn *websocket.Conn, s speech, log *slog.Logger) *tab {
	return &tab{conn: conn, speech: s, log: log, out: make(chan []envelope, 1), bye: make(chan int, 1), quit: make(chan struct{})}
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

// serve reads until the connection ends, and hands on each hello. The first one
// must come within a time.
func (t *tab) serve(wait time.Duration, accept func(hello)) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		t.write()
	}()
	t.read(wait, accept)
	close(t.quit)
	<-written
}

func (t *tab) read(wait time.Duration, accept func(hello)) {
	talk := talk{}
	greeted := false // only who has said hello is waited for as long as it answers
	answer := t.conn.PingHandler()
	t.conn.SetReadLimit(maxHello)
	t.deadline(wait)
	t.conn.SetPongHandler(func(string) error {
		if err := talk.word(time.Now()); err != nil || !greeted {
			return err
		}
		return t.deadline(pongWait)
	})
	t.conn.SetPingHandler(func(data string) error {
		if err := talk.word(time.Now()); err != nil {
			return err
		}
		return answer(data)
	})
	for {
		kind, data, err := t.conn.ReadMessage()
		if err == nil {
			err = talk.word(time.Now())
		}
		if err != nil {
			if errors.Is(err, errTalk) {
				t.refuse(err)
			}
			return
		}
		if kind != websocket.TextMessage {
			t.refuse(errNonsense)
			return
		}
		msg, ok, err := t.hear(data)
		if err != nil {
			t.refuse(err)
			return
		}
		if ok {
			accept(msg)
		}
		greeted = true
		if t.deadline(pongWait) != nil {
			return
		}
	}
}

// refuse ends the connection of a tab that has said something wrong.
func (t *tab) refuse(err error) {
	t.log.Debug("refused a tab", "err", err)
	switch {
	case errors.Is(err, errToken):
		t.close(closeToken)
	case errors.Is(err, errNonsense):
		t.close(websocket.CloseUnsupportedData)
	default:
		t.close(websocket.ClosePolicyViolation)
	}
}

// errTalk is the end of a tab that talks too much.
var errTalk = errors.New("read message: there are too many")

// talk counts what a tab says.
type talk struct {
	since time.Time
	words int
}

// word counts one more frame. The error says that there were too many of late.
func (t *talk) word(now time.Time) error {
	if now.Sub(t.since) > talkTime {
		*t = talk{since: now}
	}
	if t.words++; t.words > maxTalk {
		return errTalk
	}
	return nil
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
		for _, word := range t.say(m) {
			if err := t.conn.WriteJSON(word); err != nil {
				return err
			}
		}
		if m.Told != nil {
			m.Told()
		}
	}
	return nil
}

// farewell tells the client why it is left. What becomes of it does not matter.
func (t *tab) farewell(code int) {
	_ = t.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
}
