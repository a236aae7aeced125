package serve

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"docserve/internal/origin"
)

// Bound reports whether a listener has the port that was wanted; 0 wants any.
func Bound(listener net.Listener, port int) bool {
	return port == 0 || Port(listener) == port
}

// URL is the address under which a browser on this machine finds the listener.
func URL(host string, listener net.Listener) string {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "http://" + listener.Addr().String() + "/"
	}
	switch ip := net.ParseIP(host); {
	case host == "" || ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "localhost" // either of its addresses
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// Public is an address under which others see the site, through a proxy or a
// forwarded port. The zero value is none.
type Public struct {
	URL     *url.URL // with a slash at the end; nil when there is none
	Origins []string // that pages seen there have
	Why     string   // where the address is from; "" when it was said
}

// PublicAt is the public address that was said.
func PublicAt(address *url.URL) Public {
	return Public{URL: address, Origins: []string{origin.Of(address)}}
}

// Forwarded guesses the public address of a port from the environment of a
// machine that forwards its ports. The names of the variables are those that
// GitHub Codespaces and Gitpod document; each port is a host name of its own.
func Forwarded(env func(string) string, port int) (Public, bool) {
	name, domain := env("CODESPACE_NAME"), env("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
	if name != "" && domain != "" {
		return forwarded("GitHub Codespaces", fmt.Sprintf("%s-%d.%s", name, port, domain), port)
	}
	if workspace, err := url.Parse(env("GITPOD_WORKSPACE_URL")); err == nil && workspace.Host != "" {
		return forwarded("Gitpod", fmt.Sprintf("%d-%s", port, workspace.Host), port)
	}
	return Public{}, false
}

// forwarded is the public address at a host. What forwards the port may replace
// the origin of our own pages by that of the port on this machine, as Codespaces
// does, and leave the host.
func forwarded(why, host string, port int) (Public, bool) {
	address, err := url.Parse("https://" + host + "/")
	if err != nil || address.Host != host {
		return Public{}, false
	}
	public := PublicAt(address)
	public.Origins = append(public.Origins, "http://localhost:"+strconv.Itoa(port))
	public.Why = why
	return public, true
}

// Prefix is the path of the public address; "" when there is none.
func (p Public) Prefix() string {
	if p.URL == nil {
		return ""
	}
	return p.URL.Path
}

// hosts are the names that requests may be made for.
func (p Public) hosts() []string {
	if p.URL == nil {
		return nil
	}
	return []string{p.URL.Hostname()}
}

// Port is the port of a listener; 0 when it has none.
func Port(listener net.Listener) int {
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return address.Port
}

// Open says whether others than this machine may reach a listener.
func Open(listener net.Listener) bool {
	address, ok := listener.Addr().(*net.TCPAddr)
	return ok && !address.IP.IsLoopback()
}

// NetworkURLs are the addresses under which the network finds a listener that is
// bound to all of this machine's, sorted; none when it is bound to one.
func NetworkURLs(listener net.Listener) []string {
	bound, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !bound.IP.IsUnspecified() {
		return nil
	}
	have, err := net.InterfaceAddrs()
	if err != nil {
		return nil // they are a help, no more
	}
	return networkURLs(have, bound)
}

// networkURLs are those of the addresses that others can use. One with a zone, as
// fe80::1%eth0, means something on one machine only.
func networkURLs(have []net.Addr, bound *net.TCPAddr) []string {
	var addresses []netip.Addr
	for _, a := range have {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		address := prefix.Addr().Unmap()
		if address.IsGlobalUnicast() && (address.Is4() || bound.IP.To4() == nil) {
			addresses = append(addresses, address)
		}
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	var urls []string
	for _, address := range slices.Compact(addresses) {
		urls = append(urls, "http://"+netip.AddrPortFrom(address, uint16(bound.Port)).String()+"/")
	}
	return urls
}

// triedPorts is how many ports after the default one are tried when it is taken.
const triedPorts = 20

// Listen opens the port. When the default one is taken and was not asked for,
// the next free one does.
func Listen(host string, port int, asked bool) (net.Listener, error) {
	var first error
	for try := range triedPorts {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+try)))
		if err == nil {
			return listener, nil
		}
		if first == nil {
			first = err
		}
		if asked || port == 0 {
			break
		}
	}
	return nil, fmt.Errorf("listen on port %d: %w", port, first)
}
