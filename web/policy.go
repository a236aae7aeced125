package web

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Pages can set a content security policy in a meta element. It is theirs, and
// stays as it is: where it keeps the client out, the client is not put in, since
// all it would do is to have the browser report it. Only what the client cannot do
// without is looked at, its script and its socket; the rules are those of the
// W3C's Content Security Policy Level 3, as far as they concern a script of the
// page's own server.

// forbids returns the rule of a page's policies that keeps the client out, or "".
// Host is the one that the page was asked for under, origins are others that it
// may be seen under.
func forbids(policies []string, host string, origins []string) string {
	if len(policies) == 0 {
		return ""
	}
	homes := []*url.URL{{Scheme: "http", Host: host}}
	for _, o := range origins {
		if u, err := url.Parse(o); err == nil {
			homes = append(homes, u)
		}
	}
	for _, text := range policies {
		rules := directives(text)
		for _, need := range [][]string{{"script-src-elem", "script-src", "default-src"}, {"connect-src", "default-src"}} {
			i := slices.IndexFunc(need, func(name string) bool { _, set := rules[name]; return set })
			if i < 0 {
				continue
			}
			if sources := rules[need[i]]; !permits(sources, homes, need[0] == "connect-src") {
				return strings.TrimSpace(need[i] + " " + strings.Join(sources, " "))
			}
		}
	}
	return ""
}

// directives splits a policy. Of a directive that is there twice the first counts.
func directives(policy string) map[string][]string {
	rules := map[string][]string{}
	for part := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, twice := rules[name]; !twice {
			rules[name] = words[1:]
		}
	}
	return rules
}

// permits says whether a list of sources lets the page's own server through, for
// the socket or else for a script.
func permits(sources []string, homes []*url.URL, socket bool) bool {
	for _, source := range sources {
		if !socket && strings.EqualFold(source, "'strict-dynamic'") {
			return false // of all sources, only nonces and hashes count then
		}
	}
	return slices.ContainsFunc(sources, func(source string) bool {
		source = strings.ToLower(source)
		return source == "'self'" || source == "*" || slices.ContainsFunc(homes, func(home *url.URL) bool { return names(source, home, socket) })
	})
}

// names says whether a source is the scheme or the host of a server.
func names(source string, home *url.URL, socket bool) bool {
	scheme := home.Scheme
	if socket {
		scheme = strings.Replace(scheme, "http", "ws", 1)
	}
	if only, isScheme := strings.CutSuffix(source, ":"); isScheme {
		return covers(only, scheme)
	}
	given, rest, hasScheme := strings.Cut(source, "://")
	if !hasScheme { // it is the page's own, which is not a socket's
		given, rest = home.Scheme, source
	}
	authority, path, _ := strings.Cut(rest, "/")
	name, port, hasPort := strings.Cut(authority, ":")
	want := home.Port()
	if !hasPort && (want == "" || want == defaultPorts[home.Scheme]) || port == "*" || port != "" && port == want {
		return covers(given, scheme) && sameName(name, strings.ToLower(home.Hostname())) && path == ""
	}
	return false
}

var defaultPorts = map[string]string{"http": "80", "https": "443"}

// covers says whether a scheme of a policy stands for another one: a safer one is
// always meant too.
func covers(given, scheme string) bool {
	return given == scheme || given == "http" && scheme == "https" || given == "ws" && scheme == "wss"
}

func sameName(pattern, name string) bool {
	if domain, wild := strings.CutPrefix(pattern, "*"); wild {
		return domain == "" || strings.HasPrefix(domain, ".") && strings.HasSuffix(name, domain)
	}
	return pattern == name
}

// told remembers what was said once. Its zero value has said nothing.
type told struct {
	mu   sync.Mutex // guards said
	said map[string]bool
}

// maxTold bounds the memory: a site has a few policies, or one with a nonce in each
// page, of which nobody wants to read.
const maxTold = 20

// first says whether this is to be said.
func (t *told) first(policies []string) bool {
	key := strings.Join(policies, "\n")
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.said[key] || len(t.said) >= maxTold {
		return false
	}
	if t.said == nil {
		t.said = map[string]bool{}
	}
	t.said[key] = true
	return true
}
