package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// lazy is a crowd of clients that ask for a long stream and read nothing of it,
// more of them than the pool has connections. They come again when they are cut
// off.
type lazy struct {
	cancel context.CancelFunc
	work   sync.WaitGroup
}

func (f *lazy) begin(ctx context.Context, h *deployment) error {
	ctx, f.cancel = context.WithCancel(ctx)
	for range 2 * poolSize {
		f.work.Go(func() {
			for ctx.Err() == nil {
				h.crowd.clients[0].askForMuch(ctx)
			}
		})
	}
	return nil
}

func (f *lazy) end(context.Context, *deployment) error {
	f.cancel()
	f.work.Wait()
	return nil
}

// askForMuch asks for all of the archive as CSV, over a connection of its own
// that takes little in advance, and reads nothing.
func (c *client) askForMuch(ctx context.Context) {
	const little, stay = 4 << 10, 5 * time.Second
	ctx, leave := context.WithTimeout(ctx, stay)
	defer leave()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if tcp, ok := conn.(*net.TCPConn); ok {
			err = tcp.SetReadBuffer(little)
		}
		return conn, err
	}
	token, err := c.keys.token(c.user)
	if err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.api+"/rest/v1/archive", http.NoBody)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "text/csv")
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true, ReadBufferSize: little, DisableCompression: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return
	}
	if res.StatusCode == http.StatusOK {
		<-ctx.Done()
	}
	res.Body.Close()
}
