package web

import (
	"net"
	"net/netip"
	"strings"
)

// AllowHosts returns the check of a Host header that keeps DNS rebinding out:
// an attack needs a *name* that it points at this machine, so loopback names and
// literal addresses always pass, and of other names only bind, when it is one,
// and the allowed ones. In allowed, ".example.com" stands for that domain and
// all below it, and "*" for every name. Ports do not matter: they tell a browser
// nothing about who answers.
func AllowHosts(bind string, allowed []string) func(host string) bool {
	names := map[string]bool{}
	var domains []string
	every := false
	for _, name := range append([]string{bind}, allowed...) {
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		switch {
		case name == "*":
			every = true
		case strings.HasPrefix(name, "."):
			domains = append(domains, name)
			names[name[1:]] = true
		case name != "":
			names[name] = true
		}
	}
	return func(host string) bool {
		name, ok := hostName(host)
		if !ok {
			return false
		}
		if _, err := netip.ParseAddr(name); err == nil {
			return true
		}
		if name == "localhost" || strings.HasSuffix(name, ".localhost") || names[name] || every {
			return true
		}
		for _, domain := range domains {
			if strings.HasSuffix(name, domain) {
				return true
			}
		}
		return false
	}
}

// hostName returns the lower-case name or address in a Host header. It says
// false for what is not a host with an optional port: browsers send names in
// ASCII, also those that have other letters.
func hostName(host string) (name string, ok bool) {
	name = host
	if strings.HasPrefix(host, "[") || strings.Count(host, ":") == 1 {
		bare, port, err := net.SplitHostPort(host)
		switch {
		case err == nil && strings.Trim(port, "0123456789") == "":
			name = bare
		case strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]"):
			name = host[1 : len(host)-1]
		default:
			return "", false
		}
		if strings.HasPrefix(host, "[") != strings.Contains(name, ":") {
			return "", false // brackets are for IPv6 addresses, and they need them
		}
	}
	if strings.Contains(name, ":") {
		_, err := netip.ParseAddr(name)
		return name, err == nil && !strings.Contains(name, "%")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name, name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}
