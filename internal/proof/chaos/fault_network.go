package main

import (
	"context"
	"time"
)

// distant is a database at the other end of the world, or a network that is full.
type distant struct{ each time.Duration }

func (f distant) begin(_ context.Context, h *deployment) error {
	h.proxy.Delay(f.each)
	return nil
}

func (f distant) end(_ context.Context, h *deployment) error {
	h.proxy.Delay(0)
	return nil
}

// reset is a firewall that ends connections, and lets none be made.
type reset struct{}

func (reset) begin(_ context.Context, h *deployment) error {
	h.proxy.Break()
	return nil
}

func (reset) end(_ context.Context, h *deployment) error {
	h.proxy.Mend()
	return nil
}

// vanished is a network that loses all bytes. The connections that
// were open stay silent for good; a side that does not notice by itself waits forever.
type vanished struct{}

func (vanished) begin(_ context.Context, h *deployment) error {
	h.proxy.Cut()
	return nil
}

func (vanished) end(_ context.Context, h *deployment) error {
	h.proxy.Mend()
	return nil
}
