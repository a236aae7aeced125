package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	"docserve/internal/cli"
	"docserve/internal/project"
	"docserve/internal/python"
	"docserve/internal/serve"
	"docserve/internal/terminal"
)

// public is the address that was said, or else the one under which the machine
// forwards the port.
func public(o *cli.ServeOptions, listener net.Listener) serve.Public {
	if o.PublicURL != nil {
		return serve.PublicAt(o.PublicURL)
	}
	guessed, _ := serve.Forwarded(os.Getenv, serve.Port(listener))
	return guessed
}

// newBanner is what is said at the start.
func newBanner(o *cli.ServeOptions, p project.Project, interpreter python.Interpreter, options serve.Options) terminal.Banner {
	banner := terminal.Banner{
		URL: serve.URL(o.Host, options.Listener), Source: p.Source, Output: p.Output,
		Network: serve.NetworkURLs(options.Listener), Open: serve.Open(options.Listener),
		Python: interpreter.Path, PythonVersion: interpreter.Version, SphinxVersion: interpreter.Sphinx, PythonWhy: interpreter.Why,
	}
	if plain, why := o.Plain(); plain {
		banner.Engine, banner.EngineWhy = cli.Subprocess, why
	}
	var notes []string
	if !serve.Bound(options.Listener, o.Port) {
		notes = append(notes, fmt.Sprintf("port %d is taken; this is the next free one", o.Port))
	}
	if public := options.Public; public.URL != nil {
		banner.Local, banner.URL = banner.URL, public.URL.String()
		if public.Why != "" {
			notes = append(notes, fmt.Sprintf("the address is the one of %s; --public-url sets another one", public.Why))
		}
	}
	banner.Note = strings.Join(notes, "; ")
	return banner
}
