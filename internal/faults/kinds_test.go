//go:build linux

package faults

import (
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
)

// dice decide what a fault does. They are loaded by the seed and the number of
// the fault, so that each is the same whatever happened before.
type dice = *rand.Rand

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// kind is one kind of fault.
type kind struct {
	name   string
	inject func(*sequence, dice) error // returns when the fault is there
	lift   func(*sequence) error       // takes back what does not end by itself; nil for nothing
	able   func(*sequence) bool        // nil for always
	still  bool                        // nobody can save anything before it was lifted
}

// Where the extension can misbehave, by what an edit must be to get there.
var (
	reading  = []string{"directive", "env-purge-doc", "source-read", "doctree-read"}
	writing  = []string{"missing-reference", "doctree-resolved", "html-page-context"}
	together = []string{"env-updated", "env-get-updated"}
	listing  = []string{"env-get-outdated", "env-before-read-docs"}
	ending   = []string{"env-check-consistency", "html-collect-pages", "build-finished"}
	opening  = []string{"conf.py", "setup", "config-inited", "builder-inited"}
	seldom   = []string{"include-read", "write-started"} // with what is included, and not in all versions
)

func all(places ...[]string) []string {
	var result []string
	for _, each := range places {
		result = append(result, each...)
	}
	return result
}

// later are all places but those where a project is opened.
var later = all(reading, writing, together, listing, ending)

// inside is a fault that the extension makes.
func inside(name, deed string, places []string) kind {
	return kind{name: name, inject: func(s *sequence, d dice) error { return s.order(d, deed, pick(d, places)) }}
}

// signalled is a signal that some process of the session gets from outside.
func signalled(name string, signal syscall.Signal) kind {
	return kind{name: name, inject: func(s *sequence, d dice) error { return s.signal(d, signal) }}
}

var kinds = []kind{
	signalled("SIGKILL from outside", syscall.SIGKILL),
	signalled("SIGSTOP from outside", syscall.SIGSTOP),
	signalled("SIGSEGV from outside", syscall.SIGSEGV),
	signalled("SIGTERM from outside", syscall.SIGTERM),
	signalled("SIGINT from outside", syscall.SIGINT),
	inside("SIGKILL in an extension", "kill", later),
	inside("SIGSTOP in an extension", "stop", all(reading, writing, ending)),
	inside("segmentation fault", "segfault", all(later, opening)),
	inside("abort", "abort", later),
	inside("exit 0 in an extension", "exit 0", all(later, opening)),
	inside("exit 3 in an extension", "exit 3", later),
	inside("sys.exit in an extension", "sys.exit", later),
	inside("sys.exit in conf.py", "sys.exit", opening),
	inside("exception in conf.py", "fail", opening),
	inside("exception in an event", "fail", all(later, seldom)),
	inside("KeyboardInterrupt in an event", "interrupt", later),
	inside("recursion error", "recursion", later),
	inside("memory runs out", "memory", later),
	inside("endless loop in Python", "loop", all(reading, writing, together, ending)),
	inside("endless sleep", "sleep", all(reading, writing, ending)),
	inside("endless loop in re", "loop in re", reading),
	inside("endless loop in C", "loop in C", all(reading, writing)),
	inside("standstill in conf.py", "sleep", []string{"conf.py"}),
	inside("standstill in finish", "sleep", ending),
	inside("deadlock after fork", "deadlock", reading),
	inside("lock of a thread that forks do not have", "lock", reading),
	inside("thread that stays", "thread", reading),
	inside("20 children that keep stdout", "children", all(reading, writing, ending)),
	inside("200 MB on stdout and stderr", "print 200 MB", all(reading, ending)),
	inside("binary garbage on stdout", "garbage", later),
	inside("reading stdin", "read stdin", later),
	inside("closing all descriptors", "close all", later),
	inside("changing directory", "change directory", later),
	inside("unpicklable environment", "unpicklable", all(reading, writing)),
	{name: "files that cannot grow", inject: (*sequence).limitFiles, lift: (*sequence).liftLimit},
	{name: "disk full", inject: (*sequence).fill, lift: (*sequence).drain, able: mounted},
	{name: "output read-only", inject: (*sequence).freeze, lift: (*sequence).thaw, able: func(s *sequence) bool { return mounted(s) || os.Geteuid() != 0 }},
	{name: "sources read-only", inject: (*sequence).protect, lift: (*sequence).unprotect, still: true, able: func(s *sequence) bool { return mounted(s) || os.Geteuid() != 0 }},
	{name: "source that cannot be read", inject: (*sequence).obstruct, lift: (*sequence).clear},
	{name: "file gone before it is read", inject: (*sequence).vanish},
	{name: "truncated write", inject: (*sequence).truncate},
	{name: "10,000 events a second", inject: (*sequence).storm},
}

func mounted(s *sequence) bool { return s.mount != "" }

// drawKind draws one of those that this session can have.
func drawKind(s *sequence, d dice) kind {
	only := os.Getenv(kindVar)
	for {
		k := pick(d, kinds)
		if (k.able == nil || k.able(s)) && strings.Contains(k.name, only) {
			return k
		}
	}
}
