package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devstorage"
	"github.com/romashka/sidecar/internal/edge/gateway"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/platform/service"
)

// unservedHint says what helps where a developer's instance serves a path of
// the project not.
const unservedHint = "`romashka dev` serves sign-in, tables, storage and Realtime. " +
	"For the rest name a project that serves it, as in: romashka dev --set supabase-url=http://127.0.0.1:54321"

// storage is the project's /storage/v1. It is a server of its own on this
// machine's loopback, to which the gateway leads: so files stream in both
// directions, as to a real project, and are never whole in memory.
func (d *dev) storage(ctx context.Context) (server.Mount, func(), error) {
	c, err := pgxpool.ParseConfig(d.instance.AuthenticatorURL())
	if err != nil {
		return server.Mount{}, nil, fmt.Errorf("read the address of the instance: %w", err)
	}
	service.Prepare(c.ConnConfig, "romashka storage")
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return server.Mount{}, nil, fmt.Errorf("make the pool for storage: %w", err)
	}
	handler, err := devstorage.New(devstorage.Options{
		DB: pool, Folder: filepath.Join(d.instance.Folder(), "storage"), Secret: d.instance.JWTSecret(), Logger: d.log,
	})
	if err != nil {
		pool.Close()
		return server.Mount{}, nil, err
	}
	mount, closeServer, err := d.stream(ctx, handler)
	if err != nil {
		pool.Close()
		return server.Mount{}, nil, err
	}
	return mount, func() { closeServer(); pool.Close() }, nil
}

// stream serves a handler behind a gateway.
func (d *dev) stream(ctx context.Context, handler http.Handler) (server.Mount, func(), error) {
	listener, err := server.Listen(ctx, server.Address{Host: devHost})
	if err != nil {
		return server.Mount{}, nil, fmt.Errorf("listen for storage: %w", err)
	}
	to, err := gateway.New(gateway.Options{Upstream: "http://" + listener.Addr().String(), Logger: d.log})
	if err != nil {
		return server.Mount{}, nil, errors.Join(err, listener.Close())
	}
	const head = 10 * time.Second
	own := &http.Server{Handler: handler, ReadHeaderTimeout: head, BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = own.Serve(listener) // until it is closed
	}()
	closing := func() {
		to.Close()
		_ = own.Close() // the App has waited for its requests
		<-served
	}
	return server.Mount{Prefix: devstorage.Prefix, Passer: to}, closing, nil
}
