package livereload

import (
	"encoding/json"
	"errors"
)

// speech is what a connection speaks: docserve's own protocol, or that of
// LiveReload. One goroutine hears and another one says; neither method may touch
// what the other one uses.
type speech interface {
	// hear takes a message of the tab. The second result is false when it is
	// nothing for the hub. An error ends the connection.
	hear(data []byte) (hello, bool, error)
	// say turns a message of the hub into what is written, a JSON value each.
	say(envelope) []any
}

// errNonsense is told apart from other errors because it has a close code of
// its own.
var errNonsense = errors.New("read message: it is not of this protocol")

// own is what docserve's client speaks: hellos, which carry a token, and
// envelopes.
type own struct{ token string }

func (o own) hear(data []byte) (hello, bool, error) {
	var msg hello
	if json.Unmarshal(data, &msg) != nil {
		return hello{}, false, errNonsense
	}
	return msg, true, msg.check(o.token)
}

func (own) say(e envelope) []any { return []any{e} }
