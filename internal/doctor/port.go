package doctor

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"docserve/internal/running"
)

// replyTimeout is how long a program on this machine may take to answer.
const replyTimeout = 2 * time.Second

// findPort finds out whether the port can be had, and who has it otherwise.
func findPort(ctx context.Context, opts Options) Port {
	p := Port{Host: opts.Host, Number: opts.Port, Asked: opts.PortSet}
	listener, err := net.Listen("tcp", net.JoinHostPort(p.Host, strconv.Itoa(p.Number)))
	if err != nil {
		p.Err, p.Taken = err, addressInUse(err)
		if p.Taken {
			p.Who, p.PID = whoAnswers(ctx, p.Host, p.Number)
		}
		if listener, err = opts.Listen(); err != nil {
			return p
		}
		if !p.Asked {
			p.Next = listener.Addr().(*net.TCPAddr).Port
		}
	}
	defer listener.Close()
	p.Loopback = greet(ctx, listener, local(p.Host))
	return p
}

// whoAnswers asks what is behind a port that is taken.
func whoAnswers(ctx context.Context, host string, port int) (Answerer, int) {
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	server, err := running.Identify(ctx, "http://"+net.JoinHostPort(local(host), strconv.Itoa(port))+"/")
	switch {
	case err == nil:
		return Docserve, server.PID
	case errors.Is(err, running.ErrStranger):
		return HTTP, 0
	}
	return Other, 0
}

// local is where a browser on this machine finds what listens on host.
func local(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

// greet has this process talk to itself through a listener, as a browser would.
// It closes the listener.
func greet(ctx context.Context, listener net.Listener, host string) error {
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	const word = "hello"
	heard := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			heard <- err
			return
		}
		defer conn.Close()
		_, err = io.WriteString(conn, word)
		heard <- err
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		listener.Close()
		<-heard
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	text := make([]byte, len(word))
	if err = conn.SetReadDeadline(deadline); err == nil {
		_, err = io.ReadFull(conn, text)
	}
	listener.Close()
	return errors.Join(err, <-heard)
}
