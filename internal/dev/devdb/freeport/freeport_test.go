package freeport_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
)

func TestFind(t *testing.T) {
	t.Parallel()
	port, err := freeport.Find(t.Context())
	if n, _ := strconv.Atoi(port); err != nil || n < 1024 || n >= 32768 {
		t.Fatalf("port %q, %v; want one that is given to no connection", port, err)
	}
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Error(err)
	}
}
