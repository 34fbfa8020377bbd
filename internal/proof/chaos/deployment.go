package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/romashka/sidecar/internal/proof/faultproxy"
)

//go:embed schema.sql
var schemaSQL string

// poolSize is the number of connections that the sidecar may use for requests.
const poolSize = 10

// limits are the time limits that the sidecar is given.
type limits struct {
	acquire time.Duration // for a free connection
	request time.Duration
}

// cancelGrace is how long the sidecar waits for the database's word on a query
// that it canceled because its time was over.
const cancelGrace = 3 * time.Second

// longest is the time within which each request must have its answer.
func (l limits) longest() time.Duration { return l.request + cancelGrace }

// deployment is everything that runs: two databases, a project, the sidecar, its
// clients.
type deployment struct {
	folder  string
	keep    bool
	limits  limits
	keys    *keyring
	primary *node
	standby *node // nil once it was promoted
	proxy   *faultproxy.Proxy
	project *project
	sidecar *sidecar
	crowd   *crowd
}

// openDeployment starts everything; the clients wait for crowd.resume.
func openDeployment(ctx context.Context, o options) (_ *deployment, err error) {
	h := &deployment{folder: o.folder, keep: o.folder != "", limits: limits{acquire: 3 * time.Second, request: 8 * time.Second}}
	if o.short {
		h.limits = limits{acquire: time.Second, request: 2 * time.Second}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close(ctx))
		}
	}()
	if h.folder == "" {
		if h.folder, err = os.MkdirTemp("", "romashka-chaos-"); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
		if err := os.Chmod(h.folder, 0o711); err != nil { // the database's account walks through
			return nil, fmt.Errorf("open folder: %w", err)
		}
	}
	if h.primary, h.standby, err = makeNodes(ctx, h.folder); err != nil {
		return nil, err
	}
	if h.keys, err = newKeyring(filepath.Join(h.folder, "secret")); err != nil {
		return nil, err
	}
	if h.project, err = startProject(h.keys); err != nil {
		return nil, err
	}
	if h.proxy, err = faultproxy.Open(ctx, h.primary.address()); err != nil {
		return nil, err
	}
	if h.sidecar, err = h.newSidecar(ctx, o.binary); err != nil {
		return nil, err
	}
	if err := h.sidecar.start(ctx); err != nil {
		return nil, err
	}
	const steady = 15 * time.Millisecond
	clients := 16
	if o.short {
		clients = 8
	}
	h.crowd = gather(h, clients, steady)
	return h, nil
}

// close ends all that was started, those who ask first.
func (h *deployment) close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	if h.crowd != nil {
		h.crowd.leave()
	}
	errs = append(errs, h.sidecar.stop())
	if h.proxy != nil {
		errs = append(errs, h.proxy.Close())
	}
	if h.project != nil {
		errs = append(errs, h.project.stop())
	}
	errs = append(errs, h.standby.remove(ctx), h.primary.remove(ctx))
	if !h.keep && h.folder != "" {
		errs = append(errs, os.RemoveAll(h.folder)) //nolint:gosec // a folder that was made above
	}
	return errors.Join(errs...)
}
