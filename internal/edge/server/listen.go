package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Address is where a listener binds.
type Address struct {
	// Host is a name or an address, or one of PostgREST's special values: "*",
	// "*4" and "*6" take IPv4 and IPv6, "!4" only IPv4, "!6" only IPv6.
	Host      string
	Port      int  // 0 = any free port
	ReusePort bool // several processes may share the port, where the system allows it

	Setting string // that gives the port, for messages: "server-port"

	UnixSocket     string      // path; when set, Host, Port and ReusePort are not used
	UnixSocketMode fs.FileMode // permission bits of the socket file
}

// Listen binds a. An abandoned socket file at a.UnixSocket is replaced; a file
// of another kind is not.
func Listen(ctx context.Context, a Address) (net.Listener, error) {
	if a.UnixSocket != "" {
		return listenUnix(ctx, a)
	}
	network, host := a.network()
	var lc net.ListenConfig
	if a.ReusePort {
		lc.Control = reusePort
	}
	ln, err := lc.Listen(ctx, network, net.JoinHostPort(host, strconv.Itoa(a.Port)))
	if err != nil {
		return nil, a.explain(err)
	}
	return ln, nil
}

// explain says why a cannot be listened on, and what to do.
func (a Address) explain(err error) error {
	name := cmp.Or(a.Setting, "the port")
	_, wrongName := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: %w: end the process that has port %d, or choose another port", name, syscall.EADDRINUSE, a.Port)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: %w: this user may not open port %d, choose one above 1023", name, syscall.EACCES, a.Port)
	case wrongName, errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: %q is no address of this machine: choose one, or 127.0.0.1 for this machine alone", strings.Replace(name, "port", "host", 1), a.Host)
	}
	return fmt.Errorf("%s: listen on port %d: %w", name, a.Port, err)
}

// network translates the special hosts to Go's terms.
func (a Address) network() (network, host string) {
	switch a.Host {
	case "*", "*4", "*6":
		return "tcp", "" // one socket for both families where the system has both
	case "!4":
		return "tcp4", "0.0.0.0"
	case "!6":
		return "tcp6", "::"
	}
	if ip, err := netip.ParseAddr(a.Host); err == nil && ip.Is4() {
		return "tcp4", a.Host // or Go would take 0.0.0.0 for both families
	}
	return "tcp", a.Host
}

func listenUnix(ctx context.Context, a Address) (net.Listener, error) {
	if err := removeSocket(a.UnixSocket); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "unix", a.UnixSocket)
	if err != nil {
		return nil, fmt.Errorf("listen on unix socket: %w", err)
	}
	if err := os.Chmod(a.UnixSocket, a.UnixSocketMode.Perm()); err != nil {
		return nil, errors.Join(fmt.Errorf("set mode of unix socket: %w", err), ln.Close())
	}
	return ln, nil
}

func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for unix socket: %w", err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("listen on unix socket: %s exists and is not a socket", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove old unix socket: %w", err)
	}
	return nil
}
