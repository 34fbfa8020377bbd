package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// client is the load generator as the bench sees it: a process that takes orders.
type client struct {
	cmd    *exec.Cmd
	in     io.Closer
	orders *gob.Encoder
	yields *gob.Decoder
}

func startClient(ctx context.Context) (*client, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, loadCommand)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start load generator: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start load generator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start load generator: %w", err)
	}
	return &client{cmd: cmd, in: in, orders: gob.NewEncoder(in), yields: gob.NewDecoder(out)}, nil
}

// do has an order carried out. It may be called by one goroutine at a time.
func (c *client) do(o order) (yield, error) {
	if err := c.orders.Encode(o); err != nil {
		return yield{}, fmt.Errorf("give order: %w", err)
	}
	var y yield
	if err := c.yields.Decode(&y); err != nil {
		return yield{}, fmt.Errorf("load generator: %w", err)
	}
	if y.Err != "" {
		return y, errors.New(y.Err)
	}
	return y, nil
}

func (c *client) pid() int { return c.cmd.Process.Pid }

func (c *client) stop() error {
	c.in.Close()
	return c.cmd.Wait()
}
