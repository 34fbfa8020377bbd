package doctor

import (
	"context"
	"fmt"

	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest/replica"
)

// replicas looks at the standbys that reads go to, each beside the primary.
func (e *examination) replicas(ctx context.Context) {
	if e.URI == "" || len(e.ReplicaURIs) == 0 {
		return
	}
	primary, err := e.connect(ctx, "db-uri", e.URI)
	if err != nil {
		e.checked("replica", err)
		return
	}
	defer service.Close(ctx, primary.Conn)
	for i, uri := range e.ReplicaURIs {
		e.replica(ctx, primary, i+1, uri)
	}
	e.checked("replica", nil)
}

func (e *examination) replica(ctx context.Context, primary *way, number int, uri string) {
	object := fmt.Sprintf("setting romashka-db-replica-uris (number %d)", number)
	conn, err := e.connect(ctx, object, uri)
	if err != nil {
		e.add(Finding{
			Rule: "replica", Severity: Error, Object: object,
			Fault:    "the replica cannot be reached: its reads go to the primary",
			Evidence: err.Error(),
			Remedy:   "check host, port, password and that the server lets this machine in; or take it off the list",
		})
		return
	}
	defer service.Close(ctx, conn.Conn)
	behind, err := replica.Compare(ctx, primary.Conn, conn.Conn)
	if err != nil {
		e.add(Finding{
			Rule: "replica", Severity: Error, Object: object,
			Fault:    "the replica is not used: its reads go to the primary",
			Evidence: err.Error(),
			Remedy:   "name streaming standbys of the primary, with the user and the database of db-uri",
		})
		return
	}
	const much = 16 << 20
	if behind > much {
		e.add(Finding{
			Rule: "replica", Severity: Warning, Object: object,
			Fault:    "the replica is far behind the primary",
			Evidence: fmt.Sprintf("%d MB of the log are not replayed", behind>>20),
			Remedy:   "look for long queries on it that hold up its replay (max_standby_streaming_delay), and at its disk",
		})
	}
}
