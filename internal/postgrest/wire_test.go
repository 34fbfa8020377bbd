package postgrest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// message is one request as it stands on the wire. It may be one that no HTTP
// library would send.
type message struct {
	method, target string
	header         []string // whole lines, "Name: value"
	body           []byte
	bodiless       bool // no Content-Length even where a method is to have one
}

// answer is one HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (m message) bytes(host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", m.method, m.target, host)
	for _, line := range m.header {
		b.WriteString(line + "\r\n")
	}
	writes := m.method == http.MethodPost || m.method == http.MethodPut || m.method == http.MethodPatch
	if (writes || len(m.body) > 0) && !m.bodiless {
		b.WriteString("Content-Length: " + strconv.Itoa(len(m.body)) + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(m.body)
	return b.Bytes()
}

// send writes m to a connection of its own and reads the answer.
func (s *service) send(m message) (answer, error) {
	return exchange(s.address, m.method, m.bytes(s.address))
}

// exchange writes raw bytes and reads one answer to a request of that method.
// The answer may come before all is written: a server need not read a body that
// it refuses.
func exchange(address, method string, raw []byte) (answer, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, err
	}
	written := make(chan error, 1)
	go func() {
		_, err := conn.Write(raw)
		written <- err
	}()
	r, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		conn.Close()
		return answer{}, fmt.Errorf("read answer: %w (written: %w)", err, <-written)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read body: %w", err)
	}
	return answer{status: r.StatusCode, header: r.Header, body: body}, nil
}
