package livereload

import "docserve/internal/digest"

// State is how true a page is that a browser shows.
type State string

// The states of a page.
const (
	Fresh       State = "fresh"       // what a clean build would write
	Building    State = "building"    // older than its sources; a newer one is on its way
	Provisional State = "provisional" // made before the whole site was read
	Failed      State = "failed"      // its sources cannot be built; what is shown is the last good page
)

// Kind says what a Message asks a browser to do.
type Kind string

// The kinds of messages to browsers.
const (
	Update Kind = "update" // the page has new bytes: fetch and show them
	Style  Kind = "style"  // style sheets changed: swap those in Paths
	Image  Kind = "image"  // images changed: refresh those in Paths
	Reload Kind = "reload" // something that cannot be swapped changed: load the page anew
	Status Kind = "status" // only State, Note or what is wrong changed
	Edited Kind = "edited" // somebody works on Page
)

// Message is one event for browsers. The zero Page means every tab; otherwise
// only the tabs that show that page get it. Edited is the exception: it goes to
// the tabs in view that follow, and if no tab shows Page, to all tabs in view.
type Message struct {
	Kind  Kind          `json:"kind"`
	Page  string        `json:"page,omitempty"`  // site path of the page's file, as "guide/index.html"
	Hash  digest.Digest `json:"hash,omitempty"`  // of the page's new bytes, for Update
	Paths []string      `json:"paths,omitempty"` // site paths, for Style and Image
	State State         `json:"state,omitempty"`
	Note  string        `json:"note,omitempty"`  // short text for the indicator: "reading 120 of 3125"
	Done  int           `json:"done,omitempty"`  // how far what Note tells of has come
	Total int           `json:"total,omitempty"` // 0 when that is not known
	Spot  *Spot         `json:"spot,omitempty"`  // for Edited: where; nil when it is not known
	Told  func()        `json:"-"`               // called from any goroutine for each tab to which it was written; must not block; nil for nobody

	// Problems is the hub's own to fill in: what is wrong with the page of the
	// tab that gets the message.
	Problems Tally `json:"problems,omitzero"`
}

// Spot is a place in a page.
type Spot struct {
	ID   string `json:"id"`   // of the last element with one that begins before the place; "" for none
	Text string `json:"text"` // the text there; "" for none
}

// Tally says how much is wrong with a page. What it is a browser asks for when
// somebody wants to know.
type Tally struct {
	Errors   int    `json:"errors,omitempty"`
	Warnings int    `json:"warnings,omitempty"`
	Key      string `json:"key"` // another one for each set of problems; "" for none
}

// View is what the hub knows of one page that is open somewhere.
type View struct {
	Page string `json:"page"` // site path
	Tabs int    `json:"tabs"` // how many
}
