package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// loadCommand is the argument that makes this program a load generator, so that
// its CPU time can be separated from that of the bench.
const loadCommand = "load"

// order is one piece of work for a load generator.
type order struct {
	Address  string
	Conns    int
	Requests [][]byte // sent in turn, each as it stands on the wire
	Status   int      // that each answer must have
	For      time.Duration
	Count    int     // requests after which to stop; 0 = none
	Rate     float64 // requests/s; 0 = as fast as answers come
}

// yield is the outcome of an order.
type yield struct {
	Requests int64
	Bytes    int64
	Took     time.Duration
	Latency  histogram
	Err      string // of a connection or an answer; the rest is then worth nothing
}

// runLoader takes orders until its input ends. Connections are kept from one
// order to the next as long as address and number stay.
func runLoader(in io.Reader, out io.Writer) error {
	orders, yields := gob.NewDecoder(in), gob.NewEncoder(out)
	l := &loader{}
	defer l.disconnect()
	for {
		var o order
		err := orders.Decode(&o)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read order: %w", err)
		}
		if err := yields.Encode(l.carryOut(o)); err != nil {
			return fmt.Errorf("write yield: %w", err)
		}
	}
}

type loader struct {
	address string
	conns   []*clientConn
}

func (l *loader) disconnect() {
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

func (l *loader) connect(o order) error {
	if o.Address == l.address && o.Conns == len(l.conns) {
		return nil
	}
	l.disconnect()
	l.address = o.Address
	for range o.Conns {
		nc, err := new(net.Dialer).DialContext(context.Background(), "tcp", o.Address)
		if err != nil {
			return err
		}
		l.conns = append(l.conns, &clientConn{Conn: nc, in: bufio.NewReaderSize(nc, 64<<10)})
	}
	return nil
}

func (l *loader) carryOut(o order) yield {
	if err := l.connect(o); err != nil {
		return yield{Err: err.Error()}
	}
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		total  yield
		begin  = time.Now()
		end    = begin.Add(o.For)
		budget = o.Count / o.Conns
	)
	for i, c := range l.conns {
		wait.Go(func() {
			y, err := c.drive(o, i, begin, end, budget)
			mu.Lock()
			defer mu.Unlock()
			total.Requests += y.Requests
			total.Bytes += y.Bytes
			total.Latency.merge(y.Latency)
			if err != nil {
				total.Err = err.Error()
			}
		})
	}
	wait.Wait()
	if total.Took = time.Since(begin); total.Err != "" {
		l.disconnect()
	}
	return total
}

// clientConn speaks as much HTTP/1.1 as is needed to know where an answer
// ends. The point is to cost little beside the server.
type clientConn struct {
	net.Conn
	in *bufio.Reader
}

// drive sends requests one after the other. With a rate, a request that is
// late counts from when it should have been sent: waiting in line is latency.
func (c *clientConn) drive(o order, number int, begin, end time.Time, budget int) (y yield, err error) {
	var pause time.Duration
	due := begin
	if o.Rate > 0 {
		pause = time.Duration(float64(o.Conns) / o.Rate * float64(time.Second))
		due = begin.Add(pause * time.Duration(number) / time.Duration(o.Conns))
	}
	for i := number; budget == 0 || y.Requests < int64(budget); i++ {
		now := time.Now()
		if o.Rate > 0 {
			time.Sleep(due.Sub(now)) //nolint:forbidigo // the schedule is the point
			now, due = due, due.Add(pause)
		}
		if o.For > 0 && now.After(end) {
			return y, nil
		}
		n, err := c.exchange(o.Requests[i%len(o.Requests)], o.Status)
		if err != nil {
			return y, err
		}
		y.Latency.add(time.Since(now))
		y.Requests++
		y.Bytes += int64(n)
	}
	return y, nil
}

// exchange returns the size of the answer's body.
func (c *clientConn) exchange(request []byte, want int) (int, error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	status, length, err := c.head()
	if err != nil {
		return 0, err
	}
	if status != want {
		body, _ := c.in.Peek(min(max(length, 0), 300))
		return 0, fmt.Errorf("status %d, want %d: %s", status, want, body)
	}
	if length >= 0 {
		_, err := c.in.Discard(length)
		return length, err
	}
	return c.chunks()
}

// head reads the status line and the headers; length is -1 for chunks.
func (c *clientConn) head() (status, length int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil || len(line) < len("HTTP/1.1 200") {
		return 0, 0, errors.Join(err, errors.New("no status line"))
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return status, length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		}
	}
}

func (c *clientConn) chunks() (total int, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return total, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 32)
		if err != nil {
			return total, fmt.Errorf("chunk: %w", err)
		}
		if _, err := c.in.Discard(int(n) + 2); err != nil {
			return total, err
		}
		if n == 0 {
			return total, nil
		}
		total += int(n)
	}
}
