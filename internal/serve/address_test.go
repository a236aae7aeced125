package serve

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// listener is one that is bound to an address and never listens.
type listener struct {
	net.Listener
	address net.TCPAddr
}

func (l listener) Addr() net.Addr { return &l.address }

func bound(ip string, port int) listener {
	return listener{address: net.TCPAddr{IP: net.ParseIP(ip), Port: port}}
}

func TestURL(t *testing.T) {
	for _, test := range []struct{ host, bound, want string }{
		{"127.0.0.1", "127.0.0.1", "http://127.0.0.1:8001/"},
		{"localhost", "127.0.0.1", "http://localhost:8001/"},
		{"0.0.0.0", "::", "http://127.0.0.1:8001/"},
		{"", "::", "http://127.0.0.1:8001/"},
		{"::", "::", "http://localhost:8001/"},
		{"::1", "::1", "http://[::1]:8001/"},
		{"192.168.1.20", "192.168.1.20", "http://192.168.1.20:8001/"},
		{"docs.lan", "192.168.1.20", "http://docs.lan:8001/"},
	} {
		if got := URL(test.host, bound(test.bound, 8001)); got != test.want {
			t.Errorf("%s: %s, want %s", test.host, got, test.want)
		}
	}
}

// A server that is bound to an IPv6 address answers there.
func TestListenOnIPv6(t *testing.T) {
	for _, host := range []string{"::1", "::"} {
		l, err := Listen(host, 0, true)
		if err != nil {
			t.Skipf("there is no IPv6 here: %v", err)
		}
		defer l.Close()
		u, err := url.Parse(URL(host, l))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Errorf("%s: %v", u, err)
			continue
		}
		conn.Close()
		if Open(l) != (host == "::") {
			t.Errorf("%s: open is %v", host, Open(l))
		}
	}
}

func TestNetworkURLs(t *testing.T) {
	var have []net.Addr
	for _, text := range []string{"127.0.0.1/8", "::1/128", "192.168.1.20/24", "10.0.0.5/8", "fe80::1/64", "2001:db8::1/64", "169.254.3.4/16", "10.0.0.5/16"} {
		ip, network, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		network.IP = ip
		have = append(have, network)
	}
	for ip, want := range map[string][]string{
		"0.0.0.0": {"http://10.0.0.5:8000/", "http://192.168.1.20:8000/"},
		"::":      {"http://10.0.0.5:8000/", "http://192.168.1.20:8000/", "http://[2001:db8::1]:8000/"},
	} {
		if got := networkURLs(have, &net.TCPAddr{IP: net.ParseIP(ip), Port: 8000}); !slices.Equal(got, want) {
			t.Errorf("%s: %q", ip, got)
		}
	}
	for _, ip := range []string{"127.0.0.1", "192.168.1.20"} {
		if got := NetworkURLs(bound(ip, 8000)); got != nil {
			t.Errorf("bound to %s only: %q", ip, got)
		}
	}
	for _, address := range NetworkURLs(bound("::", 8000)) {
		if u, err := url.Parse(address); err != nil || u.Port() != "8000" || net.ParseIP(u.Hostname()).IsLoopback() {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestForwarded(t *testing.T) {
	for _, test := range []struct{ env, url, origins, why string }{
		{"", "", "", ""},
		{"CODESPACE_NAME=name", "", "", ""},
		{"CODESPACE_NAME=fluffy-x1 GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN=app.github.dev", "https://fluffy-x1-8001.app.github.dev/", "https://fluffy-x1-8001.app.github.dev http://localhost:8001", "GitHub Codespaces"},
		{"GITPOD_WORKSPACE_URL=https://me-docs-abc.ws-eu1.gitpod.io", "https://8001-me-docs-abc.ws-eu1.gitpod.io/", "https://8001-me-docs-abc.ws-eu1.gitpod.io http://localhost:8001", "Gitpod"},
		{"GITPOD_WORKSPACE_URL=nonsense", "", "", ""},
		{"GITPOD_WORKSPACE_URL=https://[", "", "", ""},
		{"CODESPACE_NAME=a/b\x00 GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN=app.github.dev", "", "", ""},
		{"CODESPACE_NAME=x/../../evil.test? GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN=app.github.dev", "", "", ""},
	} {
		env := map[string]string{}
		for _, word := range strings.Fields(test.env) {
			name, value, _ := strings.Cut(word, "=")
			env[name] = value
		}
		public, ok := Forwarded(func(name string) string { return env[name] }, 8001)
		address := ""
		if public.URL != nil {
			address = public.URL.String()
		}
		if address != test.url || ok != (test.url != "") || strings.Join(public.Origins, " ") != test.origins || public.Why != test.why {
			t.Errorf("%s: %s, %+v, %v", test.env, address, public, ok)
		}
		if ok && (public.Prefix() != "/" || !slices.Equal(public.hosts(), []string{public.URL.Hostname()})) {
			t.Errorf("%s: prefix %q, hosts %q", test.env, public.Prefix(), public.hosts())
		}
	}
}
