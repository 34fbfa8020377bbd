package main

import (
	"context"
	"errors"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/platform/service"
)

// census counts the resources that the sidecar holds while nobody asks it.
type census struct {
	goroutines  int
	connections int // to the database
	descriptors int // without those of the connections
	memory      int // resident bytes
}

// growth is the difference of two.
type growth struct{ census }

const (
	// mostConnections are the pool's, the listener's, and the API log's.
	mostConnections = poolSize + 2
	// moreMemory is the growth of a heap that is no leak: the
	// collector lets garbage gather.
	moreMemory = 24 << 20
	// settleTime is how long idle connections, or dead ones that nobody reported,
	// may be kept.
	settleTime = 45 * time.Second
	// glance is the time between two looks.
	glance = 200 * time.Millisecond
)

// settled counts until nothing changes from one look to the next two.
func (h *deployment) settled(ctx context.Context) (now census, err error) {
	const looks = 3
	for same := 0; same < looks && err == nil; {
		before := now
		if now, err = h.idleCensus(ctx); now.minus(before).quiet() {
			same++
		} else {
			same = 1
		}
		err = errors.Join(err, service.Sleep(ctx, glance))
	}
	return now, err
}

// quiet reports whether nothing moved; memory always does.
func (c census) quiet() bool { return c.goroutines == 0 && c.connections == 0 && c.descriptors == 0 }

// census looks once.
func (h *deployment) census(ctx context.Context) (census, error) {
	f, err := h.sidecar.figures(ctx, "go_goroutines", "process_open_fds", "process_resident_memory_bytes")
	if err != nil {
		return census{}, err
	}
	conns, err := h.primary.number(ctx, `SELECT count(*) FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND usename <> '`+devdb.Superuser+`'`)
	return census{
		goroutines: int(f["go_goroutines"]), connections: conns,
		descriptors: int(f["process_open_fds"]) - conns, memory: int(f["process_resident_memory_bytes"]),
	}, err
}

// idleCensus is for when no request is under way: connections of clients, and
// to the project, that wait for another request do not count.
func (h *deployment) idleCensus(ctx context.Context) (census, error) {
	h.crowd.dropIdle()
	h.project.dropIdle()
	return h.census(ctx)
}

func (c census) minus(d census) census {
	return census{c.goroutines - d.goroutines, c.connections - d.connections, c.descriptors - d.descriptors, c.memory - d.memory}
}

// grown compares with before, once all has settled or should have.
func (h *deployment) grown(ctx context.Context, before census) (*growth, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for {
		now, err := h.idleCensus(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		g := &growth{now.minus(before)}
		if g.none() && now.connections <= mostConnections {
			return g, nil
		}
		if service.Sleep(ctx, glance) != nil {
			return g, nil
		}
	}
}

func (g *growth) none() bool {
	return g.goroutines <= 0 && g.descriptors <= 0 && g.memory <= moreMemory
}

func (g *growth) judge(v *verdict) {
	for _, part := range []struct {
		name       string
		more, most int
	}{{"goroutines", g.goroutines, 0}, {"descriptors", g.descriptors, 0}, {"bytes", g.memory, moreMemory}} {
		if part.more > part.most {
			v.fail("it left %d more %s", part.more, part.name)
		}
	}
}
