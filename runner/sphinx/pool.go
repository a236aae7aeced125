package sphinx

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"docserve/internal/proc"
)

// PoolOptions configure a Pool. Python is required.
type PoolOptions struct {
	Python  string       // interpreter that can import Sphinx
	WorkDir string       // directory that the processes run in; "" is the current one
	Logger  *slog.Logger // nil discards
}

// Pool starts Python processes and holds a connection to each of them and to
// each of their forks. What they answer comes out of Events.
type Pool struct {
	opts     PoolOptions
	dir      string // private: socket, driver, output of the processes
	script   string
	token    string
	address  string
	listener net.Listener
	events   chan Event

	mu     sync.Mutex // guards what follows
	procs  map[string]*proc.Process
	forks  map[string]*proc.Output // of the processes that those have forked
	closed bool                    // no process may be started any more
}

// Event is news of one process. Exactly one of Conn (it has connected), Reply,
// Progress, Act and Lost is set.
type Event struct {
	Ident string
	Conn  *Conn
	Reply *Answer
	Lost  string // how it ended: "exit status 3", "connection closed"

	Progress bool // what it is busy with gets on
	Act      *Act // what its code is about to do
}

// Answer is what a process says to a command.
type Answer struct {
	ID      int64
	Result  json.RawMessage
	Failure *Failure
}

// NewPool makes the private directory and the listener. Run must be called for
// anything to happen, and removes both when it ends.
func NewPool(opts PoolOptions) (*Pool, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	dir, err := os.MkdirTemp("", "docserve-")
	if err != nil {
		return nil, fmt.Errorf("make a private directory: %w", err)
	}
	p := &Pool{opts: opts, dir: dir, events: make(chan Event, 64), procs: map[string]*proc.Process{}, forks: map[string]*proc.Output{}}
	driver, err := Extract(dir)
	if p.script = driver.Worker; err == nil {
		err = p.listen()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	random := make([]byte, 16)
	rand.Read(random)
	p.token = hex.EncodeToString(random)
	return p, nil
}

// listen prefers a Unix socket; Python has none on Windows.
func (p *Pool) listen() (err error) {
	if runtime.GOOS != "windows" {
		path := filepath.Join(p.dir, "s")
		if p.listener, err = net.Listen("unix", path); err == nil {
			p.address = "unix:" + path
			return nil
		}
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("listen for workers: %w", err)
	}
	p.address = "tcp:" + p.listener.Addr().String()
	return nil
}

// Dir is a private directory that lives as long as the pool.
func (p *Pool) Dir() string { return p.dir }

// Events delivers the news of all processes. It is never closed.
func (p *Pool) Events() <-chan Event { return p.events }

// Run accepts connections until ctx is done, then kills every process.
func (p *Pool) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { p.listener.Close() })
	defer stop()
	var readers sync.WaitGroup
	for {
		c, err := p.listener.Accept()
		if err != nil {
			break
		}
		readers.Go(func() { p.serve(ctx, c) })
	}
	p.killAll()
	readers.Wait()
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("remove the private directory: %w", err)
	}
	if ctx.Err() == nil {
		return fmt.Errorf("accept workers: listener closed")
	}
	return nil
}

// killAll kills all processes and waits for their ends: one that is on its way
// out may still write to the private directory.
func (p *Pool) killAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, process := range p.procs {
		process.Kill()
	}
	for _, process := range p.procs {
		<-process.Done()
	}
}

// Spawn starts a Python process that imports Sphinx and then connects as ident.
func (p *Pool) Spawn(ctx context.Context, ident string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("start Python: everything is about to end")
	}
	process, err := proc.Start(proc.Spec{
		Name:   ident,
		Argv:   []string{p.opts.Python, p.script, p.address, ident, p.dir},
		Dir:    p.opts.WorkDir,
		Env:    append(os.Environ(), "DOCSERVE_TOKEN="+p.token),
		Output: filepath.Join(p.dir, ident+".out"),
	})
	if err != nil {
		return fmt.Errorf("start Python: %w", err)
	}
	p.procs[ident] = process
	go func() {
		select {
		case <-process.Done():
		case <-ctx.Done():
			process.Kill()
			<-process.Done()
		}
		p.emit(ctx, Event{Ident: ident, Lost: process.Exit()})
	}()
	return nil
}

// Output returns the last n bytes that the process ident and its children have
// printed.
func (p *Pool) Output(ident string, n int) string {
	p.mu.Lock()
	process, fork := p.procs[ident], p.forks[ident]
	p.mu.Unlock()
	switch {
	case process != nil:
		return string(process.Tail(n))
	case fork != nil:
		return string(fork.Tail(n))
	}
	return ""
}

// Forget drops what is kept of a process that has ended.
func (p *Pool) Forget(ident string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.procs, ident)
	delete(p.forks, ident)
	for _, suffix := range []string{".out", ".stacks"} {
		if err := os.Remove(filepath.Join(p.dir, ident+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			p.opts.Logger.Debug("cannot remove what a process has printed", "err", err)
		}
	}
}

// attendFork bounds what a fork prints, which it prints into a file of its own:
// the process that it was forked from may end first. The caller ends that.
func (p *Pool) attendFork(ident string) func() {
	out, err := proc.OpenOutput(filepath.Join(p.dir, ident+".out"))
	if err != nil {
		p.opts.Logger.Warn("what a fork prints is not kept", "err", err)
		return func() {}
	}
	p.mu.Lock()
	p.forks[ident] = out
	p.mu.Unlock()
	return out.Close
}

// Stacks returns what the process ident has written when it was asked for its
// stacks, or crashed, from an offset on; and the offset of what comes next.
func (p *Pool) Stacks(ident string, offset int) (string, int) {
	text, err := os.ReadFile(filepath.Join(p.dir, ident+".stacks"))
	if err != nil { // it has not begun
		return "", 0
	}
	return string(text[min(offset, len(text)):]), len(text)
}

// Kill ends a process that was started by Spawn, with everything in its group.
func (p *Pool) Kill(ident string) {
	p.mu.Lock()
	process := p.procs[ident]
	p.mu.Unlock()
	if process != nil {
		process.Kill()
	}
}

func (p *Pool) emit(ctx context.Context, event Event) {
	select {
	case p.events <- event:
	case <-ctx.Done():
	}
}

// greetingTimeout bounds how long a stranger may hold a connection.
const greetingTimeout = 10 * time.Second

// serve reads what one process says until its connection ends.
func (p *Pool) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	reader := bufio.NewReaderSize(c, 64<<10)
	if err := c.SetReadDeadline(time.Now().Add(greetingTimeout)); err != nil {
		return
	}
	var hello greeting
	data, err := readFrame(reader, maxGreeting)
	if err == nil {
		err = json.Unmarshal(data, &hello)
	}
	if err != nil || subtle.ConstantTimeCompare([]byte(hello.Token), []byte(p.token)) != 1 || !plain(hello.Ident) {
		p.opts.Logger.Warn("refused a connection that does not know the token")
		return
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return
	}
	conn := newConn(c, hello)
	defer conn.close()
	if hello.Role != "worker" {
		defer p.attendFork(hello.Ident)()
	}
	p.emit(ctx, Event{Ident: hello.Ident, Conn: conn})
	for {
		data, err := readFrame(reader, maxFrame)
		if err != nil {
			p.emit(ctx, Event{Ident: hello.Ident, Lost: "connection closed"})
			return
		}
		var answer reply
		if err := json.Unmarshal(data, &answer); err != nil {
			p.emit(ctx, Event{Ident: hello.Ident, Lost: fmt.Sprintf("sent what is no reply: %v", err)})
			return
		}
		if answer.Progress || answer.Act != nil {
			p.emit(ctx, Event{Ident: hello.Ident, Progress: answer.Progress, Act: answer.Act})
			continue
		}
		p.emit(ctx, Event{Ident: hello.Ident, Reply: &Answer{ID: answer.ID, Result: answer.Result, Failure: answer.Failure}})
	}
}

// plain reports whether an identifier can be part of a file's name, as those that
// docserve gives are.
func plain(ident string) bool {
	return ident != "" && len(ident) < 100 && strings.Trim(ident, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// Conn is the connection to one process.
type Conn struct {
	Role string
	Pid  int
	conn net.Conn
	out  chan []byte
	done chan struct{}
	once sync.Once
	next int64
}

func newConn(c net.Conn, hello greeting) *Conn {
	conn := &Conn{Role: hello.Role, Pid: hello.Pid, conn: c, out: make(chan []byte, 4), done: make(chan struct{})}
	go conn.write()
	return conn
}

// write is the only sender on the connection: a process that does not listen
// must not hold up who commands it.
func (c *Conn) write() {
	for {
		select {
		case data := <-c.out:
			if _, err := c.conn.Write(data); err != nil {
				c.conn.Close()
				return
			}
		case <-c.done:
			return
		}
	}
}

func (c *Conn) close() { c.once.Do(func() { close(c.done) }) }

// Send gives the process a command and returns the command's number. At most a
// few commands may be under way; more are an error.
func (c *Conn) Send(op string, arguments map[string]any) (int64, error) {
	c.next++
	message := map[string]any{"id": c.next, "op": op}
	for key, value := range arguments {
		message[key] = value
	}
	data, err := json.Marshal(message)
	if err != nil {
		return 0, fmt.Errorf("encode command %s: %w", op, err)
	}
	select {
	case c.out <- frame(data):
		return c.next, nil
	default:
		return 0, fmt.Errorf("send command %s: the process does not listen", op)
	}
}

// Close lets the process go; it ends by itself.
func (c *Conn) Close() { c.conn.Close() }
