package replica

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// Compare asks a primary and another server whether reads may go to the latter.
// behind is what that has not replayed, in bytes of the log. An error says why
// they may not.
func Compare(ctx context.Context, primary, standby *pgx.Conn) (behind int64, err error) {
	of, s, _, err := askPrimary(primary.QueryRow(ctx, sql.Text(sql.Replica, "replica/primary.sql")))
	if err != nil {
		return 0, fmt.Errorf("ask the primary: %w", err)
	}
	var a answer
	if err := a.read(standby.QueryRow(ctx, sql.Text(sql.Replica, "replica/standby.sql"))); err != nil {
		return 0, fmt.Errorf("ask the replica: %w", err)
	}
	return max(0, s.flushed-a.replayed), a.differs(of)
}
