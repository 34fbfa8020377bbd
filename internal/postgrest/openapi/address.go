package openapi

import (
	"net/url"
	"strconv"
	"strings"
)

// address is where clients find the API.
type address struct {
	scheme, host string
	port         int
	path         string
}

// hostPort adds no brackets to an IPv6 address; a proxy URI brings its own.
func (a address) hostPort() string { return a.host + ":" + strconv.Itoa(a.port) }

// address is that of the proxy, else that of the server itself.
func (in *Input) address() address {
	a, ok := parseProxy(in.ProxyURI)
	if !ok {
		a = address{scheme: "http", host: in.Host, port: in.Port, path: "/"}
	}
	switch a.host {
	case "*", "*4", "!4", "*6", "!6": // any address of a family
		a.host = "0.0.0.0"
	}
	return a
}

// parseProxy reads an absolute http or https URI without user, query and
// fragment. A malformed one is refused when the settings are read.
func parseProxy(text string) (a address, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || strings.ContainsAny(text, "?#") {
		return address{}, false
	}
	a.scheme = u.Scheme // lower case by now
	switch a.scheme {
	case "http":
		a.port = 80
	case "https":
		a.port = 443
	default:
		return address{}, false
	}
	a.host = u.Host
	if host, port, found := cutPort(u.Host); found {
		if a.port, err = strconv.Atoi(port); err != nil || a.port < 1 || a.port > 65535 {
			return address{}, false
		}
		a.host = host
	}
	a.path = u.EscapedPath()
	if a.path == "" {
		a.path = "/"
	}
	return a, a.host != ""
}

// cutPort leaves the brackets around an IPv6 address.
func cutPort(hostPort string) (host, port string, found bool) {
	colon := strings.LastIndexByte(hostPort, ':')
	if colon < 0 || strings.HasSuffix(hostPort, "]") {
		return hostPort, "", false
	}
	return hostPort[:colon], hostPort[colon+1:], true
}
