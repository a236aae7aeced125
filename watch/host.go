package watch

// host is what a Watcher needs of the system that it runs on.
type host struct {
	notifier
	kind  func(dir string) string // type of the file system that dir is on, as the system calls it; "" when it does not say
	hears func(dir string) bool   // whether what is done in dir brings events, as far as can be found out
	spell func() *speller         // makes a new speller
	polls bool                    // the notifier is a poller
	deaf  bool                    // no events have come from the notifier where there should have been some
}

// mute reports whether the system brings no events at all.
func (h *host) mute() bool { return h.polls || h.deaf }

// notifier is the part of fsnotify that a tree needs.
type notifier interface {
	Add(dir string) error
	Remove(dir string) error
}
