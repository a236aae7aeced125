package events

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

// rig is a stream behind a server, with a status that the test sets.
type rig struct {
	*Stream
	*httptest.Server
	t      *testing.T
	status atomic.Value
	stop   func()
}

func newRig(t *testing.T, change func(*http.Server)) *rig {
	t.Helper()
	r := &rig{t: t}
	r.status.Store("starting")
	r.Stream = New(Options{Status: func(context.Context) any { return map[string]any{"phase": r.status.Load()} }, Origins: []string{"https://docs.test"}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	r.Server = httptest.NewUnstartedServer(r.Stream)
	if change != nil {
		change(r.Server.Config)
	}
	r.Start()
	r.stop = func() { cancel(); running.Wait() }
	t.Cleanup(func() { r.stop(); r.Close() })
	return r
}

// ear is a listener.
type ear struct {
	t *testing.T
	*http.Response
	*bufio.Scanner
}

func (r *rig) listen(headers ...string) *ear {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Add(name, value)
	}
	answer, err := r.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { answer.Body.Close() })
	return &ear{r.t, answer, bufio.NewScanner(answer.Body)}
}

// next returns the next event as "name id data".
func (e *ear) next() string {
	e.t.Helper()
	var event []string
	for e.Scan() {
		line := e.Text()
		_, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && len(event) > 0:
			return strings.Join(event, " ")
		case line == "" || strings.HasPrefix(line, ":") || strings.HasPrefix(line, "retry"):
		default:
			event = append(event, value)
		}
	}
	return fmt.Sprintf("the end (%v)", e.Err())
}

func (e *ear) wants(want string) {
	e.t.Helper()
	if got := e.next(); got != want {
		e.t.Fatalf("got %s, want %s", got, want)
	}
}

func TestStream(t *testing.T) {
	r := newRig(t, nil)
	r.Changed(map[string]string{"page": "nobody.html"}, 3) // nobody listens
	e := r.listen()
	if got := e.Header; e.StatusCode != 200 || got.Get("Content-Type") != "text/event-stream" || got.Get("Cache-Control") != "no-store" ||
		got.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("got %d %v", e.StatusCode, got)
	}
	e.wants(`status 3 {"phase":"starting"}`)
	r.Changed(map[string]string{"page": "a.html", "note": "two\nlines"}, 4)
	e.wants(`change 4 {"note":"two\nlines","page":"a.html"}`)
	r.Built(map[string]int{"written": 1})
	e.wants(`build 4 {"written":1}`)
	r.status.Store("settled")
	r.Touch()
	e.wants(`status 4 {"phase":"settled"}`)
	late := r.listen()
	late.wants(`status 4 {"phase":"settled"}`)
}

// However often the status changes, it is told at most four times a second, and
// the last one is told.
func TestStatusIsThinnedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks, value atomic.Int64
		s := New(Options{Status: func(context.Context) any { looks.Add(1); return value.Load() }})
		l := s.join()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		for range 1000 {
			value.Add(1)
			s.Touch()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(pace)
		synctest.Wait()
		text := string(s.take(l))
		if told := strings.Count(text, "event: status"); looks.Load() > 6 || int64(told) != looks.Load() || !strings.HasSuffix(text, "data: 1000\n\n") {
			t.Errorf("looked %d times in a second and told %s", looks.Load(), text)
		}
		s.Touch() // nothing has changed
		time.Sleep(pace)
		synctest.Wait()
		if text := s.take(l); len(text) > 0 {
			t.Errorf("told the same again: %s", text)
		}
		value.Add(1) // without a word
		time.Sleep(lookEvery)
		synctest.Wait()
		if text := string(s.take(l)); !strings.Contains(text, "data: 1001\n") {
			t.Errorf("told %q", text)
		}
		s.leave(l)
		before := looks.Load()
		time.Sleep(time.Minute)
		synctest.Wait()
		if looks.Load() != before {
			t.Error("looks at the status for nobody")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A listener that does not read is left, and never waited for.
func TestSlowListener(t *testing.T) {
	s := New(Options{Status: func(context.Context) any { return nil }})
	slow, quick := s.join(), s.join()
	s.tellStatus([]byte("{}"), true)
	long := strings.Repeat("x", maxPending/8)
	for range 32 {
		s.Built(long)
		s.take(quick)
	}
	select {
	case <-slow.gone:
	default:
		t.Error("it still waits for a listener that does not read")
	}
	if len(s.listeners) != 1 || len(slow.pending) > 2*maxPending {
		t.Errorf("%d listeners, %d bytes pending", len(s.listeners), len(slow.pending))
	}
	select {
	case <-quick.gone:
		t.Error("it has left one that reads")
	default:
	}
}

func TestTooManyListeners(t *testing.T) {
	r := newRig(t, nil)
	for range maxListeners {
		if e := r.listen(); e.StatusCode != http.StatusOK {
			t.Fatalf("got %d", e.StatusCode)
		}
	}
	if e := r.listen(); e.StatusCode != http.StatusServiceUnavailable || e.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", e.StatusCode)
	}
}

func TestForeignListener(t *testing.T) {
	r := newRig(t, nil)
	for _, test := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"a program", nil, 200},
		{"our own page", []string{"Sec-Fetch-Site: same-origin"}, 200},
		{"our own page, behind a proxy", []string{"Origin: https://docs.test"}, 200},
		{"another site", []string{"Origin: http://evil.test", "Sec-Fetch-Site: cross-site"}, 403},
		{"another site, an old browser", []string{"Origin: http://evil.test"}, 403},
		{"another site, without CORS", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"another port of this machine", []string{"Sec-Fetch-Site: same-site"}, 403},
		{"a file", []string{"Origin: null"}, 403},
	} {
		e := r.listen(test.headers...)
		if e.StatusCode != test.status || e.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d, want %d", test.name, e.StatusCode, test.status)
		}
	}
}

// The server's limits on time are not for the stream.
func TestStreamOutlivesTheServersLimits(t *testing.T) {
	r := newRig(t, func(s *http.Server) {
		s.ReadTimeout, s.WriteTimeout = 20*time.Millisecond, 20*time.Millisecond
		s.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	})
	e := r.listen()
	e.wants(`status 0 {"phase":"starting"}`)
	for i := range 5 { // a status comes at most every 250 ms, which is past the limits
		r.status.Store(fmt.Sprint(i))
		r.Touch()
		e.wants(fmt.Sprintf(`status 0 {"phase":"%d"}`, i))
	}
}

// When docserve ends, listeners are left at once: Shutdown waits for requests.
func TestStreamEnds(t *testing.T) {
	r := newRig(t, nil)
	e := r.listen()
	e.wants(`status 0 {"phase":"starting"}`)
	r.stop()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.Config.Shutdown(ctx); err != nil {
		t.Errorf("shut down: %v", err)
	}
	e.wants("the end (<nil>)")
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Status: func(context.Context) any { return nil }})
		ctx, cancel := context.WithCancel(t.Context())
		w := httptest.NewRecorder()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
		}()
		time.Sleep(3*beatEvery + time.Second)
		cancel()
		<-ended
		if got := w.Body.String(); got != "retry: 1000\n\n:\n\n:\n\n:\n\n" || !w.Flushed {
			t.Errorf("got %q", got)
		}
	})
}
