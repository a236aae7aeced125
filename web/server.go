package web

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns a server with limits for whoever is slow, on purpose or
// not. Connections that become websockets have their own.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second, // a browser sends its headers at once, also through a slow tunnel
		ReadTimeout:       30 * time.Second, // requests have no bodies that anyone reads
		WriteTimeout:      5 * time.Minute,  // a video over a wireless network
		IdleTimeout:       2 * time.Minute,  // longer than the pause between two saves, mostly
		MaxHeaderBytes:    64 << 10,         // cookies of everything that ever ran on this localhost port add up
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
